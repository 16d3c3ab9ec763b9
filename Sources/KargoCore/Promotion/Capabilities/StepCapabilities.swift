/// What the host of steps lets them ask for besides files; nil is what it can't give.
///
/// A controller gives all of it. An agent has none of its own and asks the controller, which knows by ``StepAccess``
/// what a step may have.
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

    /// The same without secrets that are not a Project's own: commits have the operator's name and no signature.
    ///
    /// - Parameter credentials: What the Project has.
    /// - Returns: The capabilities.
    public func projectOnly(credentials: any CredentialsDatabase) -> StepCapabilities {
        var capabilities = self
        capabilities.credentials = credentials
        capabilities.gitIdentity = gitIdentity.map(KeylessIdentity.init)
        return capabilities
    }

    private struct KeylessIdentity: GitIdentity {
        let identity: any GitIdentity

        func gitUser() async throws -> GitUser {
            var user = try await identity.gitUser()
            user.signingKey = ""
            return user
        }
    }
}

/// A step asked for what its host can't or may not give; no other attempt would do better.
public struct MissingCapability: Error, Hashable, CustomStringConvertible {
    /// What is missing, and why.
    public let description: String

    /// Makes the error of a host that has no such thing.
    ///
    /// - Parameter capability: What was asked for, as a noun: `access to Argo CD`.
    public init(_ capability: String) {
        description = "\(capability) can't be had here: the host that runs the step does not give it"
    }

    /// Makes the error of something that is refused.
    ///
    /// - Parameter refusal: What is refused, and why, in a sentence.
    public init(refusal: String) { description = refusal }
}
