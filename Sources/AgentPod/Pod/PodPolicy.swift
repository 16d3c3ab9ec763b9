public import ArgoCompat
public import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the operator of a controller permits agent Pods, and what he gives them: a file of YAML or JSON.
public struct PodPolicy: Sendable, Hashable, Codable {
    /// The file can't be used.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        /// The file, the field and what it must be.
        public let description: String
    }

    /// Whether sidecars may take environment variables from Secrets of the Project.
    public enum SecretReferences: String, Sendable, Hashable, Codable, CaseIterable, EmptyRepresentable {
        /// They may.
        case allow
        /// They may not.
        case deny

        /// They may.
        public init() { self = .allow }
        /// Decodes the word.
        public init(from decoder: any Decoder) throws { self = try PodPolicy.choice(from: decoder) }
    }

    /// Who chooses users and groups.
    public enum SecurityMode: String, Sendable, Hashable, Codable, CaseIterable, EmptyRepresentable {
        /// The controller: the agent runs as user and group 65532, which is the `fsGroup`.
        case standard = "default"
        /// The platform, as OpenShift's security context constraints do.
        case platform

        /// The controller.
        public init() { self = .standard }
        /// Decodes the word.
        public init(from decoder: any Decoder) throws { self = try PodPolicy.choice(from: decoder) }
    }

    /// Which credentials steps in agents may be given.
    public enum Credentials: String, Sendable, Hashable, Codable, CaseIterable, EmptyRepresentable {
        /// Those of the Project and shared ones.
        case all
        /// Those of the Project.
        case projectOnly = "project-only"

        /// All.
        public init() { self = .all }
        /// Decodes the word.
        public init(from decoder: any Decoder) throws { self = try PodPolicy.choice(from: decoder) }
    }

    /// Which plugins are sent the outputs of earlier steps.
    public enum SharedState: String, Sendable, Hashable, Codable, CaseIterable, EmptyRepresentable {
        /// All but those that say `sharedState: none`.
        case all
        /// Those that say `sharedState: all`.
        case declared

        /// All.
        public init() { self = .all }
        /// Decodes the word.
        public init(from decoder: any Decoder) throws { self = try PodPolicy.choice(from: decoder) }
    }

    /// What stands for every Project in ``pullSecrets``.
    public static let everyProject = "*"
    /// The size of a work directory that ``workspaceSize`` leaves open.
    public static let defaultWorkspaceSize = Quantity.literal("10Gi")

    /// Whether sidecars may be root: `runAsUser: 0`, `runAsNonRoot: false`, `allowPrivilegeEscalation: true`.
    @OmitEmpty public var allowRoot = false
    /// The capabilities that sidecars may add besides `NET_BIND_SERVICE`; `ALL` for every one.
    @OmitEmpty public var capabilities: [String] = []
    /// Whether sidecars may take environment variables from Secrets of the Project.
    @OmitEmpty public var secretRefs = SecretReferences.allow
    /// The user of sidecars that name none; without, that of their image.
    public var defaultRunAsUser: Int64?
    /// Who chooses users and groups.
    @OmitEmpty public var securityContext = SecurityMode.standard
    /// Which credentials steps in agents may be given.
    @OmitEmpty public var credentials = Credentials.all
    /// Which plugins are sent the outputs of earlier steps.
    @OmitEmpty public var sharedState = SharedState.all
    /// How large a work directory may become; ``defaultWorkspaceSize`` without.
    public var workspaceSize: Quantity?
    /// How long an agent may take to answer, from the making of its Pod, where the environment does not say.
    public var startTimeout: GoDuration?
    /// Annotations of agent Pods; they take the place of the controller's own of the same key.
    @OmitEmpty public var annotations: [String: String] = [:]
    /// Labels of agent Pods.
    @OmitEmpty public var labels: [String: String] = [:]
    /// What the agent asks for and may use, in the place of 50m and 64Mi to 512Mi.
    public var agentResources: ResourceRequirements?
    /// The names of the Secrets that images are pulled with, by Project; ``everyProject`` for all.
    @OmitEmpty public var pullSecrets: [String: [String]] = [:]

    /// Makes the policy of an empty file.
    public init() {}

    /// Reads a file.
    ///
    /// - Throws: ``Failure``.
    public static func load(path: String) throws(Failure) -> PodPolicy {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw Failure(description: "\(path): the Pod policy can't be read: \(error)")
        }
        do {
            return try PodPolicy(text: String(decoding: data, as: UTF8.self))
        } catch {
            throw Failure(description: "\(path): the Pod policy can't be used: \(error)")
        }
    }

    /// Reads YAML or JSON; an empty text is an empty policy.
    ///
    /// - Throws: `FieldError` for a field that no policy has, or that can't be.
    public init(text: String) throws(FieldError) {
        let value: JSONValue
        do {
            value = try JSONValue(yaml: text)
        } catch {
            throw FieldError(message: error.description)
        }
        let decoder = JSONValueDecoder(unknownFields: .rejected)
        self = try decoder.decode(PodPolicy.self, from: value.isNull ? [:] : value)
        try validate()
    }

    /// Whether sidecars may have something.
    public func permits(_ permission: SidecarProblem.Permission) -> Bool {
        switch permission {
        case .root: allowRoot
        case .capability(let name): capabilities.contains(name) || capabilities.contains("ALL")
        case .secrets: secretRefs == .allow
        }
    }

    /// Whether steps of a kind are sent the outputs of earlier ones.
    func sendsOutputs(to step: StepPlugin.Step) -> Bool {
        step.sharedState.map { $0 == .all } ?? (sharedState == .all)
    }

    /// The names of the Secrets that images of a Project's agent Pods are pulled with.
    func pullSecrets(of project: String) -> [String] {
        let names = (pullSecrets[project] ?? []) + (pullSecrets[Self.everyProject] ?? [])
        return Array(Set(names)).sorted()
    }

    private func validate() throws(FieldError) {
        for (index, name) in capabilities.enumerated() {
            let isPlain = name.utf8.allSatisfy {
                $0 == UInt8(ascii: "_") || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
            }
            guard isPlain, !name.isEmpty, !name.hasPrefix("CAP_") else {
                throw FieldError(
                    path: FieldPath("capabilities").appending(index),
                    message: "must be the name of a capability in capitals without CAP_, such as CHOWN, not \"\(name)\""
                )
            }
        }
        if let user = defaultRunAsUser {
            let lowest: Int64 = allowRoot ? 0 : 1
            guard (lowest...Int64(Int32.max)).contains(user) else {
                throw FieldError(
                    path: FieldPath("defaultRunAsUser"),
                    message: "must be between \(lowest) and \(Int32.max), not \(user)"
                        + (user == 0 ? "; root needs allowRoot: true" : "")
                )
            }
        }
        if let size = workspaceSize, size <= Quantity() {
            throw FieldError(path: FieldPath("workspaceSize"), message: "must be more than nothing, not \(size)")
        }
        if let limit = startTimeout, limit <= GoDuration() {
            throw FieldError(path: FieldPath("startTimeout"), message: "must be more than nothing, not \(limit)")
        }
        if agentResources?.claims.isEmpty == false {
            throw FieldError(path: FieldPath("agentResources", "claims"), message: "agents use none; remove it")
        }
        for (field, keys) in [("annotations", annotations.keys), ("labels", labels.keys)] {
            // These say which Pods are agents, and whose.
            guard let key = keys.sorted().first(where: { $0.hasPrefix("kargo-extended.code.org/") }) else { continue }
            throw FieldError(path: FieldPath(field, key), message: "is for the controller to set; remove it")
        }
        for (project, names) in pullSecrets.sorted(by: { $0.key < $1.key }) {
            guard let index = names.firstIndex(of: "") else { continue }
            throw FieldError(path: FieldPath("pullSecrets", project).appending(index), message: "must name a Secret")
        }
    }

    /// One of a few words; nothing is the empty one.
    private static func choice<Choice>(from decoder: any Decoder) throws -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        let word = try decoder.singleValueContainer().decode(String.self)
        guard let choice = Choice(rawValue: word) else {
            let words = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "must be \(words), not \"\(word)\""
                )
            )
        }
        return choice
    }
}

extension SidecarProblem.Permission {
    /// The field of a policy that gives it.
    package var policyField: String {
        switch self {
        case .root: "allowRoot"
        case .capability: "capabilities"
        case .secrets: "secretRefs"
        }
    }
}
