/// A member that is always encoded: a Go field without `omitempty`, or a struct, which `omitempty` never leaves out.
///
/// Absent and `null` decode to the empty value, whatever the property's initial value, as in Go.
@propertyWrapper
public struct DefaultEmpty<Value: EmptyRepresentable> {
    /// The value, empty if the member is absent.
    public var wrappedValue: Value

    /// Wraps a value.
    public init(wrappedValue: Value) {
        self.wrappedValue = wrappedValue
    }
}

extension DefaultEmpty: Sendable where Value: Sendable {}
extension DefaultEmpty: Equatable where Value: Equatable {}
extension DefaultEmpty: Hashable where Value: Hashable {}

extension DefaultEmpty: Decodable where Value: Decodable {
    /// Decodes the value itself; a member that may be absent is read by the keyed container's overload.
    public init(from decoder: any Decoder) throws {
        wrappedValue = try Value(from: decoder)
    }
}

extension DefaultEmpty: Encodable where Value: Encodable {
    /// Encodes the value.
    public func encode(to encoder: any Encoder) throws {
        try wrappedValue.encode(to: encoder)
    }
}

extension KeyedDecodingContainer {
    /// Decodes a member that may be absent; synthesized `init(from:)` prefers this to the general method.
    public func decode<Value: Decodable>(
        _ type: DefaultEmpty<Value>.Type,
        forKey key: Key
    ) throws -> DefaultEmpty<Value> {
        DefaultEmpty(wrappedValue: try decodeIfPresent(Value.self, forKey: key) ?? Value())
    }
}

extension KeyedEncodingContainer {
    /// Encodes a member without the wrapper's extra level; synthesized `encode(to:)` prefers this to the general
    /// method.
    public mutating func encode<Value: Encodable>(_ member: DefaultEmpty<Value>, forKey key: Key) throws {
        try encode(member.wrappedValue, forKey: key)
    }
}
