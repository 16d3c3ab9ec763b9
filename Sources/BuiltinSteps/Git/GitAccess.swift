import KargoCore

/// How to get into a remote repository.
///
/// git asks a credential helper, which answers for the URL of the repository alone: neither a redirect nor a submodule,
/// nor another repository of the host gets the password. Neither arguments nor variables hold it.
struct GitAccess: Sendable, Hashable {
    /// The repository, as the user has written it.
    let url: String
    let credentials: RepositoryCredentials?

    /// - Throws: ``GitError`` for credentials that git can't be told.
    init(url: String, credentials: RepositoryCredentials?) throws(GitError) {
        self.url = url
        let credentials = WebAddress(url).flatMap(\.credentials) ?? credentials
        if let credentials, "\(credentials.username)\(credentials.password)".utf8.contains(where: { $0 < 0x20 }) {
            throw GitError(.refused, "the credentials of the repository contain a line break or control character")
        }
        self.credentials = credentials
    }

    /// For what needs no credentials.
    init(anonymous url: String) {
        self.url = url
        credentials = nil
    }

    /// The repository as git is told of it: without a password.
    var address: String { WebAddress(url)?.withoutPassword ?? url }

    /// The protocols that git may use, on submodules too: what can be read or changed on the way, and files of this
    /// machine, only if the repository is there.
    var protocols: String {
        let url = url.lowercased()
        var names = "https:ssh"
        for name in ["git", "http"] where url.hasPrefix("\(name)://") { names += ":\(name)" }
        if isLocal { names += ":file" }
        return names
    }

    /// Whether the repository is on this machine.
    var isLocal: Bool { url.lowercased().hasPrefix("file:") || !url.prefix { $0 != "/" }.contains(":") }

    /// What a credential helper says; nil if there is no password.
    var answer: String? {
        guard WebAddress(url) != nil, let credentials, !credentials.password.isEmpty else { return nil }
        return "username=\(credentials.username)\npassword=\(credentials.password)\n"
    }

    /// What git is configured with.
    ///
    /// - Parameter file: The file that holds ``answer``.
    /// - Returns: The configuration.
    func configuration(answer file: String) -> [GitSetting] {
        guard let address = WebAddress(url) else { return [] }
        // git takes the URL for the beginning of others, too, so that the helper looks at the path itself.
        let helper = #"""
            !f() { test "$1" = get || return 0; p=; \#
            while IFS= read -r l; do case "$l" in path=*) p="${l#path=}";; esac; done; \#
            case "$p" in \#(address.paths.map(\.quoted).joined(separator: "|"))) cat \#(file.quoted);; esac; }; f
            """#
        return [
            GitSetting("credential.\(address.withoutUser).helper", helper),
            GitSetting("credential.useHttpPath", "true"),
        ]
    }

    /// The host that a key for SSH is for; nil if ssh is not what is called, or the host is no name or number.
    var sshHost: String? {
        guard WebAddress(url) == nil, !isLocal else { return nil }
        let afterScheme = url.firstRange(of: "://").map { url[$0.upperBound...] }
        var authority = (afterScheme ?? url[...]).prefix { $0 != "/" }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        let host =
            authority.hasPrefix("[") ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        let isPlain = host.utf8.allSatisfy { byte in
            byte >= 0x80 || Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber
                || "-._:%".utf8.contains(byte)
        }
        return isPlain && !host.isEmpty ? String(host) : nil
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

/// A URL of the web, and who is named in it.
private struct WebAddress {
    private let scheme: String
    /// The user and the password, as they are written.
    private let user: Substring?
    private let rest: Substring

    /// Nothing if git would not send a password there.
    init?(_ url: String) {
        guard let scheme = ["https://", "http://"].first(where: url.lowercased().hasPrefix) else { return nil }
        self.scheme = scheme
        let afterScheme = url.dropFirst(scheme.count)
        let authority = afterScheme.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let at = authority.lastIndex(of: "@")
        user = at.map { authority[..<$0] }
        rest = at.map { afterScheme[afterScheme.index(after: $0)...] } ?? afterScheme
    }

    /// As git compares addresses, which have no slash at the end.
    var withoutUser: String {
        var result = scheme + rest
        while result.hasSuffix("/") { result.removeLast() }
        return result
    }

    /// The path as git tells it to credential helpers: as it is written, or as it was asked for, without `.` and `..`.
    var paths: [String] {
        let path = withoutUser.dropFirst(scheme.count).drop { $0 != "/" }.drop { $0 == "/" }
        var names: [Substring] = []
        for name in path.split(separator: "/", omittingEmptySubsequences: false) where name != "." {
            if name == ".." { _ = names.popLast() } else { names.append(name) }
        }
        return [Self.decoded(path), Self.decoded(names.joined(separator: "/")[...])]
    }

    var withoutPassword: String {
        guard let name = user?.prefix(while: { $0 != ":" }), !name.isEmpty else { return scheme + rest }
        return "\(scheme)\(name)@\(rest)"
    }

    /// The password in it, with its user.
    var credentials: RepositoryCredentials? {
        guard let user, let colon = user.firstIndex(of: ":") else { return nil }
        let password = Self.decoded(user[user.index(after: colon)...])
        return password.isEmpty
            ? nil : RepositoryCredentials(username: Self.decoded(user[..<colon]), password: password)
    }

    /// The text with `%` and two digits read as a byte.
    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// As one word of the shell.
    fileprivate var quoted: String { "'" + replacing("'", with: #"'\''"#) + "'" }
}
