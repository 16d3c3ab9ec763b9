/// Decodes `Decodable` types from a ``JSONValue``.
///
/// Unlike Foundation's decoder it can tell which members of the value no type asked for, which is what "strict"
/// means for a Kubernetes manifest, and names a bad field as Kubernetes does (`spec.containers[0].image`).
public struct JSONValueDecoder: Sendable {
    /// What becomes of members that the decoded type does not have.
    public enum UnknownFields: Sendable {
        /// They are ignored.
        case ignored
        /// They are an error that names the first in order of path.
        case rejected
    }

    /// What becomes of members that the decoded type does not have.
    public var unknownFields: UnknownFields
    /// Whether a number or a Boolean is taken where a string is wanted.
    ///
    /// The Kubernetes YAML library does so, which makes `value: 8080` of an environment variable work.
    public var convertsScalarsToStrings: Bool

    /// Makes a decoder.
    public init(unknownFields: UnknownFields = .ignored, convertsScalarsToStrings: Bool = false) {
        self.unknownFields = unknownFields
        self.convertsScalarsToStrings = convertsScalarsToStrings
    }

    /// Decodes a value.
    ///
    /// - Throws: ``FieldError`` that names the field which is missing, has the wrong type or is not known.
    public func decode<T: Decodable>(_ type: T.Type, from value: JSONValue) throws(FieldError) -> T {
        guard unknownFields == .rejected else { return try decode(type, from: value, nil) }
        let (result, unknown) = try decodeReportingUnknownFields(type, from: value)
        if let path = unknown.first { throw FieldError(path: path, message: "unknown field") }
        return result
    }

    /// Decodes a value and lists the members that nothing asked for, in order of path, whatever ``unknownFields`` says.
    ///
    /// - Throws: ``FieldError`` that names the field which is missing or has the wrong type.
    public func decodeReportingUnknownFields<T: Decodable>(
        _ type: T.Type,
        from value: JSONValue
    ) throws(FieldError) -> (T, unknown: [FieldPath]) {
        let record = FieldRecord()
        let result = try decode(type, from: value, record)
        return (result, record.unknownFields)
    }

    private func decode<T: Decodable>(
        _ type: T.Type,
        from value: JSONValue,
        _ record: FieldRecord?
    ) throws(FieldError) -> T {
        let session = DecodingSession(convertsScalarsToStrings: convertsScalarsToStrings, record: record)
        do {
            return try T(from: ValueDecoder(value: value, path: nil, session: session))
        } catch let error as FieldError {
            throw error
        } catch let error as DecodingError {
            throw FieldError(error)
        } catch {
            throw FieldError(message: String(describing: error))
        }
    }
}

extension FieldError {
    /// What a `Decodable` type's own initializer had to say.
    fileprivate init(_ error: DecodingError) {
        let context: DecodingError.Context
        var path: [any CodingKey]
        switch error {
        case .keyNotFound(let key, let found):
            context = found
            path = found.codingPath + [key]
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
            context = found
            path = found.codingPath
        @unknown default:
            self.init(message: String(describing: error))
            return
        }
        let components = path.map { key in
            key.intValue.map(FieldPath.Component.index) ?? FieldPath.Component.key(key.stringValue)
        }
        self.init(path: FieldPath(components), message: context.debugDescription)
    }
}

/// What the containers of one decoding share.
struct DecodingSession {
    let convertsScalarsToStrings: Bool
    /// Where it is noted what types ask for; nil if nobody wants to know.
    let record: FieldRecord?
}

/// The members that types asked for; used by one task only, as `Decoder` is not `Sendable`.
final class FieldRecord {
    private var objects: [AskedObject] = []

    func open(_ members: [String: JSONValue], at path: PathNode?) -> AskedObject {
        let object = AskedObject(members: members, path: path)
        objects.append(object)
        return object
    }

    var unknownFields: [FieldPath] {
        // A type may open its object more than once (nested containers, a type inlined in another).
        var asked: [FieldPath: Set<String>] = [:]
        for object in objects { asked[FieldPath(object.path), default: []].formUnion(object.asked) }
        var unknown: Set<FieldPath> = []
        for object in objects {
            let path = FieldPath(object.path)
            for key in object.members.keys where asked[path]?.contains(key) != true {
                unknown.insert(path.appending(key))
            }
        }
        return unknown.sorted { $0.description < $1.description }
    }
}

final class AskedObject {
    let members: [String: JSONValue]
    let path: PathNode?
    var asked: Set<String> = []

    init(members: [String: JSONValue], path: PathNode?) {
        self.members = members
        self.path = path
    }
}

/// A path that shares its beginning with the paths around it, so that a path costs nothing until it is shown.
final class PathNode {
    let parent: PathNode?
    let component: FieldPath.Component

    init(parent: PathNode?, component: FieldPath.Component) {
        self.parent = parent
        self.component = component
    }
}

