import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A message of Kubernetes' protobuf schema: which field has which number, and what it is in JSON.
struct ProtobufMessage: Sendable {
    /// What a field is in JSON.
    indirect enum Kind: Sendable {
        case text
        /// Base64 in JSON.
        case bytes
        case flag
        case integer
        case time
        case microTime
        /// JSON text within a message of one field.
        case json
        case message(ProtobufMessage)
        case list(Kind)
        /// From texts to something.
        case map(Kind)
    }

    struct Field: Sendable {
        var name: String
        var kind: Kind
        /// Whether the zero is a value too, as with a pointer in Go; else it means that there is none.
        var hasZero = false

        static func text(_ name: String) -> Field { Field(name: name, kind: .text) }
        static func texts(_ name: String) -> Field { Field(name: name, kind: .list(.text)) }
        static func integer(_ name: String) -> Field { Field(name: name, kind: .integer) }
        static func map(_ name: String, _ kind: Kind = .text) -> Field { Field(name: name, kind: .map(kind)) }
        static func time(_ name: String) -> Field { Field(name: name, kind: .time) }
        static func microTime(_ name: String) -> Field { Field(name: name, kind: .microTime) }
        static func message(_ name: String, _ message: ProtobufMessage) -> Field {
            Field(name: name, kind: .message(message))
        }
        static func list(_ name: String, _ message: ProtobufMessage) -> Field {
            Field(name: name, kind: .list(.message(message)))
        }
        /// A field whose zero is a value.
        static func optional(_ name: String, _ kind: Kind) -> Field { Field(name: name, kind: kind, hasZero: true) }
    }

    /// The fields by their numbers.
    var fields: [Int: Field]

    init(_ fields: [Int: Field]) { self.fields = fields }

    /// The JSON form of a message; fields that the table lacks are passed over, as protobuf wants.
    func json(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Malformed) -> JSONValue {
        var members: [String: JSONValue] = [:]
        var reader = ProtobufReader(bytes)
        while let (number, content) = try reader.next() {
            guard let field = fields[number] else { continue }
            switch field.kind {
            case .list(let kind):
                let element = try Self.value(content, kind) ?? .null
                members[field.name] = .array((members[field.name]?.arrayValue ?? []) + [element])
            case .map(let kind):
                let (key, value) = try Self.entry(content, kind)
                var entries = members[field.name]?.objectValue ?? [:]
                entries[key] = value
                members[field.name] = .object(entries)
            case let kind:
                guard let value = try Self.value(content, kind) else { continue }
                if field.hasZero || !value.isZero { members[field.name] = value }
            }
        }
        return .object(members)
    }

    /// A value; nil for a time that is not set.
    private static func value(
        _ content: ProtobufReader.Content,
        _ kind: Kind
    ) throws(ProtobufReader.Malformed) -> JSONValue? {
        switch (kind, content) {
        case (.text, .bytes(let bytes)): return .string(String(decoding: bytes, as: UTF8.self))
        case (.bytes, .bytes(let bytes)): return .string(Data(bytes).base64EncodedString())
        case (.flag, .number(let number)): return .bool(number != 0)
        case (.integer, .number(let number)): return .int(Int64(bitPattern: number))
        case (.time, .bytes(let bytes)): return try moment(bytes).map { .string(KubernetesTime($0).description) }
        case (.microTime, .bytes(let bytes)):
            return try moment(bytes).map { .string(KubernetesMicroTime($0).description) }
        case (.json, .bytes(let bytes)):
            var reader = ProtobufReader(bytes)
            guard case .bytes(let text)? = try reader.next()?.content, let value = try? JSONValue(parsing: Array(text))
            else { throw ProtobufReader.Malformed() }
            return value
        case (.message(let message), .bytes(let bytes)): return try message.json(bytes)
        default: throw ProtobufReader.Malformed()
        }
    }

    /// A pair of a map, which is a message of a key (1) and a value (2).
    private static func entry(
        _ content: ProtobufReader.Content,
        _ kind: Kind
    ) throws(ProtobufReader.Malformed) -> (String, JSONValue) {
        guard case .bytes(let bytes) = content else { throw ProtobufReader.Malformed() }
        var reader = ProtobufReader(bytes)
        var key = ""
        var value: JSONValue = ""
        while let (number, content) = try reader.next() {
            switch (number, content) {
            case (1, .bytes(let text)): key = String(decoding: text, as: UTF8.self)
            case (2, let content): value = try Self.value(content, kind) ?? .null
            default: break
            }
        }
        return (key, value)
    }

    /// Seconds (1) and nanoseconds (2) since 1970; nil for an empty message, Go's zero time.
    private static func moment(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Malformed) -> Date? {
        var reader = ProtobufReader(bytes)
        var seconds: Int64 = 0
        var nanoseconds: Int64 = 0
        while let (number, content) = try reader.next() {
            guard case .number(let count) = content else { continue }
            if number == 1 { seconds = Int64(bitPattern: count) }
            if number == 2 { nanoseconds = Int64(bitPattern: count) }
        }
        guard seconds != 0 || nanoseconds != 0 else { return nil }
        return Date(timeIntervalSince1970: Double(seconds) + Double(nanoseconds) / 1e9)
    }
}

extension JSONValue {
    fileprivate var isZero: Bool {
        switch self {
        case .null, .bool(false), .int(0), .string(""): true
        case .object(let members): members.isEmpty
        default: false
        }
    }
}
