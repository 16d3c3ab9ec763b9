public import KargoCore

/// The version of an API server.
public struct ServerVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The first number.
    public var major: Int
    /// The second number.
    public var minor: Int
    /// The version as the server says it, such as `v1.31.2-gke.1`.
    public var description: String

    /// Makes a version.
    public init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
        description = "v\(major).\(minor)"
    }

    /// Reads the answer to `/version`; nil if no version stands in it.
    ///
    /// Some servers have a plus sign behind the second number, and some have only the text.
    public init?(_ value: JSONValue) {
        let text = value["gitVersion"]?.stringValue ?? ""
        let parts = text.drop { $0 == "v" }.split(separator: ".").map(String.init)
        func number(_ field: String, _ index: Int) -> Int? {
            let written = value[field]?.stringValue ?? ""
            return Int(written.prefix(while: \.isWholeNumber))
                ?? (parts.indices.contains(index) ? Int(parts[index].prefix(while: \.isWholeNumber)) : nil)
        }
        guard let major = number("major", 0), let minor = number("minor", 1) else { return nil }
        self.major = major
        self.minor = minor
        description = text.isEmpty ? "v\(major).\(minor)" : text
    }

    /// Whether the left one is the older one.
    public static func < (left: ServerVersion, right: ServerVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}

extension KubernetesAPI {
    /// The version of the server; nil if it says none that can be understood.
    ///
    /// - Throws: ``KubernetesError``.
    public func serverVersion() async throws -> ServerVersion? {
        ServerVersion(try await object(APIRequest(.get, "/version")))
    }
}
