/// A member that is left out where it is empty: Go's `omitempty` on a field that is neither a pointer nor a struct.
///
/// Absent and `null` decode to the empty value, whatever the property's initial value, and the empty value is not
/// encoded. A pointer with `omitempty`, whose zero is encoded, is a plain Optional instead; a field without `omitempty`
/// is ``DefaultEmpty``.
@propertyWrapper
public struct OmitEmpty<Value: EmptyRepresentable> {
    /// The value, empty if the member is absent.
    public var wrappedValue: Value

    /// Wraps a value.
    public init(wrappedValue: Value) {
        self.wrappedValue = wrappedValue
    }
}

extension OmitEmpty: Sendable where Value: Sendable {}
extension OmitEmpty: Equatable where Value: Equatable {}
extension OmitEmpty: Hashable where Value: Hashable {}

extension OmitEmpty: Decodable where Value: Decodable {
    /// Decodes the value itself; a member that may be absent is read by the keyed container's overload.
    public init(from decoder: any Decoder) throws {
        wrappedValue = try Value(from: decoder)
    }
}

extension OmitEmpty: Encodable where Value: Encodable {
    /// Encodes the value itself; a member is left out by the keyed container's overload.
    public func encode(to encoder: any Encoder) throws {
        try wrappedValue.encode(to: encoder)
    }
}

extension KeyedDecodingContainer {
    /// Decodes a member that may be absent; synthesized `init(from:)` prefers this to the general method.
    public func decode<Value: Decodable>(
        _ type: OmitEmpty<Value>.Type,
        forKey key: Key
    ) throws -> OmitEmpty<Value> {
        OmitEmpty(wrappedValue: try decodeIfPresent(Value.self, forKey: key) ?? Value())
    }
}

extension KeyedEncodingContainer {
    /// Encodes a member unless it is empty; synthesized `encode(to:)` prefers this to the general method.
    public mutating func encode<Value: Encodable>(_ member: OmitEmpty<Value>, forKey key: Key) throws {
        guard !member.wrappedValue.isEmptyValue else { return }
        try encode(member.wrappedValue, forKey: key)
    }
}
