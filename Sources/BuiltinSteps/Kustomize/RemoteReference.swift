/// A directory of a Git repository, as kustomizations name it: `https://host/org/repo//path?ref=v1`.
struct RemoteReference: Sendable, Hashable {
    /// The repository, as git takes it.
    let repository: String
    /// The branch, tag or commit; nothing for the default branch.
    let revision: String?
    /// The directory in the repository; empty for its root.
    let path: String
    let includesSubmodules: Bool
    /// The file that the name may stand for as well, if it looks like one.
    let file: String?

    /// Reads a name.
    ///
    /// - Returns: Nothing if the text doesn't look like the name of something remote.
    /// - Throws: ``KustomizationProblem`` if it does, but can't be used.
    init?(_ text: String) throws(KustomizationProblem) {
        try Self.refuseOptions(in: text)
        let bare = text.hasPrefix("git::") ? String(text.dropFirst(5)) : text
        guard let (host, rest) = try Self.split(bare) else { return nil }
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let place = String(parts[0])
        let query = parts.count > 1 ? Self.parameters(of: parts[1]) : []
        let (repository, path) = Self.repository(in: place)
        if repository.isEmpty { throw KustomizationProblem(description: "\"\(text)\" names no repository") }
        let value = { (name: String) in query.last { $0.name == name && !$0.value.isEmpty }?.value }
        self.repository = host + repository
        self.revision = value("ref") ?? value("version")
        self.path = path
        includesSubmodules = value("submodules") != "false"
        let mayBeFile = host.hasPrefix("http") && parts.count == 1 && text == bare
        file = mayBeFile && !place.contains("//") && !repository.hasSuffix(".git") ? text : nil
    }

    /// Refuses what git would take for an option: a parameter whose value begins with a dash.
    ///
    /// - Throws: ``KustomizationProblem``.
    static func refuseOptions(in text: String) throws(KustomizationProblem) {
        guard let mark = text.firstIndex(of: "?") else { return }
        for (_, value) in parameters(of: text[text.index(after: mark)...]) where value.hasPrefix("-") {
            throw KustomizationProblem(
                description: "\"\(text)\" has a parameter that begins with \"-\", which git takes for an option"
            )
        }
    }

    private static func parameters(of query: Substring) -> [(name: String, value: String)] {
        FormQuery(String(query).replacing(";", with: "&")).parameters
    }

    /// The part up to the host with what separates it from the path, and the rest.
    private static func split(_ text: String) throws(KustomizationProblem) -> (host: String, rest: String)? {
        if let end = text.firstRange(of: "://") {
            let scheme = text[..<end.lowerBound].lowercased()
            guard ["https", "http", "ssh"].contains(scheme) else {
                throw KustomizationProblem(description: "\"\(text)\" is of a scheme other than https, http and ssh")
            }
            let rest = text[end.upperBound...]
            guard let slash = rest.firstIndex(of: "/"), slash > rest.startIndex, rest.first != "-" else {
                throw KustomizationProblem(description: "\"\(text)\" names no repository")
            }
            return ("\(scheme)://\(rest[...slash])", String(rest[slash...].dropFirst()))
        }
        if text.hasPrefix("github.com/") { return ("https://github.com/", String(text.dropFirst(11))) }
        if text.hasPrefix("github.com:") { return ("ssh://git@github.com/", String(text.dropFirst(11))) }
        guard let at = text.firstIndex(of: "@"), let colon = text[at...].firstIndex(of: ":") else { return nil }
        let user = text[..<at]
        let host = text[text.index(after: at)..<colon]
        let isName = { (name: Substring) in
            !name.isEmpty && name.first != "-"
                && name.utf8.allSatisfy { byte in byte > 0x20 && byte < 0x7F && !"/?#@:".utf8.contains(byte) }
        }
        guard isName(user), isName(host) else { return nil }
        let rest = text[text.index(after: colon)...]
        return ("ssh://\(user)@\(host)/", String(rest.first == "/" ? rest.dropFirst() : rest))
    }

    /// Finds where the repository ends: at `.git`, at `//`, behind Azure's `_git/NAME`, else behind two names.
    private static func repository(in place: String) -> (repository: String, path: String) {
        for suffix in [".git/", ".git"] {
            guard let end = place.firstRange(of: suffix) else { continue }
            if suffix == ".git", end.upperBound != place.endIndex { continue }
            let path = place[end.upperBound...]
            return (place[..<end.lowerBound] + ".git", String(path.drop { $0 == "/" }))
        }
        if let end = place.firstRange(of: "//") {
            return (String(place[..<end.lowerBound]), String(place[end.upperBound...]))
        }
        var names = place.split(separator: "/")
        let mark = names.firstIndex(of: "_git")
        let count = min(names.count, mark.map { $0 + 2 } ?? 2)
        let repository = names.prefix(count).joined(separator: "/")
        names.removeFirst(count)
        return (repository, names.joined(separator: "/"))
    }
}
