import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where a git repository is, as far as its hosting service needs to know.
struct RepositoryAddress: Sendable, Hashable {
    /// `http`, or `https` also in place of anything that is neither.
    let scheme: String
    /// The name or the address of the host, in lower case.
    let host: String
    /// The port of HTTP, if it is not the usual one.
    let port: Int?
    /// The path in pieces, without `.git` at its end.
    let path: [String]
    /// Whether it was written as `user@host:path`.
    let isSCP: Bool

    /// Reads the URL of a repository, or `user@host:path`.
    ///
    /// - Throws: ``ProviderRefusal``; the message holds no password.
    init(_ text: String) throws(ProviderRefusal) {
        if !text.contains("://"), let colon = text.firstIndex(of: ":") {
            let host = text[..<colon].split(separator: "@").last ?? ""
            self = RepositoryAddress(
                scheme: "https",
                host: host,
                port: nil,
                path: text[text.index(after: colon)...],
                true
            )
        } else {
            guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased() else {
                throw ProviderRefusal(description: "the URL of the repository is malformed")
            }
            let isHTTP = scheme == "http" || scheme == "https"
            self = RepositoryAddress(
                scheme: scheme == "http" ? "http" : "https",
                host: (url.percentEncodedHost ?? "")[...],
                port: isHTTP ? url.port : nil,
                path: url.path[...],
                false
            )
        }
        guard !host.isEmpty, !path.isEmpty else {
            throw ProviderRefusal(description: "the URL of the repository must have a host and a path")
        }
    }

    private init(scheme: String, host: Substring, port: Int?, path: Substring, _ isSCP: Bool) {
        self.scheme = scheme
        self.host = host.lowercased()
        self.port = port
        self.isSCP = isSCP
        var pieces = path.split(separator: "/").map(String.init)
        if let last = pieces.last, last.hasSuffix(".git") {
            pieces[pieces.count - 1] = String(last.dropLast(4))
            if last == ".git" { pieces.removeLast() }
        }
        self.path = pieces
    }

    /// The scheme, the host and the port.
    var origin: String { "\(scheme)://\(host)\(port.map { ":\($0)" } ?? "")" }

    /// The owner and the name, where a repository has just these.
    ///
    /// - Throws: ``ProviderRefusal`` if its path has more or less.
    func ownerAndName() throws(ProviderRefusal) -> (owner: String, name: String) {
        guard path.count == 2 else {
            throw ProviderRefusal(
                description: "the path of the repository must be owner/name, not \(path.joined(separator: "/"))"
            )
        }
        return (path[0], path[1])
    }

    /// A URL with this host and another path, each piece of which is encoded.
    func url(_ path: [String]) -> String { "\(origin)/\(path.map(\.percentEncoded).joined(separator: "/"))" }
}
