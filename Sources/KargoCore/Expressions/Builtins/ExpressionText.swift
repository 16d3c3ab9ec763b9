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
        try budget.spend(steps: cost(of: part, in: text))
        return switch binary {
        case .contains: firstOffset(of: part, in: text) != nil
        case .startsWith: text.utf8.starts(with: part.utf8)
        default: text.utf8.reversed().starts(with: part.utf8.reversed())
        }
    }

    static func firstOffset(of part: String, in text: String) -> Int? {
        guard !part.isEmpty else { return 0 }
        return part.utf8.count > text.utf8.count ? nil : ByteSearch(part).firstOffset(in: Array(text.utf8))
    }

    /// About how many steps it takes to look for a part: some bytes are looked at several times.
    static func cost(of part: String, in text: String) -> Int {
        (part.utf8.count + text.utf8.count) * 4 / ExpressionBudget.bytesPerStep
    }

    static func test(
        _ arguments: ExpressionArguments,
        _ isTrue: (String, String) -> Bool
    ) throws(ExpressionError) -> ExpressionValue {
        .bool(isTrue(try arguments.string(at: 0), try arguments.string(at: 1)))
    }
}
