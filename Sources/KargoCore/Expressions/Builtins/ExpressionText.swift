/// Questions about strings, asked by operators or by builtins.
enum ExpressionText {
    /// `contains`, `startsWith` and `endsWith`; nothing where an operand is of the wrong kind.
    static func test(
        _ binary: BinaryOperator,
        _ left: ExpressionValue,
        _ right: ExpressionValue,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> Bool? {
        if left.isNull || right.isNull { return false }
        guard case (.string(let text), .string(let part)) = (left, right) else { return nil }
        try budget.spend(steps: text.utf8.count / 16)
        return switch binary {
        case .contains: firstOffset(of: part, in: text) != nil
        case .startsWith: text.utf8.starts(with: part.utf8)
        default: text.utf8.reversed().starts(with: part.utf8.reversed())
        }
    }

    static func firstOffset(of part: String, in text: String) -> Int? {
        part.isEmpty ? 0 : ByteSearch(part).firstOffset(in: Array(text.utf8))
    }

    static func test(
        _ arguments: ExpressionArguments,
        _ isTrue: (String, String) -> Bool
    ) throws(ExpressionError) -> ExpressionValue {
        .bool(isTrue(try arguments.string(at: 0), try arguments.string(at: 1)))
    }
}
