extension ExpressionInterpreter {
    mutating func apply(
        _ unary: UnaryOperator,
        to operand: NodeID,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        switch unary {
        case .not:
            return .bool(!(try isTrue(operand, "the operand of 'not'")))
        case .minus:
            let value = try evaluate(operand)
            guard let result = ExpressionArithmetic.negate(value) else {
                throw interruption("'-' needs a number, and this is \(value.kind.withArticle)", at: operand)
            }
            return result
        case .plus:
            // The original leaves any value as it is.
            return try evaluate(operand)
        }
    }

    mutating func apply(
        _ binary: BinaryOperator,
        _ leftNode: NodeID,
        _ rightNode: NodeID,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        switch binary {
        case .or:
            // Like the original, this asks nothing of the right operand, which is the result as it is.
            return try isTrue(leftNode, "the left operand of 'or'") ? .bool(true) : try evaluate(rightNode)
        case .and:
            return try isTrue(leftNode, "the left operand of 'and'") ? try evaluate(rightNode) : .bool(false)
        case .coalesce:
            let left = try evaluate(leftNode)
            return left.isNull ? try evaluate(rightNode) : left
        default:
            let left = try evaluate(leftNode)
            let right = try evaluate(rightNode)
            return try combine(binary, left, right, at: id)
        }
    }

    private mutating func combine(
        _ binary: BinaryOperator,
        _ left: ExpressionValue,
        _ right: ExpressionValue,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        do throws(ExpressionError) {
            switch binary {
            case .equal:
                return .bool(try ExpressionComparison.areEqual(left, right, &budget))
            case .notEqual:
                return .bool(!(try ExpressionComparison.areEqual(left, right, &budget)))
            case .in:
                return .bool(try ExpressionComparison.contains(right, left, &budget))
            case .less, .lessOrEqual, .greater, .greaterOrEqual:
                try budget.spend(steps: min(left.textCost, right.textCost))
                guard let result = ExpressionComparison.order(binary, left, right) else { break }
                return .bool(result)
            case .matches:
                guard let result = try match(left, right) else { break }
                return .bool(result)
            case .contains, .startsWith, .endsWith:
                guard let result = try ExpressionText.test(binary, left, right, &budget) else { break }
                return .bool(result)
            case .range:
                guard let result = try ExpressionArithmetic.range(left, right, &budget) else { break }
                return result
            case .add:
                if case (.string(let first), .string(let second)) = (left, right) {
                    try budget.allocate(bytes: first.utf8.count + second.utf8.count)
                    return .string(first + second)
                }
                if let result = ExpressionArithmetic.add(left, right) { return result }
                guard let result = TimeArithmetic.combine(binary, left, right) else { break }
                return result
            default:
                if let result = try ExpressionArithmetic.combine(binary, left, right) { return result }
                guard let result = TimeArithmetic.combine(binary, left, right) else { break }
                return result
            }
        } catch {
            throw interruption(error, at: id)
        }
        throw mismatch(binary, left, right, at: id)
    }

    private mutating func mismatch(
        _ binary: BinaryOperator,
        _ left: ExpressionValue,
        _ right: ExpressionValue,
        at id: NodeID
    ) -> ExpressionInterruption {
        let kinds = "between \(left.kind.withArticle) and \(right.kind.withArticle)"
        let remedy =
            switch (binary, left, right) {
            case (.add, .string, _), (.add, _, .string): "; string() makes a string of any value"
            case (.remainder, .double, _), (.remainder, _, .double): "; int() makes an int of a float"
            case (_, .null, _), (_, _, .null): "; use ?? where nil is expected"
            default: ""
            }
        return interruption("there is no '\(binary.symbol)' \(kinds)\(remedy)", at: id)
    }

    /// `matches` with a literal pattern.
    mutating func match(
        _ node: NodeID,
        _ pattern: TextPattern,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        let value = try evaluate(node)
        guard !value.isNull else { return .bool(false) }
        guard let text = value.matchedText else {
            throw interruption("'matches' needs a string, and this is \(value.kind.withArticle)", at: node)
        }
        do throws(ExpressionError) {
            return .bool(try pattern.matches(text, &budget))
        } catch {
            throw interruption(error, at: id)
        }
    }

    /// `matches` with a pattern that is a value; nothing where an operand is of the wrong kind.
    private mutating func match(
        _ left: ExpressionValue,
        _ right: ExpressionValue
    ) throws(ExpressionError) -> Bool? {
        if left.isNull || right.isNull { return false }
        guard let text = left.matchedText, case .string(let source) = right else { return nil }
        if let pattern = latestPattern, pattern.isCompiled(from: source) { return try pattern.matches(text, &budget) }
        let pattern = try TextPattern(value: source, &budget)
        latestPattern = pattern
        return try pattern.matches(text, &budget)
    }

    /// The original looks literal strings up in a hash table whose keys can be nothing else, and finds nil as `""`.
    mutating func test(_ node: NodeID, isIn texts: Set<String>) throws(ExpressionInterruption) -> ExpressionValue {
        let value = try evaluate(node)
        switch value {
        case .string(let text):
            try spend(value.textCost, at: node)
            return .bool(texts.contains(text))
        case .null: return .bool(texts.contains(""))
        default:
            throw interruption("all elements are strings, and this is \(value.kind.withArticle)", at: node)
        }
    }
}

extension ExpressionValue {
    /// The text that `matches` looks at.
    fileprivate var matchedText: String? {
        switch self {
        case .string(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }
}
