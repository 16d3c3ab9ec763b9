/// How values compare.
enum ExpressionComparison {
    /// `==`: numbers by value whatever their kind, arrays element by element, maps only with values of the same kinds.
    static func areEqual(
        _ left: ExpressionValue,
        _ right: ExpressionValue,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> Bool {
        switch (left, right) {
        case (.int(let left), .int(let right)): return left == right
        case (.double(let left), .double(let right)): return left == right
        case (.int(let left), .double(let right)): return Double(left) == right
        case (.double(let left), .int(let right)): return left == Double(right)
        case (.string(let first), .string(let second)):
            guard first.utf8.count == second.utf8.count else { return false }
            try budget.spend(steps: left.textCost)
            return first.hasSameBytes(as: second)
        case (.bool(let left), .bool(let right)): return left == right
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return false }
            try budget.spend(steps: left.count)
            for (left, right) in zip(left, right) where !(try areEqual(left, right, &budget)) { return false }
            return true
        case (.map(let left), .map(let right)): return try areIdentical(left, right, &budget)
        case (.bytes(let first), .bytes(let second)):
            try budget.spend(steps: left.textCost)
            return first == second
        case (.function(let left), .function(let right)): return left == right
        case (.null, .null): return true
        case (.time(let left), .time(let right)): return left.isSameMoment(as: right)
        case (.duration(let left), .duration(let right)): return left == right
        case (.zone(let left), .zone(let right)): return left == right
        case (.calendar(let left), .calendar(let right)): return left == right
        case (.version(let left), .version(let right)): return left.original == right.original
        case (.record(let left), .record(let right)): return try areIdentical(left, right, &budget)
        case (.unsigned, _), (_, .unsigned): return order(.equal, left, right) ?? false
        default: return false
        }
    }

    /// Go's `reflect.DeepEqual`, for which `1` and `1.0` are different.
    private static func areIdentical(
        _ left: ExpressionValue,
        _ right: ExpressionValue,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> Bool {
        guard left.kind == right.kind else { return false }
        guard case (.array(let first), .array(let second)) = (left, right) else {
            return try areEqual(left, right, &budget)
        }
        guard first.count == second.count else { return false }
        try budget.spend(steps: first.count)
        for (first, second) in zip(first, second) where !(try areIdentical(first, second, &budget)) { return false }
        return true
    }

    private static func areIdentical(
        _ left: ExpressionRecord,
        _ right: ExpressionRecord,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> Bool {
        guard left.typeName == right.typeName, left.fields.map(\.name) == right.fields.map(\.name) else { return false }
        try budget.spend(steps: left.fields.count)
        for (left, right) in zip(left.fields, right.fields) {
            guard try areIdentical(left.value, right.value, &budget) else { return false }
        }
        return true
    }

    private static func areIdentical(
        _ left: ExpressionMap,
        _ right: ExpressionMap,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> Bool {
        guard left.count == right.count else { return false }
        try budget.spend(steps: left.count + left.keyCost)
        switch (left.storage, right.storage) {
        case (.values(let left), .values(let right)):
            for (key, value) in left {
                guard let other = right[key], try areIdentical(value, other, &budget) else { return false }
            }
            return true
        case (.keyed(let left), .keyed(let right)):
            for (key, value) in left {
                guard let other = right[key], try areIdentical(value, other, &budget) else { return false }
            }
            return true
        case (.texts(let left), .texts(let right)):
            try budget.spend(steps: left.values.reduce(0) { $0 + $1.utf8.count / ExpressionBudget.bytesPerStep })
            return left == right
        default: return false
        }
    }

    /// `<` and its kin; nothing where the two have no order.
    static func order(_ binary: BinaryOperator, _ left: ExpressionValue, _ right: ExpressionValue) -> Bool? {
        switch (left, right) {
        case (.int(let left), .int(let right)): compare(binary, left, right)
        case (.double(let left), .double(let right)): compare(binary, left, right)
        case (.int(let left), .double(let right)): compare(binary, Double(left), right)
        case (.double(let left), .int(let right)): compare(binary, left, Double(right))
        case (.string(let left), .string(let right)): compare(binary, left, right)
        case (.time(let left), .time(let right)): compare(binary, left, right)
        case (.duration(let left), .duration(let right)): compare(binary, left, right)
        case (.unsigned, _), (_, .unsigned):
            if let (left, right) = ExpressionArithmetic.integers(left, right) {
                compare(binary, left, right)
            } else if let left = ExpressionArithmetic.double(left), let right = ExpressionArithmetic.double(right) {
                compare(binary, left, right)
            } else {
                nil
            }
        default: nil
        }
    }

    private static func compare<T: Comparable>(_ binary: BinaryOperator, _ left: T, _ right: T) -> Bool {
        switch binary {
        case .equal: left == right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        default: left >= right
        }
    }

    private static func compare(_ binary: BinaryOperator, _ left: GoTime, _ right: GoTime) -> Bool {
        switch binary {
        case .less: left.isBefore(right)
        case .lessOrEqual: !right.isBefore(left)
        case .greater: right.isBefore(left)
        default: !left.isBefore(right)
        }
    }

    private static func compare(_ binary: BinaryOperator, _ left: String, _ right: String) -> Bool {
        switch binary {
        case .less: left.precedesInBytes(right)
        case .lessOrEqual: !right.precedesInBytes(left)
        case .greater: right.precedesInBytes(left)
        default: !left.precedesInBytes(right)
        }
    }

    /// `in`.
    static func contains(
        _ collection: ExpressionValue,
        _ value: ExpressionValue,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> Bool {
        switch collection {
        case .null:
            return false
        case .array(let elements):
            for element in elements {
                try budget.spend(steps: 1)
                if try areEqual(element, value, &budget) { return true }
            }
            return false
        case .bytes(let bytes):
            try budget.spend(steps: collection.textCost)
            guard case .int(let value) = value else { return false }
            return bytes.contains { Int64($0) == value }
        case .map(let map):
            try budget.spend(steps: value.textCost)
            if case .keyed(let entries) = map.storage { return entries[value] != nil }
            switch value {
            case .string(let key): return map.value(ifPresent: key) != nil
            // Go looks up the zero value of the key's type.
            case .null: return map.value(ifPresent: "") != nil
            default: throw ExpressionError("the keys of the map are strings, and this is \(value.kind.withArticle)")
            }
        case .record(let record):
            guard case .string(let name) = value else {
                throw ExpressionError("the fields of a structure have names, and this is \(value.kind.withArticle)")
            }
            return record[name] != nil
        default:
            throw ExpressionError("'in' needs an array or a map, and this is \(collection.kind.withArticle)")
        }
    }

    /// The order in which Go prints the keys of a map: by kind, then by value.
    static func precedesInMap(_ left: ExpressionValue, _ right: ExpressionValue) -> Bool {
        switch (left, right) {
        case (.bool(let left), .bool(let right)): !left && right
        case (.int(let left), .int(let right)): left < right
        case (.double(let left), .double(let right)): left < right
        case (.string(let left), .string(let right)): left.precedesInBytes(right)
        default: left.kind.rawValue < right.kind.rawValue
        }
    }
}

extension ExpressionValue {
    /// About how many steps it takes to compare or to hash it, if it is a long string.
    var textCost: Int {
        switch self {
        case .string(let text): text.utf8.count / ExpressionBudget.bytesPerStep
        case .bytes(let bytes): bytes.count / ExpressionBudget.bytesPerStep
        default: 0
        }
    }
}
