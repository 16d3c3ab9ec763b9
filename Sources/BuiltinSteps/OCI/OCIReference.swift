import KargoCore

/// Names an artifact in a registry, as in `ghcr.io/a/b:1.0` or `oci://ghcr.io/charts/b@sha256:…`.
package struct OCIReference: Sendable, Hashable, CustomStringConvertible {
    /// Why a text names no artifact.
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// Which of the artifacts in a repository it is.
    enum Version: Sendable, Hashable, CustomStringConvertible {
        case tag(String)
        case digest(OCIDigest)

        /// What stands for it in a path of the registry.
        var description: String {
            switch self {
            case .tag(let tag): tag
            case .digest(let digest): digest.description
            }
        }
    }

    /// What Docker Hub is called where it is named in full.
    static let dockerHub = "index.docker.io"
    private static let dockerHubNames = ["docker.io", dockerHub, "registry-1.docker.io"]
    private static let scheme = "oci://"

    /// The host, with a port if one was given.
    let registry: String
    let repository: String
    let version: Version
    /// Whether it was written with `oci://`, as charts are.
    package let isChart: Bool

    /// Reads a reference.
    ///
    /// A name without a host is Docker Hub's, one without a version has the tag `latest`, and of tag and digest the
    /// latter counts.
    package init(_ text: String) throws(Malformed) {
        var rest = text[...]
        isChart = rest.hasPrefix(Self.scheme)
        if isChart { rest = rest.dropFirst(Self.scheme.count) }
        let malformed = { (reason: String) in Malformed(description: "the reference \"\(text)\" \(reason)") }
        var version: Version?
        if let at = rest.firstIndex(of: "@") {
            guard let digest = OCIDigest(rest[rest.index(after: at)...]) else {
                throw malformed("has a digest that is not sha256: and 64 lower case hexadecimal digits")
            }
            version = .digest(digest)
            rest = rest[..<at]
        }
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") {
            let tag = rest[rest.index(after: colon)...]
            guard Self.isTag(tag) else {
                throw malformed("has a tag that is not of letters, digits, \"_\", \".\" and \"-\", 128 at most")
            }
            version = version ?? .tag(String(tag))
            rest = rest[..<colon]
        }
        self.version = version ?? .tag("latest")
        let host = rest.prefix { $0 != "/" }
        var path = rest
        if host.endIndex < rest.endIndex, host.contains(".") || host.contains(":") || host == "localhost" {
            guard Self.isHost(host) else { throw malformed("has a host that is neither a name nor an address") }
            path = rest[host.endIndex...].dropFirst()
            registry = Self.dockerHubNames.contains(host.lowercased()) ? Self.dockerHub : host.lowercased()
        } else {
            registry = Self.dockerHub
        }
        guard Self.isRepository(path) else {
            throw malformed("has a repository that is not of lower case letters, digits, \"_\", \".\", \"-\" and \"/\"")
        }
        let isOfficial = registry == Self.dockerHub && !path.contains("/")
        repository = (isOfficial ? "library/" : "") + path
    }

    /// The tag or the digest.
    package var versionText: String { version.description }

    /// The address of the repository.
    var repositoryURL: String { "\(isChart ? Self.scheme : "")\(registry)/\(repository)" }

    /// The reference in full, without `oci://`.
    package var description: String {
        switch version {
        case .tag(let tag): "\(registry)/\(repository):\(tag)"
        case .digest(let digest): "\(registry)/\(repository)@\(digest)"
        }
    }

    /// Whether the other reference is into the same repository.
    func sharesRepository(with other: OCIReference) -> Bool {
        registry == other.registry && repository == other.repository
    }

    private static func isTag(_ text: Substring) -> Bool {
        (1...128).contains(text.utf8.count) && text.first != "." && text.first != "-"
            && text.utf8.allSatisfy { $0.isLetterOrDigit || "_.-".utf8.contains($0) }
    }

    private static func isHost(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0.isLetterOrDigit || ".-:[]_".utf8.contains($0) }
            && (try? RequestURL("https://\(text)/")) != nil
    }

    /// No part is empty or a dot or two, which would lead elsewhere in the registry.
    private static func isRepository(_ text: Substring) -> Bool {
        guard text.utf8.count <= 255 else { return false }
        return text.split(separator: "/", omittingEmptySubsequences: false)
            .allSatisfy { part in
                !part.isEmpty && part != "." && part != ".."
                    && part.utf8.allSatisfy {
                        $0.isLetterOrDigit && !$0.isUpperCase || "_.-".utf8.contains($0)
                    }
            }
    }
}

extension UInt8 {
    fileprivate var isUpperCase: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }

    fileprivate var isLetterOrDigit: Bool {
        isUpperCase || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }
}
