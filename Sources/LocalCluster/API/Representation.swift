import KargoCore

/// In which form a client wants objects.
enum Representation: Sendable {
    case whole
    /// A table for people.
    case table
    /// The metadata only.
    case metadata
}

extension APICall {
    /// The form of objects that the `Accept` header asks for.
    var representation: Representation {
        if accept.contains("as=Table") { return .table }
        return accept.contains("as=PartialObjectMetadata") ? .metadata : .whole
    }
}

extension JSONValue {
    /// The object's metadata as an object of their own.
    var partial: JSONValue {
        ["kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": self["metadata"] ?? [:]]
    }
}

extension StoredObject {
    /// The object's metadata as an object of their own.
    func partial() throws -> JSONValue { try json().partial }
}
