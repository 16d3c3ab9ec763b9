import KargoCore

/// Bodies of requests in the media type that Go programs prefer.
///
/// `kubectl create` sends it and does not fall back to JSON; everyone who does so takes JSON as an answer. A body is
/// the bytes `k8s` and 0, then a message with the object's kind and its bytes.
enum KubernetesProtobuf {
    static let mediaType = "application/vnd.kubernetes.protobuf"

    /// Why a body was not read.
    enum Problem: Error {
        /// It is no such body.
        case malformed
        /// The kind is known in JSON only.
        case unknownKind(String)
    }

    private static let magic: [UInt8] = Array("k8s".utf8) + [0]
    private static let typeMeta = ProtobufMessage([1: .text("apiVersion"), 2: .text("kind")])

    /// The object of a body, in the form it has in JSON.
    static func object(_ body: [UInt8]) throws(Problem) -> JSONValue {
        guard body.starts(with: magic) else { throw .malformed }
        let (type, raw): (JSONValue, ArraySlice<UInt8>)
        do {
            (type, raw) = try envelope(body[magic.count...])
        } catch {
            throw .malformed
        }
        let kind = type["kind"]?.stringValue ?? ""
        guard let message = messages[kind] else { throw .unknownKind(kind) }
        do {
            var object = try message.json(raw)
            object["apiVersion"] = type["apiVersion"]
            object["kind"] = .string(kind)
            return object
        } catch {
            throw .malformed
        }
    }

    private static func envelope(
        _ bytes: ArraySlice<UInt8>
    ) throws(ProtobufReader.Malformed) -> (type: JSONValue, raw: ArraySlice<UInt8>) {
        var reader = ProtobufReader(bytes)
        var type: JSONValue = [:]
        var raw: ArraySlice<UInt8> = []
        while let (number, content) = try reader.next() {
            guard case .bytes(let bytes) = content else { continue }
            if number == 1 { type = try typeMeta.json(bytes) }
            if number == 2 { raw = bytes }
        }
        return (type, raw)
    }
}
