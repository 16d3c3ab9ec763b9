/// The builtins that work on arrays.
enum CollectionFunctions {
    static func len(_ arguments: ExpressionArguments) throws(ExpressionError) -> ExpressionValue {
        switch arguments[0] {
        case .array(let elements): .int(Int64(elements.count))
        case .bytes(let bytes): .int(Int64(bytes.count))
        case .map(let map): .int(Int64(map.count))
        case .string(let text): .int(Int64(text.unicodeScalars.count))
        default: throw arguments.mismatch(at: 0, expected: "an array, a map or a string")
        }
    }

    /// `first` and `last`, which give nil for whatever has no such element.
    static func element(_ arguments: ExpressionArguments, at index: Int64) -> ExpressionValue {
        element(of: arguments[0], at: index) ?? .null
    }

    private static func element(of value: ExpressionValue, at index: Int64) -> ExpressionValue? {
        func position(in count: Int) -> Int? {
            let position = index < 0 ? index + Int64(count) : index
            return (0..<Int64(count)).contains(position) ? Int(position) : nil
        }
        switch value {
        case .array(let elements): return position(in: elements.count).map { elements[$0] }
        case .bytes(let bytes): return position(in: bytes.count).map { .int(Int64(bytes[$0])) }
        case .string(let text): return position(in: text.utf8.count).map { .int(Int64(text.byte(at: $0))) }
        default: return nil
        }
    }

    /// `get`, which gives nil where an index or key is missing.
    static func get(_ arguments: ExpressionArguments) throws(ExpressionError) -> ExpressionValue {
        switch arguments[0] {
        case .map(let map):
            if case .keyed(let entries) = map.storage { return entries[arguments[1]] ?? .null }
            if arguments[1].isNull { return map.value(ifPresent: "") ?? .null }
            return map.value(ifPresent: try arguments.string(at: 1)) ?? .null
        case .array, .bytes, .string:
            guard arguments[1].kind.isNumber else { throw arguments.mismatch(at: 1, expected: "a number") }
            guard let index = ExpressionArithmetic.integer(arguments[1]) else { return .null }
            return element(of: arguments[0], at: index) ?? .null
        case .time, .duration, .zone, .calendar, .version:
            guard case .string(let name) = arguments[1] else { return .null }
            return arguments[0].member(named: name) ?? .null
        case .record:
            throw ExpressionError("get takes nothing from a structure; take its field with a dot")
        default:
            return .null
        }
    }

    static func take(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        let elements = try arguments.array(at: 0)
        let count = try arguments.integer(at: 1)
        guard count >= 0 else { throw ExpressionError("take can't take a negative number of elements") }
        let part = elements.prefix(Int(clamping: count))
        try budget.allocate(elements: part.count)
        return .array(Array(part))
    }

    static func reverse(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        let elements = try arguments.array(at: 0)
        try budget.allocate(elements: elements.count)
        return .array(elements.reversed())
    }

    static func uniq(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        var kept: [ExpressionValue] = []
        var texts: Set<String> = []
        for element in try arguments.array(at: 0) {
            if case .string(let text) = element {
                try budget.spend(steps: element.textCost)
                if texts.insert(text).inserted { kept.append(element) }
            } else if !(try ExpressionComparison.contains(.array(kept), element, &budget)) {
                kept.append(element)
            }
        }
        try budget.allocate(elements: kept.count)
        return .array(kept)
    }

    static func concat(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        var result: [ExpressionValue] = []
        for index in 0..<arguments.count {
            let elements = try arguments.array(at: index)
            try budget.allocate(elements: elements.count)
            result += elements
        }
        return .array(result)
    }

    static func flatten(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        var result: [ExpressionValue] = []
        try flatten(try arguments.array(at: 0), into: &result, &budget)
        return .array(result)
    }

    private static func flatten(
        _ elements: [ExpressionValue],
        into result: inout [ExpressionValue],
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) {
        try budget.allocate(elements: elements.count)
        for element in elements {
            if let inner = element.elements {
                try flatten(inner, into: &result, &budget)
            } else {
                result.append(element)
            }
        }
    }

    static func sort(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        // The original finds nothing to sort in anything else.
        guard case .array(let elements) = arguments[0] else { return .array([]) }
        let order = try SortOrder(arguments.count > 1 ? arguments[1] : nil, of: arguments.functionName)
        return .array(try order.sorted(elements, by: elements, &budget))
    }
}
