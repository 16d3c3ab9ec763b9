// Operands, and what may follow them.
extension ExpressionParser {
    mutating func parsePrimary() throws(ExpressionError) -> NodeID {
        let token = current
        if let unary = UnaryOperator(token.kind) {
            try advance()
            let operand = try parseExpression(unary.precedence)
            return try parsePostfix(try addUnary(unary, operand, at: token.range))
        }
        switch token.kind {
        case .leftParenthesis:
            try advance()
            let inner = try parseSequence()
            try expect(.rightParenthesis)
            return try parsePostfix(inner)
        case .hash, .dot:
            guard !enclosingLoops.isEmpty else { throw unexpected(token) }
            return try parsePostfix(try parsePointer())
        case .doubleColon:
            try advance()
            let name = current
            try expect(.identifier)
            return try parsePostfix(try parseCall(name, piped: nil))
        case .identifier:
            return try parseIdentifier()
        case .number, .string, .rawString, .bytes:
            return try parseLiteral()
        case .leftBracket:
            return try parsePostfix(try parseArray())
        case .leftBrace:
            return try parsePostfix(try parseMap())
        default:
            throw unexpected(token)
        }
    }

    /// Reads `#`, `#index`, `#acc`, or nothing before a dot.
    private mutating func parsePointer() throws(ExpressionError) -> NodeID {
        let start = current.range
        guard try take(.hash), current.kind == .identifier else {
            return try add(.element, at: start, kind: .unknown, depth: 1)
        }
        let name = current
        try advance()
        switch (text(of: name), enclosingLoops.last) {
        case ("index", .some(let loop)) where loop.providesIndex:
            return try add(.elementIndex, at: name.range, kind: .int, depth: 1)
        case ("acc", .reduce):
            return try add(.accumulator, at: name.range, kind: .unknown, depth: 1)
        case ("index", _):
            throw error("there is '#index' only in map and reduce", at: name.range)
        case ("acc", _):
            throw error("there is '#acc' only in reduce", at: name.range)
        default:
            throw error("there is no such thing as '#\(text(of: name))'", at: name.range)
        }
    }

    private mutating func parseIdentifier() throws(ExpressionError) -> NodeID {
        let token = current
        try advance()
        // Literals take no postfix.
        if let literal = literal(token) { return try addConstant(literal, at: token.range) }
        if current.kind == .leftParenthesis { return try parsePostfix(try parseCall(token, piped: nil)) }
        return try parsePostfix(try addVariable(text(of: token), at: token.range))
    }

    private mutating func literal(_ token: ExpressionToken) -> ExpressionValue? {
        let word = lexer.bytes[token.range]
        return switch word.first.map({ Unicode.Scalar($0) }) {
        case "t" where word.spells("true"): true
        case "f" where word.spells("false"): false
        case "n" where word.spells("nil"): .null
        default: nil
        }
    }

    mutating func slot(of name: String) -> Int32? { scope.last { $0.name == name }?.slot }

    mutating func addVariable(_ name: String, at range: Range<Int>) throws(ExpressionError) -> NodeID {
        if let slot = slot(of: name) { return try add(.local(slot), at: range, kind: .unknown, depth: 1) }
        if name == "$env" { return try add(.environment, at: range, kind: .unknown, depth: 1) }
        return try add(.variable(makeName(name)), at: range, kind: .unknown, depth: 1)
    }

    private mutating func parseLiteral() throws(ExpressionError) -> NodeID {
        let token = current
        let value: ExpressionValue
        do {
            let bytes = lexer.bytes[token.range]
            switch token.kind {
            case .number: value = try ExpressionLiteral.number(bytes)
            case .string: value = .string(try ExpressionLiteral.string(bytes))
            case .rawString: value = .string(ExpressionLiteral.rawString(bytes))
            default: value = .bytes(try ExpressionLiteral.bytes(bytes))
            }
        } catch {
            let lower = token.range.lowerBound
            throw self.error(error.message, at: lower + error.range.lowerBound..<lower + error.range.upperBound)
        }
        try advance()
        let node = try addConstant(value, at: token.range)
        return token.kind == .number ? node : try parsePostfix(node)
    }

    private mutating func parseArray() throws(ExpressionError) -> NodeID {
        let start = current.range
        try advance()
        var elements: [NodeID] = []
        while current.kind != .rightBracket {
            if !elements.isEmpty {
                try expect(.comma)
                if current.kind == .rightBracket { break }
            }
            elements.append(try parseExpression())
        }
        try expect(.rightBracket)
        return try add(.array(makeList(elements)), at: start, kind: .array, over: elements)
    }

    private mutating func parseMap() throws(ExpressionError) -> NodeID {
        let start = current.range
        try advance()
        var entries: [NodeID] = []
        while current.kind != .rightBrace {
            if !entries.isEmpty {
                try expect(.comma)
                if current.kind == .rightBrace { break }
            }
            entries.append(try parseKey())
            try expect(.colon)
            entries.append(try parseExpression())
        }
        try expect(.rightBrace)
        return try add(.map(makeList(entries)), at: start, kind: .map, over: entries)
    }

