/// A JSON value of any shape.
///
/// Integers and floating point numbers are kept apart, as Kubernetes keeps them: `1` is ``int(_:)``, `1.0` is
/// ``double(_:)``, and the two are not equal.
public enum JSONValue: Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case int(Int64)
    /// Any other number.
    case double(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object; the order of its members carries no meaning.
    case object([String: JSONValue])
}

extension JSONValue {
    /// The string, if this is one.
    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The Boolean, if this is one.
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The integer, if this is one.
    public var intValue: Int64? {
        if case .int(let value) = self { value } else { nil }
    }

    /// The elements, if this is an array.
    public var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members, if this is an object.
    public var objectValue: [String: JSONValue]? {
        if case .object(let value) = self { value } else { nil }
    }

    /// Whether this is `null`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// What JSON calls this kind of value: `"null"`, `"boolean"`, `"integer"`, `"number"`, `"string"`, `"array"` or
    /// `"object"`.
    public var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .int: "integer"
        case .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The member of an object.
    ///
    /// Reading from anything but an object gives nil. Writing to anything but an object replaces it with an object
    /// that has this one member; writing nil removes the member.
    public subscript(key: String) -> JSONValue? {
        get {
            if case .object(let members) = self { members[key] } else { nil }
        }
        set {
            if case .object(var members) = self {
                self = .null
                members[key] = newValue
                self = .object(members)
            } else if let newValue {
                self = .object([key: newValue])
            }
        }
    }

    /// The value at a path of member names, or nil where the path leaves the value.
    public subscript(path path: String...) -> JSONValue? {
        get { self[path: path[...]] }
        set { self[path: path[...]] = newValue }
    }

    private subscript(path path: ArraySlice<String>) -> JSONValue? {
        get {
            guard let key = path.first else { return self }
            return self[key]?[path: path.dropFirst()]
        }
        set {
            guard let key = path.first else {
                self = newValue ?? .null
                return
            }
            guard path.count > 1 else {
                self[key] = newValue
                return
            }
            var child = self[key] ?? .null
            if newValue == nil, child.objectValue == nil { return }
            self[key] = .null
            child[path: path.dropFirst()] = newValue
            self[key] = child
        }
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Makes `null`.
    public init(nilLiteral: ()) { self = .null }

    /// Makes a Boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }

    /// Makes an integer.
    public init(integerLiteral value: Int64) { self = .int(value) }

    /// Makes a floating point number.
    public init(floatLiteral value: Double) { self = .double(value) }

    /// Makes a string.
    public init(stringLiteral value: String) { self = .string(value) }

    /// Makes an array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// Makes an object; of members with one name the last stays.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}
