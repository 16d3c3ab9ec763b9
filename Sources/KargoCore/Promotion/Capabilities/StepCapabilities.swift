/// What the host of steps lets them ask for besides files; nil is what it can't give.
///
/// A controller gives all of it. An agent gives what it can get without credentials of the cluster.
public struct StepCapabilities: Sendable {
    /// How to get into repositories.
    public var credentials: any CredentialsDatabase
    /// In whose name commits are made.
    public var gitIdentity: (any GitIdentity)?
    /// Objects of the Project.
    public var controlPlane: (any ControlPlaneAccess)?
    /// Applications of Argo CD.
    public var argoCD: (any ArgoCDApplications)?

    /// Makes capabilities; without arguments there are none.
    public init(
        credentials: any CredentialsDatabase = NoCredentials(),
        gitIdentity: (any GitIdentity)? = nil,
        controlPlane: (any ControlPlaneAccess)? = nil,
        argoCD: (any ArgoCDApplications)? = nil
    ) {
        self.credentials = credentials
        self.gitIdentity = gitIdentity
        self.controlPlane = controlPlane
        self.argoCD = argoCD
    }
}

/// A step asked for what its host can't give; no other attempt would do better.
public struct MissingCapability: Error, Hashable, CustomStringConvertible {
    /// What was asked for.
    public let capability: String

    /// Makes the error.
    ///
    /// - Parameter capability: What was asked for, as a noun: `access to Argo CD`.
    public init(_ capability: String) { self.capability = capability }

    /// What to do about it.
    public var description: String {
        "\(capability) can't be had here: a Promotion with plugins runs in an agent Pod, which has no access to the "
            + "cluster; use the step in a Promotion without plugins"
    }
}
