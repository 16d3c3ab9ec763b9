/// Evaluates a tree by walking it.
///
/// Most expressions are evaluated once, so making anything faster to run than the tree would cost more than it saves.
///
/// It recurs, so the stack must not fill with copies of its many parts: there can be none, and all methods are mutating,
/// for a method that only reads is handed the parts one by one.
struct ExpressionInterpreter: ~Copyable {
    typealias NodeID = ExpressionTree.NodeID

    let parsed: ParsedExpression
    let environment: ExpressionEnvironment
    /// Functions that go before those of the environment.
    let overrides: [String: ExpressionFunction]
    /// What functions gave that had to be awaited.
    private(set) var answers = ExpressionAnswers()
    var budget: ExpressionBudget
    /// What `now()` gives.
    var moment: ExpressionMoment
    /// The variables of `let`.
    private var locals: [ExpressionValue]
    var loop = LoopState()
    /// The pattern of the latest `matches` whose pattern was a value; a loop is likely to ask for it again.
    var latestPattern: TextPattern?

    /// What `#`, `#index` and `#acc` stand for.
    struct LoopState {
        var element = ExpressionValue.null
        var index = 0
        var accumulator = ExpressionValue.null
    }

    init(
        _ parsed: ParsedExpression,
        environment: ExpressionEnvironment,
        overrides: [String: ExpressionFunction],
        budget: ExpressionBudget
    ) {
        self.parsed = parsed
        self.environment = environment
        self.overrides = overrides
        self.budget = budget
        moment = ExpressionMoment(clock: environment.clock)
        locals = parsed.tree.slotCount == 0 ? [] : Array(repeating: .null, count: parsed.tree.slotCount)
    }

    /// Evaluates the whole tree, from the beginning however often it is asked to.
    mutating func evaluate() throws(ExpressionInterruption) -> ExpressionValue {
        defer { budget = ExpressionBudget(startingOver: budget) }
        return try evaluate(parsed.tree.root)
    }

    /// Takes note of what a function gives that an evaluation met.
    mutating func answer(
        _ function: ExpressionFunction,
        _ arguments: ExpressionArguments,
        with result: ExpressionValue
    ) throws(ExpressionError) {
        try answers.add(result, of: function, arguments)
    }

    mutating func function(named name: String) -> ExpressionFunction? { overrides[name] ?? environment.functions[name] }

    mutating func interruption(
        _ message: String,
        at id: NodeID,
        code: ExpressionError.Code = .evaluation
    ) -> ExpressionInterruption {
        interruption(ExpressionError(code, message), at: id)
    }

    mutating func interruption(_ error: ExpressionError, at id: NodeID) -> ExpressionInterruption {
        .failed(error.located(in: parsed.tree.source, at: parsed.tree.range(of: id)))
    }

    mutating func evaluate(_ id: NodeID) throws(ExpressionInterruption) -> ExpressionValue {
        try spend(1, at: id)
        switch parsed.tree[id] {
        case .constant(let index): return parsed.tree.constants[Int(index)]
        case .variable(let name): return environment.variables[parsed.tree.names[Int(name)]] ?? .null
        case .local(let slot): return locals[Int(slot)]
        case .environment: return environment.root ?? .map(ExpressionMap(environment.variables))
        case .element: return loop.element
        case .elementIndex: return .int(Int64(loop.index))
        case .accumulator: return loop.accumulator
        case .unary(let unary, let operand): return try apply(unary, to: operand, at: id)
        case .binary(let binary, let left, let right): return try apply(binary, left, right, at: id)
        case .matches(let text, let pattern): return try match(text, parsed.tree.patterns[Int(pattern)], at: id)
        case .isOneOf(let operand, let set): return try test(operand, isIn: parsed.tree.textSets[Int(set)])
        case .member(let base, let name, _): return try evaluateMember(name, of: base, at: id)
        case .indexed(let base, let key, _): return try evaluateElement(of: base, at: key, of: id)
        case .slice(let base, let from, let to): return try slice(base, from: from, to: to, at: id)
        case .chain(let inner): return try evaluateChain(inner)
        case .conditional(let condition, let first, let second): return try choose(condition, first, second)
        case .binding(let slot, let value, let body): return try bind(slot, to: value, in: body)
        case .sequence(let items): return try evaluateSequence(items)
        case .array(let elements): return try makeArray(elements, at: id)
        case .map(let entries): return try makeMap(entries, at: id)
        case .builtin(let builtin, let arguments): return try call(builtin, arguments, at: id)
        case .loop(let index): return try run(parsed.tree.loops[Int(index)], at: id)
        case .call(let name, let arguments): return try call(name, arguments, at: id)
        case .invocation(let callee, let arguments): return try evaluateInvocation(of: callee, arguments, at: id)
        }
    }

    mutating func spend(_ steps: Int, at id: NodeID) throws(ExpressionInterruption) {
        do throws(ExpressionError) {
            try budget.spend(steps: steps)
        } catch {
            throw interruption(error, at: id)
        }
    }

    mutating func allocate(elements: Int, at id: NodeID) throws(ExpressionInterruption) {
        do throws(ExpressionError) {
            try budget.allocate(elements: elements)
        } catch {
            throw interruption(error, at: id)
        }
    }

    /// The Boolean that a node gives; there is no truth in other kinds of value, nil included.
    mutating func isTrue(_ id: NodeID, _ subject: @autoclosure () -> String) throws(ExpressionInterruption) -> Bool {
        let value = try evaluate(id)
        guard case .bool(let isTrue) = value else {
            throw interruption("\(subject()) is \(value.kind.withArticle) and must be a bool", at: id)
        }
        return isTrue
    }

    // MARK: Structure

    private mutating func choose(
        _ condition: NodeID,
        _ first: NodeID,
        _ second: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        try evaluate(try isTrue(condition, "the condition") ? first : second)
    }

    private mutating func bind(
        _ slot: Int32,
        to value: NodeID,
        in body: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        locals[Int(slot)] = try evaluate(value)
        return try evaluate(body)
    }

    private mutating func evaluateSequence(
        _ items: ExpressionTree.NodeList
    ) throws(ExpressionInterruption) -> ExpressionValue {
        var last = ExpressionValue.null
        for item in parsed.tree[items] { last = try evaluate(item) }
        return last
    }

    mutating func evaluateAll(_ list: ExpressionTree.NodeList) throws(ExpressionInterruption) -> [ExpressionValue] {
        var values: [ExpressionValue] = []
        values.reserveCapacity(Int(list.count))
        for item in parsed.tree[list] { values.append(try evaluate(item)) }
        return values
    }

    private mutating func makeArray(
        _ elements: ExpressionTree.NodeList,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        try allocate(elements: Int(elements.count), at: id)
        return .array(try evaluateAll(elements))
    }

    private mutating func makeMap(
        _ entries: ExpressionTree.NodeList,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        try allocate(elements: Int(entries.count) / 2, at: id)
        var members: [String: ExpressionValue] = [:]
        members.reserveCapacity(Int(entries.count) / 2)
        var index = parsed.tree[entries].startIndex
        while index < parsed.tree[entries].endIndex {
            let key = parsed.tree.children[index]
            let keyValue = try evaluate(key)
            guard case .string(let name) = keyValue else {
                throw interruption("a key of a map must be a string", at: key)
            }
            try spend(keyValue.textCost, at: key)
            let value = try evaluate(parsed.tree.children[index + 1])
            // Of two equal keys the original keeps the first.
            if members[name] == nil { members[name] = value }
            index += 2
        }
        return .map(ExpressionMap(members))
    }
}
