// Making nodes, with what can be told of their kinds before any value is known. The original infers types too; only
// those of its errors are repeated here which evaluation would not find.
extension ExpressionParser {
    typealias NodeID = ExpressionTree.NodeID

    mutating func add(
        _ node: ExpressionTree.Node,
        at range: Range<Int>,
        kind: ExpressionKind = .unknown,
        over operands: [NodeID] = []
    ) throws(ExpressionError) -> NodeID {
        var depth = 0
        for operand in operands { depth = max(depth, tree.depth(of: operand)) }
        return try add(node, at: range, kind: kind, depth: depth + 1)
    }

    mutating func add(
        _ node: ExpressionTree.Node,
        at range: Range<Int>,
        kind: ExpressionKind,
        depth: Int
    ) throws(ExpressionError) -> NodeID {
        guard tree.entries.count < Self.maximumNodes, depth <= Self.maximumDepth else {
            let limit = depth > Self.maximumDepth ? "deeper than \(Self.maximumDepth) levels" : "too large"
            throw ExpressionError(.limit, "the expression is \(limit); divide it with variables")
                .located(in: tree.source, at: range)
        }
        tree.entries.append(
            ExpressionTree.Entry(
                node: node,
                lower: Int32(range.lowerBound),
                upper: Int32(range.upperBound),
                depth: Int16(depth),
                kind: kind
            )
        )
        return NodeID(index: Int32(tree.entries.count - 1))
    }

    mutating func makeList(_ nodes: [NodeID]) -> ExpressionTree.NodeList {
        let start = Int32(tree.children.count)
        tree.children.append(contentsOf: nodes)
        return ExpressionTree.NodeList(start: start, count: Int32(nodes.count))
    }

    mutating func makeName(_ name: String) -> Int32 {
        tree.names.append(name)
        return Int32(tree.names.count - 1)
    }

    mutating func addConstant(_ value: ExpressionValue, at range: Range<Int>) throws(ExpressionError) -> NodeID {
        tree.constants.append(value)
        return try add(.constant(Int32(tree.constants.count - 1)), at: range, kind: value.kind, depth: 1)
    }

    mutating func addUnary(
        _ unary: UnaryOperator,
        _ operand: NodeID,
        at range: Range<Int>
    ) throws(ExpressionError) -> NodeID {
        let kind = tree.kind(of: operand)
        let depth = tree.depth(of: operand) + 1
        guard unary == .not else {
            guard kind.isNumber || kind == .unknown else {
                throw error("'\(unary.symbol)' needs a number, and this is \(kind.withArticle)", at: operand)
            }
            return try add(.unary(unary, operand), at: range, kind: kind.isNumber ? kind : .unknown, depth: depth)
        }
        try requireCondition(operand, "the operand of 'not'")
        if case .bool(let value) = tree.constant(operand) { return try addConstant(.bool(!value), at: range) }
        return try add(.unary(unary, operand), at: range, kind: .bool, depth: depth)
    }

    mutating func addConditional(
        _ condition: NodeID,
        _ first: NodeID,
        _ second: NodeID,
        at range: Range<Int>
    ) throws(ExpressionError) -> NodeID {
        try requireCondition(condition, "the condition")
        let kind = tree.kind(of: first) == tree.kind(of: second) ? tree.kind(of: first) : .unknown
        let depth = max(tree.depth(of: condition), tree.depth(of: first), tree.depth(of: second)) + 1
        return try add(.conditional(condition, first, second), at: range, kind: kind, depth: depth)
    }

    mutating func addBinary(
        _ binary: BinaryOperator,
        _ left: NodeID,
        _ right: NodeID,
        at range: Range<Int>
    ) throws(ExpressionError) -> NodeID {
        let depth = max(tree.depth(of: left), tree.depth(of: right)) + 1
        let kinds = (tree.kind(of: left), tree.kind(of: right))
        switch binary {
        case .and, .or:
            return try addLogical(binary, left, right, at: range, depth: depth)
        case .equal, .notEqual:
            guard kinds.0.isComparable(to: kinds.1) else {
                let result = binary == .equal ? "never" : "always"
                throw error("\(kinds.0.withArticle) \(result) \(binary.symbol) \(kinds.1.withArticle)", at: range)
            }
            if binary == .equal, let result = equality(left, right) { return try addConstant(.bool(result), at: range) }
        case .in:
            return try addMembership(left, right, at: range, depth: depth)
        case .range:
            guard kinds.0.canBe(.int), kinds.1.canBe(.int) else {
                throw error("'..' needs two ints; int() makes one of a float", at: range)
            }
        case .matches:
            if case .string(let pattern) = tree.constant(right) {
                return try addMatch(left, pattern, patternNode: right, at: range, depth: depth)
            }
        default:
            break
        }
        return try add(.binary(binary, left, right), at: range, kind: binary.result(kinds.0, kinds.1), depth: depth)
    }

