/// Where steps of a kind run if their Promotion has an agent Pod, and what they may ask the controller for there.
///
/// A Promotion without plugins has no agent Pod; all its steps run in the controller.
public struct StepAccess: Sendable {
    /// Who runs a step.
    public enum Place: Sendable, Hashable {
        /// The controller: the step touches no file of the Promotion, so what it needs does not leave the controller.
        case controller
        /// The agent, which has the work directory.
        case agent
    }

    /// Who runs steps of the kind.
    public var place: Place
    /// What a step may ask for that runs in the agent, by its evaluated configuration and its Promotion.
    ///
    /// It is called in the controller, on a configuration that nobody has validated yet.
    public var grants: @Sendable (StepContext) -> [CapabilityGrant]

    /// Steps that the controller runs.
    public static let controller = StepAccess(place: .controller) { _ in [] }

    /// Steps that the agent runs and that need nothing but files and the network.
    public static let agent = StepAccess(place: .agent) { _ in [] }

    /// Steps that the agent runs.
    ///
    /// - Parameter grants: What they may ask for.
    /// - Returns: The access.
    public static func agent(asking grants: @escaping @Sendable (StepContext) -> [CapabilityGrant]) -> StepAccess {
        StepAccess(place: .agent, grants: grants)
    }
}

/// Something that a step in an agent may ask the controller for.
public enum CapabilityGrant: Sendable, Hashable {
    /// The credentials of a repository, by the address that the controller found, not the agent.
    case credentials(CredentialType, url: String)
    /// The credentials that steps of a kind were granted which have succeeded before this one.
    case credentialsOfEarlier(kind: String)
    /// In whose name commits are made, with the key that signs them.
    case gitUser
    /// A Warehouse of the Project.
    case warehouse(String)
}
