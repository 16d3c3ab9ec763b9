/// What the agent has read and nobody else needs: the tokens of the sidecars, and its key.
///
/// The programs that it starts run as its own user and follow links that a plugin may have planted; they find nothing
/// to read there. A sidecar goes on reading its token, which is mounted from below the directory.
struct AgentSeal: Sendable {
    private let tokens: String
    private let key: String

    /// Names what is sealed.
    ///
    /// - Parameters:
    ///   - tokens: The directory of all tokens.
    ///   - identity: The directory of the agent's key.
    init(tokens: String, identity: String) {
        self.tokens = tokens
        key = AgentIdentity.keyFile(identity)
    }

    /// Lets the agent read, as after a restart it has to.
    func open() throws(AgentInit.Failure) {
        try AgentFiles.setMode(tokens, 0o700)
        try AgentFiles.setMode(key, 0o400)
    }

    /// Takes the right to read away, from this process too.
    func close() throws(AgentInit.Failure) {
        try AgentFiles.setMode(tokens, 0)
        try AgentFiles.setMode(key, 0)
    }
}
