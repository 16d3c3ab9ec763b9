/// The direction of `sort` and `sortBy`.
enum SortOrder {
    case ascending
    case descending

    /// Reads `"asc"` or `"desc"`.
    init(_ argument: ExpressionValue?, of function: String) throws(ExpressionError) {
        switch argument {
        case nil, .string("asc"): self = .ascending
        case .string("desc"): self = .descending
        default: throw ExpressionError("the order of \(function) must be \"asc\" or \"desc\"")
        }
    }

    /// The elements in the order of their keys; elements with equal keys stay as they stand.
    func sorted(
        _ elements: [ExpressionValue],
        by keys: [ExpressionValue],
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> [ExpressionValue] {
        try budget.allocate(elements: elements.count)
        let cost = keys.reduce(elements.count) { $0 + $1.textCost }
        try budget.spend(steps: cost * (Int.bitWidth - elements.count.leadingZeroBitCount))
        guard elements.count > 1 else { return elements }
        let kind = keys[0].kind
        guard keys.allSatisfy(kind.isNumber ? { $0.kind.isNumber } : { $0.kind == kind }), kind.isOrdered else {
            throw ExpressionError("only numbers, only strings, only times or only durations can be sorted")
        }
        let first: BinaryOperator = self == .ascending ? .less : .greater
        return elements.indices.sorted { ExpressionComparison.order(first, keys[$0], keys[$1]) ?? false }
            .map { elements[$0] }
    }
}
