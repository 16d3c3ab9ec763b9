/// A member that is encoded as `null` where it is nil: a Go pointer without `omitempty`, or a zero `metav1.Time`, which
/// `omitempty` never leaves out.
///
/// Absent and `null` decode to nil.
@propertyWrapper
public struct ExplicitNull<Value> {
    /// The value, or nil where the member is `null` or absent.
    public var wrappedValue: Value?

    /// Wraps a value.
    public init(wrappedValue: Value? = nil) {
        self.wrappedValue = wrappedValue
    }
}

extension ExplicitNull: Sendable where Value: Sendable {}
extension ExplicitNull: Equatable where Value: Equatable {}
extension ExplicitNull: Hashable where Value: Hashable {}

extension ExplicitNull: Decodable where Value: Decodable {
    /// Decodes the value itself; a member that may be absent is read by the keyed container's overload.
    public init(from decoder: any Decoder) throws {
        wrappedValue = try Value?(from: decoder)
    }
}

extension ExplicitNull: Encodable where Value: Encodable {
    /// Encodes the value or `null`.
    public func encode(to encoder: any Encoder) throws {
        try wrappedValue.encode(to: encoder)
    }
}

extension KeyedDecodingContainer {
    /// Decodes a member that may be absent; synthesized `init(from:)` prefers this to the general method.
    public func decode<Value: Decodable>(
        _ type: ExplicitNull<Value>.Type,
        forKey key: Key
    ) throws -> ExplicitNull<Value> {
        ExplicitNull(wrappedValue: try decodeIfPresent(Value.self, forKey: key))
    }
}
