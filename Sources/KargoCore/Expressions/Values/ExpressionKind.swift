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
    case function

    var isNumber: Bool { self == .int || self == .double }

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
        case .function: "function"
        }
    }
}
