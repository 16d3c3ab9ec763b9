/// What the text that a template gives turns out to be.
enum TemplateResult {
    /// A number with its text.
    case number(Double, text: String)
    case bool(Bool)
    case json(JSONValue)
    case string(String)

    /// Reads the text in Kargo's order: quoted string, number, Boolean, JSON, string.
    init(reading text: String) {
        // A block scalar of YAML ends with a line feed, which would keep a number from being one.
        let hasLineFeed = text.utf8.last == 0x0A
        let body = hasLineFeed ? text.bytes(in: 0..<text.utf8.count - 1) : text
        let quote = UInt8(ascii: "\"")
        if body.utf8.count > 1, body.utf8.first == quote, body.utf8.last == quote {
            let inner = body.bytes(in: 1..<body.utf8.count - 1)
            self = .string(hasLineFeed ? inner + "\n" : inner)
        } else if let number = GoNumber.parse(body) {
            self = .number(number, text: body)
        } else if let bool = GoNumber.parseBool(body) {
            self = .bool(bool)
        } else if Self.mayBeJSON(body), let json = try? JSONValue(parsing: body) {
            self = .json(json)
        } else {
            self = .string(text)
        }
    }

    private static func mayBeJSON(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        return switch first {
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "f"),
            UInt8(ascii: "\""), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x20, 0x09, 0x0A, 0x0D:
            true
        default:
            false
        }
    }

    /// As a value of the language, where numbers are floating point numbers.
    var value: ExpressionValue {
        switch self {
        case .number(let value, _): .double(value)
        case .bool(let value): .bool(value)
        case .json(let value): ExpressionValue(value, numbers: .floating)
        case .string(let value): .string(value)
        }
    }

    /// As a JSON value, where a number without fraction is an integer.
    var json: JSONValue {
        get throws(ExpressionError) {
            switch self {
            case .number(let value, let text):
                if let integer = Int64(text) { return .int(integer) }
                if let integer = Int64(exactly: value), value.magnitude < 0x1p53 { return .int(integer) }
                guard value.isFinite else { throw ExpressionError("JSON has no \(GoNumber.general(value))") }
                return .double(value)
            case .bool(let value): return .bool(value)
            case .json(let value): return value
            case .string(let value): return .string(value)
            }
        }
    }
}
