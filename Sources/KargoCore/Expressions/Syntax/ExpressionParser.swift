/// Reads an expression: precedence climbing over tokens, straight into an ``ExpressionTree``.
///
/// The grammar, its precedences and its oddities are those of expr-lang/expr 1.17, which Kargo uses.
///
/// It recurs, so the stack must not fill with copies of its many parts: there can be none, and all methods are mutating,
/// for a method that only reads is handed the parts one by one.
struct ExpressionParser: ~Copyable {
    /// As in the original.
    static let maximumNodes = 10_000
    /// How deeply brackets may nest, so that parsing can't exhaust the stack.
    static let maximumNesting = 100
    /// How deep a tree may be, so that evaluating can't exhaust the stack; a chain of operators is as deep as it is
    /// long.
    static let maximumDepth = 250
    static let maximumBytes = 1 << 20

    var lexer: ExpressionLexer
    var current: ExpressionToken
    var tree: ExpressionTree
    /// The variables of the enclosing `let`s.
    var scope: [(name: String, slot: Int32)] = []
    /// The enclosing loops of which the body is being read.
    var enclosingLoops: [LoopFunction] = []
    private var nesting = 0

    static func parse(_ source: String) throws(ExpressionError) -> ParsedExpression {
        guard source.utf8.count <= maximumBytes else {
            throw ExpressionError(.limit, "the expression is longer than \(maximumBytes) bytes")
        }
        var parser = try ExpressionParser(source)
        parser.tree.root = try parser.parseSequence()
        guard parser.current.kind == .end else { throw parser.unexpected(parser.current) }
        return parser.finish()
    }

    private init(_ source: String) throws(ExpressionError) {
        lexer = ExpressionLexer(source)
        tree = ExpressionTree(source)
        current = try lexer.next()
    }

    private consuming func finish() -> ParsedExpression { ParsedExpression(tree) }

    // MARK: Tokens

    mutating func advance() throws(ExpressionError) { current = try lexer.next() }

    /// The token after the current one.
    mutating func peek() throws(ExpressionError) -> ExpressionToken {
        var copy = lexer
        return try copy.next()
    }

    mutating func expect(_ kind: ExpressionToken.Kind) throws(ExpressionError) {
        guard current.kind == kind else { throw unexpected(current) }
        try advance()
    }

    /// Takes the token if it is the current one.
    mutating func take(_ kind: ExpressionToken.Kind) throws(ExpressionError) -> Bool {
        guard current.kind == kind else { return false }
        try advance()
        return true
    }

    mutating func text(of token: ExpressionToken) -> String {
        String(decoding: lexer.bytes[token.range], as: UTF8.self)
    }

    mutating func unexpected(_ token: ExpressionToken) -> ExpressionError {
        if token.kind == .end { return error("the expression ends too early", at: token.range) }
        return error("'\(text(of: token).prefix(40))' does not belong here", at: token.range)
    }

    mutating func error(_ message: String, at range: Range<Int>) -> ExpressionError { lexer.error(message, at: range) }

    mutating func error(_ message: String, at node: ExpressionTree.NodeID) -> ExpressionError {
        lexer.error(message, at: tree.range(of: node))
    }

    // MARK: Sequences, let, if

    mutating func parseSequence() throws(ExpressionError) -> ExpressionTree.NodeID {
        let start = current.range
        let first = try parseExpression()
        guard current.kind == .semicolon else { return first }
        var items = [first]
        while try take(.semicolon) {
            if current.kind == .end { break }
            items.append(try parseExpression())
        }
        guard items.count > 1, let last = items.last else { return items[0] }
        let list = makeList(items)
        return try add(.sequence(list), at: start, kind: tree.kind(of: last), over: items)
    }

    mutating func parseExpression(_ precedence: Int = 0) throws(ExpressionError) -> ExpressionTree.NodeID {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.maximumNesting else {
            throw ExpressionError(.limit, "the expression nests deeper than \(Self.maximumNesting) levels")
                .located(in: tree.source, at: current.range)
        }
        guard precedence == 0 else { return try parseOperators(precedence) }
        switch current.kind {
        case .let: return try parseBinding()
        case .if: return try parseIf()
        default: return try parseConditional(try parseOperators(0))
        }
    }

