/// Addresses of repositories in the form by which Kargo compares them.
public enum RepositoryURL {
    /// A Git repository: lower case, without user, trailing slash and `.git`; the form `user@host:path` as `ssh://`.
    ///
    /// One with a query stays as it is.
    public static func normalizedGit(_ url: String) -> String {
        var text = sanitized(url).lowercased()
        if text.contains("?") { return text }
        if let range = text.firstRange(of: "://") {
            let scheme = text[..<range.upperBound]
            let rest = text[range.upperBound...]
            let host = rest.prefix { $0 != "/" }
            let user = host.lastIndex(of: "@").map { rest[...$0] } ?? ""
            text = String(scheme + rest.dropFirst(user.count))
        } else if let colon = text.firstIndex(of: ":") {
            let host = text[..<colon]
            let path = text[text.index(after: colon)...].drop { $0 == "/" }
            text = "ssh://\(host.split(separator: "@").last ?? host)/\(path)"
        }
        while text.hasSuffix("/") { text.removeLast() }
        if text.hasSuffix(".git") { text.removeLast(4) }
        return text
    }

    /// An image repository: lower case, without the names of Docker Hub and its `library/`.
    public static func normalizedImage(_ url: String) -> String {
        var text = sanitized(url).lowercased()
        for host in ["index.docker.io/", "registry-1.docker.io/", "docker.io/"] where text.hasPrefix(host) {
            text.removeFirst(host.count)
        }
        if text.hasPrefix("library/") { text.removeFirst("library/".count) }
        return text
    }

    /// A chart repository: as an image repository, without `oci://`.
    public static func normalizedChart(_ url: String) -> String {
        let text = sanitized(url)
        return normalizedImage(text.lowercased().hasPrefix("oci://") ? String(text.dropFirst(6)) : text)
    }

    /// Without white space around it and characters that can't be seen.
    private static func sanitized(_ url: String) -> String {
        let visible = url.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .privateUse, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
        let text = String(String.UnicodeScalarView(visible))
        let start = text.firstIndex { !$0.isWhitespace } ?? text.endIndex
        let end = text.lastIndex { !$0.isWhitespace }.map(text.index(after:)) ?? text.endIndex
        return start < end ? String(text[start..<end]) : ""
    }
}
