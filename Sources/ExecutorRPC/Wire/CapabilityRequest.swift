public import KargoCore

/// What a step in the agent may want to know that only the controller can tell.
public enum CapabilityQuestion: Sendable, Hashable, Codable {
    /// The credentials of a repository, by its address as the step has it.
    case credentials(type: CredentialType, url: String)
    /// In whose name commits are made.
    case gitUser
    /// A Warehouse of the Project.
    case warehouse(name: String)
}

/// A question that an execution waits with.
public struct CapabilityRequest: Sendable, Hashable, Codable {
    /// Names the question; no two of an agent's life have the same.
    public var id: String
    /// What is asked.
    public var question: CapabilityQuestion

    /// Makes a request.
    public init(id: String, question: CapabilityQuestion) {
        self.id = id
        self.question = question
    }
}

/// What comes of a question; there may be secrets in it, which its description does not show.
public enum CapabilityReply: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The credentials of the repository.
    case credentials(username: String, password: String, sshPrivateKey: String)
    /// The identity.
    case gitUser(name: String, email: String, signingKey: String)
    /// The Warehouse.
    case warehouse(Warehouse)
    /// There is no such thing.
    case nothing
    /// The step may not have it; why, in a sentence.
    case refused(reason: String)
    /// It could not be found out; why, in a sentence.
    case failed(reason: String)

    /// What kind of reply it is.
    public var description: String {
        switch self {
        case .credentials: "credentials"
        case .gitUser: "git user"
        case .warehouse(let warehouse): "Warehouse \(warehouse.metadata.name)"
        case .nothing: "nothing"
        case .refused(let reason): "refused: \(reason)"
        case .failed(let reason): "failed: \(reason)"
        }
    }

    /// What must not be told to anybody else.
    public var secrets: [String] {
        switch self {
        case .credentials(_, let password, let key): [password, key].filter { !$0.isEmpty }
        case .gitUser(_, _, let key): key.isEmpty ? [] : [key]
        case .warehouse, .nothing, .refused, .failed: []
        }
    }
}

/// The answer to a request.
public struct CapabilityAnswer: Sendable, Hashable, Codable {
    /// The request's.
    public var id: String
    /// What came of it.
    public var reply: CapabilityReply

    /// Makes an answer.
    public init(id: String, reply: CapabilityReply) {
        self.id = id
        self.reply = reply
    }
}

/// Answers to requests of one execution.
public struct ExecutionAnswers: Sendable, Hashable, Codable {
    /// The answers.
    public var answers: [CapabilityAnswer]

    /// Makes the list.
    public init(_ answers: [CapabilityAnswer]) { self.answers = answers }
}