    private mutating func parseBinding() throws(ExpressionError) -> ExpressionTree.NodeID {
        try advance()
        let token = current
        try expect(.identifier)
        let name = text(of: token)
        if let conflict = conflict(of: name) { throw error(conflict, at: token.range) }
        try expect(.assign)
        let value = try parseExpression()
        try expect(.semicolon)
        let slot = Int32(tree.slotCount)
        tree.slotCount += 1
        scope.append((name, slot))
        let body = try parseSequence()
        scope.removeLast()
        let node = try add(
            .binding(slot, value, body),
            at: token.range,
            kind: tree.kind(of: body),
            over: [value, body]
        )
        tree.bindings.append((name, node))
        return node
    }

    private mutating func conflict(of name: String) -> String? {
        if scope.contains(where: { $0.name == name }) {
            "a variable '\(name)' is visible here already; choose another name"
        } else if LanguageFunction.named[name] != nil {
            "'\(name)' is a builtin; choose another name"
        } else {
            nil
        }
    }

    private mutating func parseIf() throws(ExpressionError) -> ExpressionTree.NodeID {
        let start = current.range
        try advance()
        let condition = try parseExpression()
        try expect(.leftBrace)
        let first = try parseSequence()
        try expect(.rightBrace)
        try expect(.else)
        let second: ExpressionTree.NodeID
        if current.kind == .if {
            // Not a recursion of this function, so that the levels are counted.
            second = try parseExpression()
        } else {
            try expect(.leftBrace)
            second = try parseSequence()
            try expect(.rightBrace)
        }
        return try addConditional(condition, first, second, at: start)
    }

    /// `a ? b : c` and `a ?: c`, after `a`.
    private mutating func parseConditional(
        _ condition: ExpressionTree.NodeID
    ) throws(ExpressionError) -> ExpressionTree.NodeID {
        var node = condition
        while current.kind == .question {
            let start = current.range
            try advance()
            var first = node
            if current.kind != .colon { first = try parseExpression() }
            try expect(.colon)
            let second = try parseExpression()
            node = try addConditional(node, first, second, at: start)
        }
        return node
    }

    // MARK: Operators

    private mutating func parseOperators(_ precedence: Int) throws(ExpressionError) -> ExpressionTree.NodeID {
        var left = try parsePrimary()
        var previous: BinaryOperator?
        while true {
            var token = current
            let isNegated = token.kind == .not
            if isNegated { token = try peek() }
            guard let binary = BinaryOperator(token.kind) else {
                if isNegated { throw unexpected(token) }
                break
            }
            if isNegated, !binary.isNegatable { throw unexpected(token) }
            guard binary.precedence >= precedence else { break }
            if isNegated { try advance() }
            try advance()
            if binary == .pipe {
                left = try parsePipedCall(left)
            } else if previous == .coalesce, binary != .coalesce {
                throw error(
                    "'\(binary.symbol)' can't stand beside '??'; put one of the two in parentheses",
                    at: token.range
                )
            } else if binary.isOrdering {
                left = try parseOrdering(binary, left, at: token.range)
            } else {
                let right = try parseExpression(binary.rightPrecedence)
                left = try addBinary(binary, left, right, at: token.range)
                if isNegated { left = try addUnary(.not, left, at: token.range) }
            }
            previous = binary
        }
        return left
    }

    /// `a < b` and, if more such operators follow, `a < b < c`.
    private mutating func parseOrdering(
        _ first: BinaryOperator,
        _ start: ExpressionTree.NodeID,
        at place: Range<Int>
    ) throws(ExpressionError) -> ExpressionTree.NodeID {
        var left = try parseExpression(first.rightPrecedence)
        var result = try addBinary(first, start, left, at: place)
        while let next = BinaryOperator(current.kind), next.isOrdering {
            let place = current.range
            try advance()
            let right = try parseExpression(next.rightPrecedence)
            let comparison = try addBinary(next, left, right, at: place)
            result = try addBinary(.and, result, comparison, at: place)
            left = right
        }
        return result
    }

    private mutating func parsePipedCall(
        _ argument: ExpressionTree.NodeID
    ) throws(ExpressionError) -> ExpressionTree.NodeID {
        let name = current
        try expect(.identifier)
        return try parseCall(name, piped: argument)
    }
}
