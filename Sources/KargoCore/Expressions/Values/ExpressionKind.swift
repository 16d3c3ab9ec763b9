/// The kind of a value, as far as it is known.
enum ExpressionKind: UInt8, Sendable, CustomStringConvertible {
    /// Only evaluation tells.
    case unknown
    case null
    case bool
    case int
    case double
    case string
    case bytes
    case array
    case map
    case time
    case duration
    case zone
    case calendar
    case version
    case record
    case function

    var isNumber: Bool { self == .int || self == .double }

    /// Whether `<` has a meaning for two values of the kind.
    var isOrdered: Bool { isNumber || self == .string || self == .time || self == .duration }

    /// Whether this may turn out to be the other kind.
    func canBe(_ other: ExpressionKind) -> Bool { self == other || self == .unknown }

    /// The word for it in messages, which is what the language itself uses.
    var description: String {
        switch self {
        case .unknown: "unknown"
        case .null: "nil"
        case .bool: "bool"
        case .int: "int"
        case .double: "float"
        case .string: "string"
        case .bytes: "bytes"
        case .array: "array"
        case .map: "map"
        case .time: "time"
        case .duration: "duration"
        case .zone: "time zone"
        case .calendar: "calendar unit"
        case .version: "version"
        case .record: "structure"
        case .function: "function"
        }
    }
}
