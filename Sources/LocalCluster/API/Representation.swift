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
    /// The text of the object's metadata as an object of their own, which is taken over as it is stored.
    func partial() throws(SyntaxError) -> [UInt8] {
        var text = Array("{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":".utf8)
        if let place = try JSONValue.place(of: ["metadata"], in: body) {
            text += body[place]
        } else {
            text += "{}".utf8
        }
        text.append(UInt8(ascii: "}"))
        return text
    }
}
