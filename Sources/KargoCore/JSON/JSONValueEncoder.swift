/// Encodes `Encodable` types as ``JSONValue``.
public struct JSONValueEncoder: Sendable {
    /// Makes an encoder.
    public init() {}

    /// Encodes a value.
    ///
    /// - Throws: What the value's own `encode(to:)` throws; the standard library's types throw nothing.
    public func encode(_ value: some Encodable) throws -> JSONValue {
        try EncodedNode.encoding(value, at: []).value
    }
}

/// A value that is still being written; the containers of one encoding share it, on one task.
private final class EncodedNode {
    private enum Content {
        case nothing
        case value(JSONValue)
        case array([EncodedNode])
        case object([String: EncodedNode])
    }

    private var content = Content.nothing

    var value: JSONValue {
        switch content {
        case .nothing: .object([:])
        case .value(let value): value
        case .array(let nodes): .array(nodes.map(\.value))
        case .object(let nodes): .object(nodes.mapValues(\.value))
        }
    }

    static func encoding(_ value: some Encodable, at path: [any CodingKey]) throws -> EncodedNode {
        let node = EncodedNode()
        if let json = value as? JSONValue {
            node.set(json)
        } else {
            try value.encode(to: ValueEncoder(node: node, codingPath: path))
        }
        return node
    }

    func set(_ value: JSONValue) { content = .value(value) }

    var count: Int {
        if case .array(let nodes) = content { nodes.count } else { 0 }
    }

    func becomeObject() {
        if case .object = content { return }
        content = .object([:])
    }

    func becomeArray() {
        if case .array = content { return }
        content = .array([])
    }

    func set(_ node: EncodedNode, forKey key: String) {
        guard case .object(var nodes) = content else { return }
        content = .nothing
        nodes[key] = node
        content = .object(nodes)
    }

    func append(_ node: EncodedNode) {
        guard case .array(var nodes) = content else { return }
        content = .nothing
        nodes.append(node)
        content = .array(nodes)
    }
}

private struct ValueEncoder: Encoder, SingleValueEncodingContainer {
    let node: EncodedNode
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        node.becomeObject()
        return KeyedEncodingContainer(ObjectEncodingContainer(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.becomeArray()
        return ArrayEncodingContainer(node: node, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeNil() { node.set(.null) }
    func encode(_ value: Bool) { node.set(.bool(value)) }
    func encode(_ value: String) { node.set(.string(value)) }
    func encode(_ value: Double) { node.set(.double(value)) }
    func encode(_ value: Float) { node.set(.double(Double(value))) }
    func encode(_ value: Int) { node.set(.int(Int64(value))) }
    func encode(_ value: Int8) { node.set(.int(Int64(value))) }
    func encode(_ value: Int16) { node.set(.int(Int64(value))) }
    func encode(_ value: Int32) { node.set(.int(Int64(value))) }
    func encode(_ value: Int64) { node.set(.int(value)) }
    func encode(_ value: UInt) { node.set(JSONValue(UInt64(value))) }
    func encode(_ value: UInt8) { node.set(.int(Int64(value))) }
    func encode(_ value: UInt16) { node.set(.int(Int64(value))) }
    func encode(_ value: UInt32) { node.set(.int(Int64(value))) }
    func encode(_ value: UInt64) { node.set(JSONValue(value)) }
    func encode(_ value: some Encodable) throws {
        node.set(try EncodedNode.encoding(value, at: codingPath).value)
    }
}

extension JSONValue {
    /// A number of 64 bits; one beyond `Int64` loses precision, as in any reader of JSON that has only doubles.
    fileprivate init(_ value: UInt64) {
        self = Int64(exactly: value).map(JSONValue.int) ?? .double(Double(value))
    }
}

private struct ObjectEncodingContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: EncodedNode
    let codingPath: [any CodingKey]

    private func child(_ key: some CodingKey) -> ValueEncoder {
        let child = EncodedNode()
        node.set(child, forKey: key.stringValue)
        return ValueEncoder(node: child, codingPath: codingPath + [key])
    }

    func encodeNil(forKey key: Key) { child(key).encodeNil() }

    func encode(_ value: some Encodable, forKey key: Key) throws {
        node.set(try EncodedNode.encoding(value, at: codingPath + [key]), forKey: key.stringValue)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        child(key).container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { child(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { ValueEncoder(node: node, codingPath: codingPath) }
    func superEncoder(forKey key: Key) -> any Encoder { child(key) }
}

private struct ArrayEncodingContainer: UnkeyedEncodingContainer {
    let node: EncodedNode
    let codingPath: [any CodingKey]
    var count: Int { node.count }

    private func child() -> ValueEncoder {
        let child = EncodedNode()
        node.append(child)
        return ValueEncoder(node: child, codingPath: codingPath)
    }

    func encodeNil() { child().encodeNil() }
    func encode(_ value: some Encodable) throws { node.append(try EncodedNode.encoding(value, at: codingPath)) }

    func nestedContainer<NestedKey: CodingKey>(keyedBy keyType: NestedKey.Type) -> KeyedEncodingContainer<NestedKey> {
        child().container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { child().unkeyedContainer() }
    func superEncoder() -> any Encoder { child() }
}
