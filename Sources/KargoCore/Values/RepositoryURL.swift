/// Addresses of repositories in the form by which Kargo compares them and names Freight.
public enum RepositoryURL {
    /// A Git repository: lower case, without a trailing slash and `.git`; the form `user@host:path` as `ssh://`.
    ///
    /// The user of an HTTP address is a proxy's and goes, the user of an SSH address stays. One with a query stays as
    /// it is, and so does what is no address.
    public static func normalizedGit(_ url: String) -> String {
        let text = sanitized(url).lowercased()
        guard !text.isEmpty, !text.contains(where: { $0 == "?" || $0 == " " }) else { return url }
        for scheme in ["http://", "https://", "ssh://"] where text.hasPrefix(scheme) {
            let rest = text.dropFirst(scheme.count)
            let host = rest.prefix { $0 != "/" }
            let user = scheme == "ssh://" ? nil : host.lastIndex(of: "@")
            return scheme + withoutSuffixes(user.map { rest[rest.index(after: $0)...] } ?? rest)
        }
        let host = text.prefix { $0 != ":" }
        guard isSCPHost(host) else { return url }
        let path = withoutSuffixes(text[host.endIndex...].dropFirst())
        return path.isEmpty ? "ssh://\(host)" : "ssh://\(host)/\(path)"
    }

    /// An image repository: lower case, without the names of Docker Hub and its `library/`, and without a tag.
    public static func normalizedImage(_ url: String) -> String {
        var text = sanitized(url).lowercased()[...]
        text = text.prefix { $0 != "@" }
        if let colon = text.lastIndex(of: ":"), !text[colon...].contains("/") { text = text[..<colon] }
        let hosts = ["index.docker.io/", "registry-1.docker.io/", "docker.io/"]
        if let host = hosts.first(where: text.hasPrefix) { text = text.dropFirst(host.count) }
        if text.hasPrefix("library/") { text = text.dropFirst("library/".count) }
        return String(text)
    }

    /// A chart repository: as an image repository, without `oci://`.
    public static func normalizedChart(_ url: String) -> String {
        let text = sanitized(url)
        return normalizedImage(text.lowercased().hasPrefix("oci://") ? String(text.dropFirst(6)) : text)
    }

    /// Whether the address is one of plain HTTP.
    public static func isPlainHTTP(_ url: String) -> Bool { sanitized(url).lowercased().hasPrefix("http://") }

    private static func withoutSuffixes(_ path: Substring) -> String {
        let path = path.hasSuffix("/") ? path.dropLast() : path
        return String(path.hasSuffix(".git") ? path.dropLast(4) : path)
    }

    /// Whether the text is `host` or `user@host`.
    private static func isSCPHost(_ text: Substring) -> Bool {
        let isName = { (text: Substring) in
            !text.isEmpty && text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
        }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard let host = parts.last, parts.count <= 2, parts.dropLast().allSatisfy(isName) else { return false }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isName)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// Without white space around it and characters that can't be seen.
    private static func sanitized(_ url: String) -> String {
        let visible = url.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .privateUse, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator: false
            case .spaceSeparator: scalar == " "
            default: true
            }
        }
        let text = visible.drop { $0 == " " }
        let end = text.lastIndex { $0 != " " }.map(text.index(after:)) ?? text.startIndex
        return String(text[..<end])
    }
}
