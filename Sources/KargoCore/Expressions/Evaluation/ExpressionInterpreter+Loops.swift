extension ExpressionInterpreter {
    mutating func run(
        _ loop: ExpressionTree.Loop,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        let collection = try evaluate(loop.collection)
        guard let elements = collection.elements ?? collection.byteElements else {
            let remedy = collection.kind == .map ? "; keys(), values() and toPairs() make one of a map" : ""
            throw interruption(
                "\(loop.function.rawValue) needs an array, and this is \(collection.kind.withArticle)\(remedy)",
                at: loop.collection
            )
        }
        let enclosing = self.loop
        defer { self.loop = enclosing }
        switch loop.function {
        case .all: return .bool(try firstIndex(elements.indices, of: elements, loop, where: false) == nil)
        case .any: return .bool(try firstIndex(elements.indices, of: elements, loop, where: true) != nil)
        case .none: return .bool(try firstIndex(elements.indices, of: elements, loop, where: true) == nil)
        case .one: return .bool(try count(elements, loop, at: id) == 1)
        case .count: return .int(Int64(try count(elements, loop, at: id)))
        case .filter: return try filter(elements, loop, at: id)
        case .map: return try map(elements, loop, at: id)
        case .sum: return try sum(elements, loop, at: id)
        case .find, .findIndex:
            let index = try firstIndex(elements.indices, of: elements, loop, where: true)
            return loop.function == .find ? index.map { elements[$0] } ?? .null : .index(index)
        case .findLast, .findLastIndex:
            let index = try firstIndex(elements.indices.reversed(), of: elements, loop, where: true)
            return loop.function == .findLast ? index.map { elements[$0] } ?? .null : .index(index)
        case .groupBy: return try group(elements, loop, at: id)
        case .sortBy: return try sort(elements, loop, at: id)
        case .reduce: return try reduce(elements, loop, at: id)
        }
    }

    /// What the body gives for an element, which without a body is the element.
    private mutating func evaluateBody(
        _ loop: ExpressionTree.Loop,
        _ element: ExpressionValue,
        _ index: Int
    ) throws(ExpressionInterruption) -> ExpressionValue {
        self.loop.element = element
        self.loop.index = index
        guard let body = loop.body else {
            try spend(1, at: loop.collection)
            return element
        }
        return try evaluate(body)
    }

    private mutating func holds(
        _ loop: ExpressionTree.Loop,
        _ element: ExpressionValue,
        _ index: Int
    ) throws(ExpressionInterruption) -> Bool {
        let value = try evaluateBody(loop, element, index)
        guard case .bool(let holds) = value else {
            throw interruption(
                "the predicate of \(loop.function.rawValue) gives \(value.kind.withArticle) and must give a bool",
                at: loop.body ?? loop.collection
            )
        }
        return holds
    }

    private mutating func firstIndex(
        _ indices: some Sequence<Int>,
        of elements: [ExpressionValue],
        _ loop: ExpressionTree.Loop,
        where wanted: Bool
    ) throws(ExpressionInterruption) -> Int? {
        for index in indices where try holds(loop, elements[index], index) == wanted { return index }
        return nil
    }

    private mutating func count(
        _ elements: [ExpressionValue],
        _ loop: ExpressionTree.Loop,
        at id: NodeID
    ) throws(ExpressionInterruption) -> Int {
        var count = 0
        for (index, element) in elements.enumerated() where try holds(loop, element, index) { count += 1 }
        return count
    }

    private mutating func filter(
        _ elements: [ExpressionValue],
        _ loop: ExpressionTree.Loop,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        var kept: [ExpressionValue] = []
        for (index, element) in elements.enumerated() where try holds(loop, element, index) { kept.append(element) }
        try allocate(elements: kept.count, at: id)
        return .array(kept)
    }

    private mutating func map(
        _ elements: [ExpressionValue],
        _ loop: ExpressionTree.Loop,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        try allocate(elements: elements.count, at: id)
        var mapped: [ExpressionValue] = []
        mapped.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() { mapped.append(try evaluateBody(loop, element, index)) }
        return .array(mapped)
    }

    private mutating func sum(
        _ elements: [ExpressionValue],
        _ loop: ExpressionTree.Loop,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        var sum = ExpressionValue.int(0)
        for (index, element) in elements.enumerated() {
            let value = try evaluateBody(loop, element, index)
            guard let next = ExpressionArithmetic.add(value, sum) else {
                throw interruption("sum needs numbers, and an element is \(value.kind.withArticle)", at: id)
            }
            sum = next
        }
        return sum
    }

    private mutating func group(
        _ elements: [ExpressionValue],
        _ loop: ExpressionTree.Loop,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        try allocate(elements: elements.count, at: id)
        var groups: [ExpressionValue: [ExpressionValue]] = [:]
        for (index, element) in elements.enumerated() {
            let key = try evaluateBody(loop, element, index)
            guard key.canBeKey else {
                throw interruption("\(key.kind.withArticle) can't be the key of a group", at: loop.body ?? id)
            }
            try spend(key.textCost, at: id)
            groups[key, default: []].append(element)
        }
        return .map(ExpressionMap(keyed: groups.mapValues(ExpressionValue.array)))
    }

    private mutating func sort(
        _ elements: [ExpressionValue],
        _ loop: ExpressionTree.Loop,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        var order: ExpressionValue?
        if let option = loop.option { order = try evaluate(option) }
        var keys: [ExpressionValue] = []
        keys.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() { keys.append(try evaluateBody(loop, element, index)) }
        do throws(ExpressionError) {
            let order = try SortOrder(order, of: loop.function.rawValue)
            return .array(try order.sorted(elements, by: keys, &budget))
        } catch {
            throw interruption(error, at: loop.option ?? id)
        }
    }

    private mutating func reduce(
        _ elements: [ExpressionValue],
        _ loop: ExpressionTree.Loop,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        var result: ExpressionValue
        var start = 0
        if let initial = loop.option {
            result = try evaluate(initial)
        } else if let first = elements.first {
            result = first
            start = 1
        } else {
            throw interruption("reduce of an empty array needs an initial value as its third argument", at: id)
        }
        for index in start..<elements.count {
            self.loop.accumulator = result
            result = try evaluateBody(loop, elements[index], index)
            // Only here can a value grow deeper with each turn.
            guard try depth(of: result, at: id) <= ExpressionBudget.maximumValueDepth else {
                throw interruption(
                    "the result nests deeper than \(ExpressionBudget.maximumValueDepth) levels",
                    at: id,
                    code: .limit
                )
            }
        }
        return result
    }

    private mutating func depth(of value: ExpressionValue, at id: NodeID) throws(ExpressionInterruption) -> Int {
        try spend(1, at: id)
        var deepest = 0
        switch value {
        case .array(let elements):
            for element in elements { deepest = max(deepest, try depth(of: element, at: id)) }
        case .map(let map):
            for value in map.values { deepest = max(deepest, try depth(of: value, at: id)) }
        case .record(let record):
            for field in record.fields { deepest = max(deepest, try depth(of: field.value, at: id)) }
        case .null, .bool, .int, .double, .string, .bytes, .time, .duration, .zone, .calendar, .unsigned, .version,
            .function:
            return 0
        }
        return deepest + 1
    }
}

extension ExpressionValue {
    /// The bytes of a string, as integers.
    fileprivate var byteElements: [ExpressionValue]? {
        if case .string(let text) = self { text.utf8.map { .int(Int64($0)) } } else { nil }
    }

    fileprivate static func index(_ index: Int?) -> ExpressionValue { index.map { .int(Int64($0)) } ?? .null }

    /// Whether Go could use it as the key of a map.
    var canBeKey: Bool {
        switch self {
        case .null, .bool, .int, .double, .string, .time, .duration, .zone, .calendar, .unsigned, .version: true
        case .bytes, .array, .map, .record, .function: false
        }
    }
}
