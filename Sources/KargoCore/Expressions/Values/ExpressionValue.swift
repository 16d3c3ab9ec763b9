/// A value of the expression language.
///
/// Integers and floating point numbers are kept apart, as Go keeps them: `%`, the bit functions and `string()` treat
/// `1` and `1.0` differently, while `==` does not. Two values are equal in Swift's sense only if they are of one kind.
public enum ExpressionValue: Sendable, Hashable {
    /// `nil`, which is also what an unknown name gives.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// An integer.
    case int(Int64)
    /// A floating point number; every number of a JSON document is one.
    case double(Double)
    /// A string.
    case string(String)
    /// A sequence of bytes, `b"…"`.
    case bytes([UInt8])
    /// An array.
    case array([ExpressionValue])
    /// A map.
    case map(ExpressionMap)
    /// A moment, with a zone in which to show it.
    indirect case time(GoTime)
    /// A length of time.
    case duration(GoDuration)
    /// A time zone.
    case zone(GoLocation)
    /// A month or a day of the week.
    case calendar(GoCalendarUnit)
    /// An integer without sign, which Go keeps apart from others; in arithmetic it becomes an integer.
    case unsigned(UInt64)
    /// A semantic version.
    indirect case version(SemanticVersion)
    /// A structure.
    indirect case record(ExpressionRecord)
    /// Something that can be called, such as `header` in `response.header("Accept")`.
    case function(ExpressionFunction)
}

extension ExpressionValue {
    /// Whether this is `nil`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The Boolean, if this is one.
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The string, if this is one.
    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// What messages call this kind of value: `"nil"`, `"bool"`, `"int"`, `"float"`, `"string"`, `"bytes"`, `"array"`,
    /// `"map"`, `"time"`, `"duration"`, `"time zone"`, `"calendar unit"`, `"version"`, `"structure"` or `"function"`.
    public var kindName: String { kind.description }

    /// What the language's own `type()` says: `"nil"`, `"bool"`, `"int"`, `"uint"`, `"float"`, `"string"`, `"array"`,
    /// `"map"`, `"func"`, or Go's name of a type that has one, such as `"time.Duration"`; of pointers `"unknown"`.
    public var typeName: String {
        switch self {
        case .bytes: "array"
        case .function: "func"
        case .time: "time.Time"
        case .duration: "time.Duration"
        case .calendar(let unit): unit.typeName
        case .unsigned: "uint"
        case .record(let record): record.typeName
        // Pointers in Go.
        case .zone, .version: "unknown"
        default: kindName
        }
    }

    var kind: ExpressionKind {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int, .unsigned: .int
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        case .array: .array
        case .map: .map
        case .time: .time
        case .duration: .duration
        case .zone: .zone
        case .calendar: .calendar
        case .version: .version
        case .record: .record
        case .function: .function
        }
    }
}

extension ExpressionValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Makes a Boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }

    /// Makes an integer.
    public init(integerLiteral value: Int64) { self = .int(value) }

    /// Makes a floating point number.
    public init(floatLiteral value: Double) { self = .double(value) }

    /// Makes a string.
    public init(stringLiteral value: String) { self = .string(value) }

    /// Makes an array.
    public init(arrayLiteral elements: ExpressionValue...) { self = .array(elements) }

    /// Makes a map whose missing keys read as `nil`; of entries with one key the last stays.
    public init(dictionaryLiteral elements: (String, ExpressionValue)...) {
        self = .map(ExpressionMap(Dictionary(elements, uniquingKeysWith: { $1 })))
    }
}
