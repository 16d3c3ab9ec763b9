import KargoCore

/// How to get into a remote repository.
///
/// git asks a credential helper, which answers for the host of the repository alone: neither a redirect nor a submodule
/// on another host gets the password. It is in the environment of the helper, never in arguments, URLs or files.
struct GitAccess: Sendable, Hashable {
    let url: String
    let credentials: RepositoryCredentials?

    /// - Throws: ``GitError`` for credentials that git can't be told.
    init(url: String, credentials: RepositoryCredentials?) throws(GitError) {
        if let credentials, "\(credentials.username)\(credentials.password)".utf8.contains(where: { $0 < 0x20 }) {
            throw GitError(.refused, "the credentials of the repository contain a line break or control character")
        }
        self.url = url
        self.credentials = credentials
    }

    /// For what needs no credentials.
    init(anonymous url: String) {
        self.url = url
        credentials = nil
    }

    /// The scheme, host and port, if git would send a password there.
    private var origin: String? {
        for scheme in ["https://", "http://"] where url.lowercased().hasPrefix(scheme) {
            let authority = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
            return scheme + host
        }
        return nil
    }

    /// The protocols that git may use, on submodules too: files of this machine only if the repository is one.
    var protocols: String {
        let isLocal = url.lowercased().hasPrefix("file:") || !url.prefix { $0 != "/" }.contains(":")
        return "git:http:https:ssh" + (isLocal ? ":file" : "")
    }

    /// What git is configured with.
    var configuration: [GitSetting] {
        guard let origin, let credentials, !credentials.password.isEmpty else { return [] }
        let answer = #"printf 'username=%s\npassword=%s\n' "$KARGO_GIT_USERNAME" "$KARGO_GIT_PASSWORD""#
        return [GitSetting("credential.\(origin).helper", #"!f() { test "$1" = get && \#(answer); }; f"#)]
    }

    /// What the helper finds in its environment.
    var environment: [String: String] {
        guard let credentials, !configuration.isEmpty else { return [:] }
        return ["KARGO_GIT_USERNAME": credentials.username, "KARGO_GIT_PASSWORD": credentials.password]
    }

    /// What must not be told.
    var secrets: [String] { [credentials?.password ?? ""] }
}

/// One line of git's configuration.
struct GitSetting: Sendable, Hashable {
    let key: String
    let value: String

    init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}
