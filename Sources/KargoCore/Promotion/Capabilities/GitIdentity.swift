/// Knows in whose name commits are made that do not say.
public protocol GitIdentity: Sendable {
    /// The identity that the operator chose.
    ///
    /// - Throws: What keeps it from being found, such as a signing key that is missing; `CancellationError` when the
    ///   task was cancelled.
    func gitUser() async throws -> GitUser
}

/// Whom git names as author and committer.
public struct GitUser: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The address.
    public var email: String
    /// The private OpenPGP key that signs, in ASCII armour; empty for unsigned commits.
    public var signingKey: String

    /// Makes an identity.
    public init(name: String, email: String, signingKey: String = "") {
        self.name = name
        self.email = email
        self.signingKey = signingKey
    }

    /// Kargo's own name, for where the operator chose none.
    public static let kargo = GitUser(name: "Kargo", email: "no-reply@kargo.io")
}
