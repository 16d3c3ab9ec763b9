public import KargoCore

/// What steps in an agent may ask for: everything is a question to the controller, which knows what the step may have.
///
/// It works in tasks of an execution only. Which Project is asked about is the controller's to say; what a step gives
/// is not passed on.
public struct BrokeredCapabilities: CredentialsDatabase, GitIdentity, ControlPlaneAccess {
    /// The controller could not find out.
    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Makes capabilities.
    public init() {}

    /// All that an agent has.
    public static var capabilities: StepCapabilities {
        let broker = BrokeredCapabilities()
        return StepCapabilities(credentials: broker, gitIdentity: broker, controlPlane: broker)
    }

    /// Asks for the credentials of a repository.
    ///
    /// - Throws: `MissingCapability` if the step may not have them; what kept the controller from finding them.
    public func credentials(
        _ type: CredentialType,
        for url: String,
        project: String
    ) async throws -> RepositoryCredentials? {
        switch try await Self.ask(.credentials(type: type, url: url)) {
        case .credentials(let username, let password, let key):
            return RepositoryCredentials(username: username, password: password, sshPrivateKey: key)
        case .nothing: return nil
        case let other: throw Self.mismatch(other)
        }
    }

    /// Asks for the identity that the operator chose.
    ///
    /// - Throws: `MissingCapability` if the step may not have it; what kept the controller from finding it.
    public func gitUser() async throws -> GitUser {
        switch try await Self.ask(.gitUser) {
        case .gitUser(let name, let email, let key): return GitUser(name: name, email: email, signingKey: key)
        case let other: throw Self.mismatch(other)
        }
    }

    /// Asks for a Warehouse.
    ///
    /// - Throws: `MissingCapability` if the step may not have it; what kept the controller from reading it.
    public func warehouse(_ name: String, project: String) async throws -> Warehouse? {
        switch try await Self.ask(.warehouse(name: name)) {
        case .warehouse(let warehouse): return warehouse
        case .nothing: return nil
        case let other: throw Self.mismatch(other)
        }
    }

    /// Fails: steps that write to Stages and Freight run in the controller.
    public func setMetadata(
        _ values: [String: JSONValue],
        of target: MetadataTarget,
        project: String
    ) async throws {
        throw MissingCapability("writing to Stages and Freight")
    }

    /// Fails: steps that write to Freight run in the controller.
    public func setFreightAlias(_ alias: String, of freight: String, project: String) async throws -> String {
        throw MissingCapability("writing to Freight")
    }

    /// Fails: steps that write Events run in the controller.
    public func recordEvent(_ event: Event) async throws { throw MissingCapability("writing Events") }

    private static func ask(_ question: CapabilityQuestion) async throws -> CapabilityReply {
        guard let desk = CapabilityDesk.current else { throw MissingCapability("asking the controller") }
        let reply = try await desk.ask(question)
        switch reply {
        case .refused(let reason): throw MissingCapability(refusal: reason)
        case .failed(let reason): throw Failure(description: reason)
        case .credentials, .gitUser, .warehouse, .nothing: return reply
        }
    }

    private static func mismatch(_ reply: CapabilityReply) -> Failure {
        Failure(description: "the controller's answer is of another kind: \(reply)")
    }
}
