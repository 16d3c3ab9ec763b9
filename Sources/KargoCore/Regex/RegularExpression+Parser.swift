extension RegularExpression {
    /// Reads RE2's syntax with the Perl-like extensions that Go's `regexp` allows.
    struct Parser {
        struct Flags: OptionSet {
            let rawValue: UInt8

            static let ignoresCase = Flags(rawValue: 1)
            static let isMultiline = Flags(rawValue: 2)
            static let dotMatchesNewline = Flags(rawValue: 4)
            static let isReluctant = Flags(rawValue: 8)
        }

        /// A group whose end isn't reached yet; the first one stands for the whole pattern.
        struct OpenGroup {
            var offset: Int
            /// The number of the group, if it captures.
            var capture: Int?
            /// What held before the group, and holds again after it.
            var outerFlags: Flags
            var alternatives: [SyntaxTree.NodeID] = []
            var sequence: [SyntaxTree.NodeID] = []
        }

        /// The deepest tree and the largest product of nested counts, as in Go.
        static let maximumHeight = 1000
        static let maximumCopies = 1000

        let scalars: [Unicode.Scalar]
        var offset = 0
        var flags: Flags = []
        var tree = SyntaxTree()
        var groups = [OpenGroup(offset: 0, capture: nil, outerFlags: [])]
        /// The sets of the `\p{...}` met so far, by spelling and by whether case counts.
        var unicodeClasses: [UnicodeClassKey: ScalarSet] = [:]

        /// Where the last `:]` ends, so that no `[:` looks in vain for its own through the rest of the pattern.
        let lastNamedClassEnd: Int

        init(_ pattern: String) {
            let scalars = Array(pattern.unicodeScalars)
            self.scalars = scalars
            lastNamedClassEnd = scalars.indices.last { scalars[$0] == "]" && $0 > 0 && scalars[$0 - 1] == ":" } ?? 0
        }

        var next: Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

        mutating func parse() throws(RegularExpressionError) -> SyntaxTree {
            var repetitionOffset: Int?
            while let scalar = next {
                let start = offset
                let isRepetition = try parseItem(scalar, afterRepetitionAt: repetitionOffset)
                repetitionOffset = isRepetition ? start : nil
            }
            guard groups.count == 1 else {
                throw error(
                    .missingParenthesis,
                    "the group is not closed, add ')'",
                    at: groups[groups.count - 1].offset
                )
            }
            tree.root = try finishAlternation()
            return tree
        }

        /// Reads one item, and tells whether it was a repetition operator.
        private mutating func parseItem(
            _ scalar: Unicode.Scalar,
            afterRepetitionAt earlier: Int?
        ) throws(RegularExpressionError) -> Bool {
            switch scalar {
            case "*", "+", "?", "{":
                guard let counts = try parseCounts() else {
                    appendLiteral(take())
                    return false
                }
                try appendRepetition(counts, afterRepetitionAt: earlier)
                return true
            case "(": try openGroup()
            case ")": try closeGroup()
            case "|": try finishAlternative()
            case "[":
                let set = try parseBrackets()
                append(tree.scalar(in: set))
            case "\\": try parseEscape()
            case "^":
                offset += 1
                append(tree.assertion(flags.contains(.isMultiline) ? .lineStart : .textStart))
            case "$":
                offset += 1
                append(tree.assertion(flags.contains(.isMultiline) ? .lineEnd : .textEnd))
            case ".":
                offset += 1
                append(tree.scalar(in: flags.contains(.dotMatchesNewline) ? .all : ScalarSet.newline.inverted))
            default:
                appendLiteral(take())
            }
            return false
        }

        mutating func take() -> Unicode.Scalar {
            offset += 1
            return scalars[offset - 1]
        }

        /// Goes past the text if the pattern goes on with it.
        mutating func skip(_ text: String) -> Bool {
            guard scalars[offset...].starts(with: text.unicodeScalars) else { return false }
            offset += text.unicodeScalars.count
            return true
        }

        mutating func append(_ node: SyntaxTree.NodeID) {
            groups[groups.count - 1].sequence.append(node)
        }

        mutating func appendLiteral(_ scalar: Unicode.Scalar) {
            appendLiteral(scalar.value)
        }

        mutating func appendLiteral(_ scalar: UInt32) {
            let set = ScalarSet([scalar...scalar])
            append(tree.scalar(in: flags.contains(.ignoresCase) ? CaseFolding.closure(of: set) : set))
        }

        func checkHeight(of node: SyntaxTree.NodeID) throws(RegularExpressionError) {
            guard tree.nodes[node].height <= Self.maximumHeight else {
                throw error(
                    .nestedTooDeeply,
                    "groups and repetitions are nested in more than \(Self.maximumHeight) levels",
                    at: offset - 1
                )
            }
        }

        func error(_ code: RegularExpressionError.Code, _ message: String, at offset: Int) -> RegularExpressionError {
            RegularExpressionError(code: code, message: message, offset: offset)
        }

        /// The pattern from an offset up to the place that is read, shortened where it is long.
        func excerpt(from start: Int) -> String {
            var text = String.UnicodeScalarView(scalars[start..<min(offset, start + 40)])
            if offset > start + 40 { text.append(contentsOf: "...".unicodeScalars) }
            return String(text)
        }
    }
}
