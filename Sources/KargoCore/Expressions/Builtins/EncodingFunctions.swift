/// The builtins for JSON and base64.
enum EncodingFunctions {
    static func fromJSON(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        let text = try arguments.string(at: 0)
        try budget.spend(steps: text.utf8.count / 4)
        let json: JSONValue
        do {
            json = try JSONValue(parsing: text)
        } catch {
            throw ExpressionError("the string given to fromJSON is not JSON: \(error)")
        }
        try budget.allocate(elements: json.nodeCount)
        return ExpressionValue(json, numbers: .floating)
    }

    static func toBase64(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        let text = try arguments.string(at: 0)
        try budget.allocate(bytes: text.utf8.count * 4 / 3)
        return .string(GoBase64.encode(Array(text.utf8)))
    }

    /// Bytes that are no UTF-8 become U+FFFD: a string of Go can hold them, one of ours can't.
    static func fromBase64(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        let text = try arguments.string(at: 0)
        try budget.allocate(bytes: text.utf8.count)
        guard let bytes = GoBase64.decode(text) else {
            throw ExpressionError("the string given to fromBase64 is not base64 with padding")
        }
        return .string(String(decoding: bytes, as: UTF8.self))
    }
}

extension JSONValue {
    fileprivate var nodeCount: Int {
        switch self {
        case .array(let elements): elements.reduce(1) { $0 + $1.nodeCount }
        case .object(let members): members.values.reduce(1) { $0 + $1.nodeCount }
        case .null, .bool, .int, .double, .string: 1
        }
    }
}
