import KargoCore

/// A request to the API server in the words of RBAC.
struct AskedRequest: Sendable, Hashable, CustomStringConvertible {
    var verb: String
    /// Empty for the core group.
    var group: String
    /// With its subresource, as in `pods/log`; empty for what is no resource, such as `/version`.
    var resource: String
    /// Empty for objects of the cluster, and for a look into all namespaces.
    var namespace: String
    /// Empty for a collection.
    var name: String

    /// Reads a request line.
    init(method: String, uri: String, body: [UInt8] = []) {
        let (path, query) = uri.firstIndex(of: "?").map { (uri[..<$0], uri[$0...]) } ?? (uri[...], "")
        var parts = path.split(separator: "/").map(String.init)
        (group, resource, namespace, name) = ("", "", "", "")
        let known = parts.first == "api" ? 2 : parts.first == "apis" ? 3 : Int.max
        if parts.count > known {
            if known == 3 { group = parts[1] }
            parts.removeFirst(known)
            if parts.count > 2, parts[0] == "namespaces" {
                namespace = parts[1]
                parts.removeFirst(2)
            }
            resource = parts[0]
            if parts.count > 1 { name = parts[1] }
            if parts.count > 2 { resource += "/\(parts[2])" }
        }
        let isWatch = query.contains("watch=true") || query.contains("watch=1")
        verb =
            switch (method, name.isEmpty) {
            case ("GET", true): isWatch ? "watch" : "list"
            case ("GET", false): "get"
            case ("POST", _): "create"
            case ("PUT", _): "update"
            case ("PATCH", _): "patch"
            case ("DELETE", true): "deletecollection"
            case ("DELETE", false): "delete"
            default: method.lowercased()
            }
    }

    /// Whether it changes something.
    var isWrite: Bool { !["get", "list", "watch"].contains(verb) }

    var description: String {
        let place = namespace.isEmpty ? "" : " in \(namespace)"
        return "\(verb) \(group.isEmpty ? "" : "\(group)/")\(resource)\(name.isEmpty ? "" : " \(name)")\(place)"
    }
}
