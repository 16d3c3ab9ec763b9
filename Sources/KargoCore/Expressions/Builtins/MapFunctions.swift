/// The builtins that take maps apart and put them together.
enum MapFunctions {
    /// `keys`, `values` and `toPairs`.
    static func entries(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget,
        _ part: ((key: ExpressionValue, value: ExpressionValue)) -> ExpressionValue
    ) throws(ExpressionError) -> ExpressionValue {
        guard case .map(let map) = arguments[0] else { throw arguments.mismatch(at: 0, expected: "a map") }
        try budget.allocate(elements: map.count)
        try budget.spend(steps: map.sortingCost)
        return .array(map.sortedEntries.map(part))
    }

    static func fromPairs(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        let pairs = try arguments.array(at: 0)
        try budget.allocate(elements: pairs.count)
        var entries: [ExpressionValue: ExpressionValue] = [:]
        for pair in pairs {
            guard let pair = pair.elements, pair.count == 2 else {
                throw ExpressionError("each element given to fromPairs must be an array of a key and a value")
            }
            guard pair[0].canBeKey else {
                throw ExpressionError("\(pair[0].kind.withArticle) can't be the key of a map")
            }
            try budget.spend(steps: pair[0].textCost)
            entries[pair[0]] = pair[1]
        }
        return .map(ExpressionMap(keyed: entries))
    }
}
