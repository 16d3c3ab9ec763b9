extension RegularExpression {
    /// A pattern as instructions for a machine that follows all ways through them at once.
    struct Program {
        enum Instruction {
            case match
            /// Takes a scalar out of the set at this index.
            case take(set: Int32, next: Int32)
            case check(SyntaxTree.Assertion, next: Int32)
            /// Notes the place in the text.
            case save(slot: Int32, next: Int32)
            /// Goes both ways, and prefers the first.
            case split(Int32, Int32)
        }

        let instructions: [Instruction]
        let start: Int32
        let groupNames: [String?]
        let alphabet: Alphabet
        /// Whether a match can start at the start of the text only.
        let isAnchored: Bool
        /// Whether it matters what stands before a place in the text.
        let looksBehind: Bool
    }
}

extension RegularExpression.SyntaxTree.Assertion {
    func holds(
        between previous: RegularExpression.Alphabet.Neighbor,
        and next: RegularExpression.Alphabet.Neighbor
    ) -> Bool {
        switch self {
        case .textStart: previous == .edge
        case .textEnd: next == .edge
        case .lineStart: previous == .edge || previous == .newline
        case .lineEnd: next == .edge || next == .newline
        case .wordBoundary: (previous == .word) != (next == .word)
        case .noWordBoundary: (previous == .word) == (next == .word)
        }
    }
}
