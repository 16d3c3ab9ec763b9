extension ExpressionInterpreter {
    mutating func evaluateMember(
        _ name: Int32,
        of base: NodeID,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        try member(name, of: try evaluate(base), at: id)
    }

    mutating func evaluateElement(
        of base: NodeID,
        at key: NodeID,
        of id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        let value = try evaluate(base)
        return try element(of: value, at: try evaluate(key), key, of: id)
    }

    mutating func evaluateChain(_ inner: NodeID) throws(ExpressionInterruption) -> ExpressionValue {
        try evaluateLink(inner) ?? .null
    }

    /// Evaluates a part of an optional chain; nothing means that a `?.` found nil and the rest is to be skipped.
    mutating func evaluateLink(_ id: NodeID) throws(ExpressionInterruption) -> ExpressionValue? {
        switch parsed.tree[id] {
        case .member(let base, let name, let isOptional):
            try spend(1, at: id)
            guard let value = try evaluateLink(base) else { return nil }
            if isOptional, value.isNull { return nil }
            return try member(name, of: value, at: id)
        case .indexed(let base, let key, let isOptional):
            try spend(1, at: id)
            guard let value = try evaluateLink(base) else { return nil }
            if isOptional, value.isNull { return nil }
            return try element(of: value, at: try evaluate(key), key, of: id)
        case .invocation(let callee, let arguments):
            try spend(1, at: id)
            guard let value = try evaluateLink(callee) else { return nil }
            return try invoke(value, arguments, at: id)
        default:
            return try evaluate(id)
        }
    }

    mutating func member(
        _ nameIndex: Int32,
        of base: ExpressionValue,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        let name = parsed.tree.names[Int(nameIndex)]
        guard case .map(let map) = base else {
            if let member = base.member(named: name) { return member }
            let subject = base.isNull ? "nil" : base.kind.withArticle
            let remedy =
                switch base {
                case .null: "; use ?. where nil is expected"
                case .record(let record): "; it has \(record.fields.map(\.name).joined(separator: ", "))"
                default: ""
                }
            throw interruption("\(subject) has no '\(name)'\(remedy)", at: id)
        }
        return map[name]
    }

    mutating func element(
        of base: ExpressionValue,
        at position: ExpressionValue,
        _ key: NodeID,
        of id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        switch base {
        case .array(let elements):
            return elements[try index(position, count: elements.count, at: key)]
        case .bytes(let bytes):
            return .int(Int64(bytes[try index(position, count: bytes.count, at: key)]))
        case .string(let text):
            // A byte, as in Go.
            let index = try index(position, count: text.utf8.count, at: key)
            return .int(Int64(text.byte(at: index)))
        case .map(let map):
            return try value(of: position, in: map, at: key)
        case .time, .duration, .zone, .calendar, .version, .record:
            guard case .string(let name) = position, let member = base.member(named: name) else {
                throw interruption("\(base.kind.withArticle) has no such member", at: id)
            }
            return member
        case .null:
            throw interruption("nil has no elements; use ?.[…] where nil is expected", at: id)
        default:
            throw interruption("\(base.kind.withArticle) has no elements", at: id)
        }
    }

    private mutating func value(
        of key: ExpressionValue,
        in map: ExpressionMap,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        try spend(key.textCost, at: id)
        if case .keyed(let entries) = map.storage { return entries[key] ?? .null }
        switch key {
        case .string(let name): return map[name]
        // Go looks up the zero value of the key's type.
        case .null: return map[""]
        default: throw interruption("the keys of the map are strings, and this is \(key.kind.withArticle)", at: id)
        }
    }

    private mutating func index(
        _ position: ExpressionValue,
        count: Int,
        at id: NodeID
    ) throws(ExpressionInterruption) -> Int {
        guard let offset = ExpressionArithmetic.integer(position) else {
            throw interruption("an index must be a number, and this is \(position.kind.withArticle)", at: id)
        }
        let index = offset < 0 ? offset + Int64(count) : offset
        guard (0..<Int64(count)).contains(index) else {
            throw interruption("the index is out of range; there are \(count) elements", at: id)
        }
        return Int(index)
    }

    mutating func slice(
        _ base: NodeID,
        from: NodeID?,
        to: NodeID?,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        let value = try evaluate(base)
        guard let count = value.byteOrElementCount else {
            throw interruption("\(value.kind.withArticle) has no parts to take", at: id)
        }
        let upper = try bound(to, or: count, count: count)
        let lower = min(try bound(from, or: 0, count: count), upper)
        do throws(ExpressionError) {
            return try value.part(lower..<upper, &budget)
        } catch {
            throw interruption(error, at: id)
        }
    }

    /// A bound of a slice, which counts from the end if negative and never lies outside.
    private mutating func bound(
        _ id: NodeID?,
        or standard: Int,
        count: Int
    ) throws(ExpressionInterruption) -> Int {
        guard let id else { return standard }
        let value = try evaluate(id)
        guard let offset = ExpressionArithmetic.integer(value) else {
            throw interruption("a bound must be a number, and this is \(value.kind.withArticle)", at: id)
        }
        let bound = offset < 0 ? offset + Int64(count) : offset
        return Int(min(max(bound, 0), Int64(count)))
    }
}

extension ExpressionValue {
    /// A field or a method.
    func member(named name: String) -> ExpressionValue? {
        if case .record(let record) = self { return record[name] }
        return method(named: name).map(ExpressionValue.function)
    }

    /// How many elements can be taken with `[…]`, which in a string are bytes, as in Go.
    fileprivate var byteOrElementCount: Int? {
        switch self {
        case .array(let elements): elements.count
        case .bytes(let bytes): bytes.count
        case .string(let text): text.utf8.count
        default: nil
        }
    }

    fileprivate func part(
        _ range: Range<Int>,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        switch self {
        case .array(let elements):
            try budget.allocate(elements: range.count)
            return .array(Array(elements[range]))
        case .bytes(let bytes):
            try budget.allocate(bytes: range.count)
            return .bytes(Array(bytes[range]))
        case .string(let text):
            try budget.allocate(bytes: range.count)
            return .string(text.bytes(in: range))
        default:
            return .null
        }
    }
}