    /// Whether two literals of one kind are equal, which the original decides at once, see below.
    private mutating func equality(_ left: NodeID, _ right: NodeID) -> Bool? {
        switch (tree.constant(left), tree.constant(right)) {
        case (.int(let left), .int(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        default: nil
        }
    }

    // The original folds constants here, and a manifest may rely on it: `x and true` is `x`, of whatever kind it is,
    // and `x or true` is true even where `x` is nil. Its other rewritings (sums of literals and ranges, filters of
    // filters, comparisons of counts) change at most which error is met first, what is charged, or the last bit of a
    // sum.
    private mutating func addLogical(
        _ binary: BinaryOperator,
        _ left: NodeID,
        _ right: NodeID,
        at range: Range<Int>,
        depth: Int
    ) throws(ExpressionError) -> NodeID {
        try requireCondition(left, "the left operand of '\(binary.symbol)'")
        try requireCondition(right, "the right operand of '\(binary.symbol)'")
        let neutral = binary == .and
        if case .bool(neutral) = tree.constant(left) { return right }
        if case .bool(neutral) = tree.constant(right) { return left }
        if tree.constant(left) != nil || tree.constant(right) != nil {
            return try addConstant(.bool(!neutral), at: range)
        }
        return try add(.binary(binary, left, right), at: range, kind: .bool, depth: depth)
    }

    private mutating func addMembership(
        _ left: NodeID,
        _ right: NodeID,
        at range: Range<Int>,
        depth: Int
    ) throws(ExpressionError) -> NodeID {
        switch tree.kind(of: right) {
        case .unknown, .array, .bytes: break
        case .map:
            guard [.unknown, .string].contains(tree.kind(of: left)) else {
                throw error("the keys of the map are strings, and this is \(tree.kind(of: left).withArticle)", at: left)
            }
        default:
            throw error("'in' needs an array or a map, and this is \(tree.kind(of: right).withArticle)", at: right)
        }
        let kinds = (tree.kind(of: left), elementKind(of: right))
        guard kinds.0.isComparable(to: kinds.1) else {
            throw error("\(kinds.0.withArticle) is never in an array of \(kinds.1)", at: left)
        }
        let texts = tree.constants(right)?.compactMap(\.stringValue) ?? []
        if !texts.isEmpty, texts.count == tree.constants(right)?.count {
            tree.textSets.append(Set(texts))
            return try add(.isOneOf(left, Int32(tree.textSets.count - 1)), at: range, kind: .bool, depth: depth)
        }
        return try add(.binary(.in, left, right), at: range, kind: .bool, depth: depth)
    }

    /// The kind of the elements of an array, if it has elements of one kind only.
    private mutating func elementKind(of array: NodeID) -> ExpressionKind {
        switch tree[array] {
        case .array(let elements):
            guard let first = tree[elements].first.map({ tree.kind(of: $0) }) else { return .unknown }
            return tree[elements].allSatisfy { tree.kind(of: $0) == first } ? first : .unknown
        case .binary(.range, _, _): return .int
        case .builtin(.split, _), .builtin(.splitAfter, _): return .string
        default: return .unknown
        }
    }

    private mutating func addMatch(
        _ text: NodeID,
        _ pattern: String,
        patternNode: NodeID,
        at range: Range<Int>,
        depth: Int
    ) throws(ExpressionError) -> NodeID {
        do {
            tree.patterns.append(try TextPattern(pattern))
        } catch {
            throw self.error("\(error)", at: patternNode)
        }
        return try add(.matches(text, Int32(tree.patterns.count - 1)), at: range, kind: .bool, depth: depth)
    }

    private mutating func requireCondition(_ node: NodeID, _ subject: String) throws(ExpressionError) {
        let kind = tree.kind(of: node)
        guard kind.canBe(.bool) else {
            throw error("\(subject) is \(kind.withArticle) and must be a bool", at: node)
        }
    }
}

extension ExpressionKind {
    /// Whether `==` between the two could ever be true, as far as the original's type check sees.
    fileprivate func isComparable(to other: ExpressionKind) -> Bool {
        switch (self, other) {
        case (.unknown, _), (_, .unknown), (.null, _), (_, .null): true
        case (.array, .bytes), (.bytes, .array): true
        default: self == other || (isNumber && other.isNumber)
        }
    }
}

extension BinaryOperator {
    /// The kind of the result where times or durations are known to take part.
    private func temporalResult(_ left: ExpressionKind, _ right: ExpressionKind) -> ExpressionKind? {
        switch (self, left, right) {
        case (.subtract, .time, .time): .duration
        case (.add, .time, .duration), (.add, .duration, .time), (.subtract, .time, .duration): .time
        case (_, .duration, .duration): .duration
        default: nil
        }
    }

    /// The kind of the result, given those of the operands.
    fileprivate func result(_ left: ExpressionKind, _ right: ExpressionKind) -> ExpressionKind {
        switch self {
        case .or, .and, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .in, .matches, .contains,
            .startsWith, .endsWith:
            .bool
        case .range: .array
        case .add where left == .string && right == .string: .string
        case .add, .subtract, .multiply:
            if let result = temporalResult(left, right) {
                result
            } else {
                left == .int && right == .int ? .int : left.isNumber && right.isNumber ? .double : .unknown
            }
        case .divide, .power: .double
        case .remainder: .int
        case .coalesce: left == right ? left : .unknown
        case .pipe: .unknown
        }
    }
}