extension FieldPath {
    fileprivate init(_ node: PathNode?) {
        var components: [Component] = []
        var next = node
        while let node = next {
            components.append(node.component)
            next = node.parent
        }
        self.init(components.reversed())
    }
}

private struct PathKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }

    init(_ component: FieldPath.Component) {
        switch component {
        case .key(let key): self.init(stringValue: key)
        case .index(let index): self.init(intValue: index)
        }
    }
}

struct ValueDecoder: Decoder, SingleValueDecodingContainer {
    let value: JSONValue
    let path: PathNode?
    let session: DecodingSession

    var codingPath: [any CodingKey] { FieldPath(path).components.map(PathKey.init) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw mismatch("an object") }
        return KeyedDecodingContainer(
            ObjectContainer(
                members: members,
                asked: session.record?.open(members, at: path),
                path: path,
                session: session
            )
        )
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch("an array") }
        return ArrayContainer(elements: elements, path: path, session: session)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func mismatch(_ expected: String) -> FieldError {
        FieldError(path: FieldPath(path), message: "must be \(expected), not \(value.describedType)")
    }

    func decodeNil() -> Bool { value.isNull }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .bool(let value) = value else { throw mismatch("true or false") }
        return value
    }

    func decode(_ type: String.Type) throws -> String {
        switch value {
        case .string(let text): return text
        case .int(let number) where session.convertsScalarsToStrings: return String(number)
        case .double(let number) where session.convertsScalarsToStrings: return GoNumber.general(number)
        case .bool(let flag) where session.convertsScalarsToStrings: return flag ? "true" : "false"
        default: throw mismatch("a string")
        }
    }

    func decode(_ type: Double.Type) throws -> Double {
        switch value {
        case .double(let number): return number
        case .int(let number): return Double(number)
        default: throw mismatch("a number")
        }
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
    func decode(_ type: Int.Type) throws -> Int { try integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }

    private func integer<T: FixedWidthInteger>() throws -> T {
        guard case .int(let number) = value else { throw mismatch("an integer") }
        guard let result = T(exactly: number) else {
            throw FieldError(path: FieldPath(path), message: "must be between \(T.min) and \(T.max), not \(number)")
        }
        return result
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        do {
            return try T(from: self)
        } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
            // Thrown by a type that parses a string and knows only that string.
            throw FieldError(path: FieldPath(path), message: context.debugDescription)
        }
    }
}

private struct ObjectContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [String: JSONValue]
    let asked: AskedObject?
    let path: PathNode?
    let session: DecodingSession

    var codingPath: [any CodingKey] { FieldPath(path).components.map(PathKey.init) }

    var allKeys: [Key] {
        asked?.asked.formUnion(members.keys)
        return members.keys.compactMap(Key.init(stringValue:))
    }

    func contains(_ key: Key) -> Bool {
        asked?.asked.insert(key.stringValue)
        return members[key.stringValue] != nil
    }

    private func decoder(for key: Key) throws -> ValueDecoder {
        guard let decoder = decoderIfPresent(for: key) else {
            throw FieldError(path: FieldPath(path).appending(key.stringValue), message: "is required")
        }
        return decoder
    }

    private func decoderIfPresent(for key: Key) -> ValueDecoder? {
        let name = key.stringValue
        asked?.asked.insert(name)
        guard let value = members[name] else { return nil }
        return ValueDecoder(value: value, path: PathNode(parent: path, component: .key(name)), session: session)
    }

    func decodeNil(forKey key: Key) throws -> Bool { try decoder(for: key).decodeNil() }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try decoder(for: key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try decoder(for: key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try decoder(for: key).decode(type) }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try decoder(for: key).decode(type) }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        guard let decoder = decoderIfPresent(for: key), !decoder.decodeNil() else { return nil }
        return try decoder.decode(type)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try decoder(for: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(for: key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        ValueDecoder(value: .object(members), path: path, session: session)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(for: key) }
}

private struct ArrayContainer: UnkeyedDecodingContainer {
    let elements: [JSONValue]
    let path: PathNode?
    let session: DecodingSession
    var currentIndex = 0

    init(elements: [JSONValue], path: PathNode?, session: DecodingSession) {
        self.elements = elements
        self.path = path
        self.session = session
    }

    var codingPath: [any CodingKey] { FieldPath(path).components.map(PathKey.init) }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    private mutating func next() throws -> ValueDecoder {
        let node = PathNode(parent: path, component: .index(currentIndex))
        guard !isAtEnd else { throw FieldError(path: FieldPath(node), message: "is required") }
        defer { currentIndex += 1 }
        return ValueDecoder(value: elements[currentIndex], path: node, session: session)
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, elements[currentIndex].isNull else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().decode(type) }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}

extension JSONValue {
    /// The kind of value with its article, for messages.
    fileprivate var describedType: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): GoNumber.general(value)
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
