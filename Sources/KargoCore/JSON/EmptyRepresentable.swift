/// A type that has an empty value, as every type of Go has its zero value.
public protocol EmptyRepresentable {
    /// Makes the empty value.
    init()
    /// Whether this is the empty value: `""`, `0`, `false`, `[]`, `[:]`.
    var isEmptyValue: Bool { get }
}

extension EmptyRepresentable where Self: Equatable {
    /// Whether this equals what ``init()`` makes.
    public var isEmptyValue: Bool { self == Self() }
}

extension String: EmptyRepresentable {
    /// Whether the string is empty.
    public var isEmptyValue: Bool { isEmpty }
}

extension Array: EmptyRepresentable {
    /// Whether the array is empty.
    public var isEmptyValue: Bool { isEmpty }
}

extension Dictionary: EmptyRepresentable {
    /// Whether the dictionary is empty.
    public var isEmptyValue: Bool { isEmpty }
}

extension Bool: EmptyRepresentable {}
extension Int: EmptyRepresentable {}
extension Int32: EmptyRepresentable {}
extension Int64: EmptyRepresentable {}
