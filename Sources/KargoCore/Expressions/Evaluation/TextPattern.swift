/// A regular expression of `matches`, with what it costs to use it.
struct TextPattern: Sendable {
    private let expression: RegularExpression
    /// How many steps it takes to look at one byte of text.
    private let weight: Int

    init(_ pattern: String) throws(RegularExpressionError) {
        expression = try RegularExpression(pattern)
        weight = Self.weight(of: pattern)
    }

    /// Compiles a pattern that is no literal but a value, so that the error may not show it.
    init(value pattern: String, _ budget: inout ExpressionBudget) throws(ExpressionError) {
        try budget.spend(steps: 1000 + 100 * Self.weight(of: pattern))
        do {
            try self.init(pattern)
        } catch {
            throw ExpressionError("the right operand of 'matches' is not a regular expression that RE2 accepts")
        }
    }

    /// Whether it was compiled from this pattern.
    func isCompiled(from pattern: String) -> Bool { expression.pattern.hasSameBytes(as: pattern) }

    func matches(_ text: String, _ budget: inout ExpressionBudget) throws(ExpressionError) -> Bool {
        try budget.spend(steps: text.utf8.count * weight)
        return expression.matches(text)
    }

    /// An upper estimate: matching is linear in the text, but also in the size of what the pattern compiles to, which
    /// is its length times the counts of its repetitions.
    private static func weight(of pattern: String) -> Int {
        let largest = 1 << 15
        var size = min(pattern.utf8.count, largest)
        for repetition in pattern.utf8.split(separator: UInt8(ascii: "{")).dropFirst() {
            let counts = repetition.prefix { $0 != UInt8(ascii: "}") }.split(separator: UInt8(ascii: ","))
            let count = counts.compactMap { Int(String(decoding: $0, as: UTF8.self)) }.max() ?? 1
            size = min(size * min(max(count, 1), largest), largest)
        }
        return 1 + size / 64
    }
}