    private mutating func parseKey() throws(ExpressionError) -> NodeID {
        let token = current
        switch token.kind {
        case .leftParenthesis:
            return try parseExpression()
        case .identifier, .number:
            try advance()
            return try addConstant(.string(text(of: token)), at: token.range)
        case .string, .rawString:
            return try parseKeyLiteral()
        default:
            throw error("a key is a name, a string, a number, or an expression in parentheses", at: token.range)
        }
    }

    private mutating func parseKeyLiteral() throws(ExpressionError) -> NodeID {
        let token = current
        let bytes = lexer.bytes[token.range]
        let key: String
        do {
            key = token.kind == .string ? try ExpressionLiteral.string(bytes) : ExpressionLiteral.rawString(bytes)
        } catch {
            throw self.error(error.message, at: token.range)
        }
        try advance()
        return try addConstant(.string(key), at: token.range)
    }

    // MARK: Postfixes

    mutating func parsePostfix(_ operand: NodeID) throws(ExpressionError) -> NodeID {
        var node = operand
        while true {
            switch current.kind {
            case .dot:
                try advance()
                node = try parseMember(of: node, isOptional: false)
            case .optionalDot:
                try advance()
                node =
                    current.kind == .leftBracket
                    ? try parseBrackets(after: node, isOptional: true) : try parseMember(of: node, isOptional: true)
            case .leftBracket:
                node = try parseBrackets(after: node, isOptional: false)
            default:
                return node
            }
        }
    }

    /// Reads `.name` or `.name(…)`; after a `?.` all further dots belong to its chain, parentheses or not.
    private mutating func parseMember(of operand: NodeID, isOptional: Bool) throws(ExpressionError) -> NodeID {
        let token = current
        guard token.kind.isWord else { throw error("a name must follow the dot", at: token.range) }
        try advance()
        var base = operand
        var isChained = isOptional
        if case .chain(let inner) = tree[operand] {
            base = inner
            isChained = true
        }
        let word = text(of: token)
        let name = makeName(word)
        let baseKind = tree.kind(of: base)
        let result = baseKind.result(ofMethod: word)
        guard result != nil || !baseKind.hasOnlyMethods else {
            throw error("\(baseKind.withArticle) has no '\(word)'", at: token.range)
        }
        var node = try add(
            .member(base, name, isOptional: isOptional),
            at: token.range,
            kind: result == nil ? .unknown : .function,
            depth: tree.depth(of: base) + 1
        )
        if current.kind == .leftParenthesis {
            let arguments = try parseArguments()
            node = try add(
                .invocation(node, makeList(arguments)),
                at: token.range,
                kind: result ?? .unknown,
                over: arguments + [node]
            )
        }
        guard isChained else { return node }
        return try add(.chain(node), at: token.range, kind: .unknown, depth: tree.depth(of: node) + 1)
    }

    /// Reads `[index]` or `[from:to]`.
    private mutating func parseBrackets(after base: NodeID, isOptional: Bool) throws(ExpressionError) -> NodeID {
        let start = current.range
        try advance()
        var from: NodeID?
        if current.kind != .colon { from = try parseExpression() }
        guard try take(.colon) else {
            guard let key = from else { throw unexpected(current) }
            try expect(.rightBracket)
            return try addElement(of: base, at: key, isOptional: isOptional, range: start)
        }
        var to: NodeID?
        if current.kind != .rightBracket { to = try parseExpression() }
        try expect(.rightBracket)
        let kind = tree.kind(of: base)
        if kind != .unknown {
            if let from { try requirePosition(from) }
            if let to { try requirePosition(to) }
        }
        return try add(
            .slice(base, from: from, to: to),
            at: start,
            kind: kind,
            depth: max(tree.depth(of: base), tree.depth(of: from), tree.depth(of: to)) + 1
        )
    }

    /// As in the original, a position with a fraction is a mistake where both kinds are known before evaluation.
    private mutating func requirePosition(_ node: NodeID) throws(ExpressionError) {
        let kind = tree.kind(of: node)
        guard kind.canBe(.int) else {
            throw error("a position must be an int, and this is \(kind.withArticle)", at: node)
        }
    }

    private mutating func addElement(
        of base: NodeID,
        at key: NodeID,
        isOptional: Bool,
        range: Range<Int>
    ) throws(ExpressionError) -> NodeID {
        if tree.kind(of: base) == .string {
            throw error("a literal string has no elements; take a part with [from:to]", at: range)
        }
        if [.array, .bytes].contains(tree.kind(of: base)) { try requirePosition(key) }
        var node: NodeID
        if case .string(let name) = tree.constant(key) {
            let name = makeName(name)
            node = try add(.member(base, name, isOptional: isOptional), at: range, over: [base])
        } else {
            node = try add(.indexed(base, key, isOptional: isOptional), at: range, over: [base, key])
        }
        if isOptional { node = try add(.chain(node), at: range, over: [node]) }
        return node
    }
}
