import KargoCore

/// A user and a password, as a Secret has them.
struct BasicCredentials: CredentialProvider {
    func supports(_ request: CredentialRequest) -> Bool {
        request.secret.map { $0.contains("username") && $0.contains("password") } ?? false
    }

    func credentials(for request: CredentialRequest) throws -> RepositoryCredentials? {
        guard let secret = request.secret else { return nil }
        return RepositoryCredentials(
            username: try secret.required("username"),
            password: try secret.required("password")
        )
    }
}

/// A key for SSH, as a Secret has it.
struct SSHCredentials: CredentialProvider {
    func supports(_ request: CredentialRequest) -> Bool { request.secret?.contains("sshPrivateKey") ?? false }

    func credentials(for request: CredentialRequest) throws -> RepositoryCredentials? {
        guard let secret = request.secret else { return nil }
        return RepositoryCredentials(sshPrivateKey: try secret.required("sshPrivateKey"))
    }
}
