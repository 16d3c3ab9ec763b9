/// The builtins that compute with numbers.
enum NumberFunctions {
    static func abs(_ arguments: ExpressionArguments) throws(ExpressionError) -> ExpressionValue {
        switch arguments[0] {
        case .int(let value): .int(value < 0 ? 0 &- value : value)
        case .double(let value): .double(value < 0 ? -value : value)
        case .unsigned: arguments[0]
        default: throw arguments.mismatch(at: 0, expected: "a number")
        }
    }

    static func round(
        _ arguments: ExpressionArguments,
        _ rule: FloatingPointRoundingRule
    ) throws(ExpressionError) -> ExpressionValue {
        guard let value = ExpressionArithmetic.double(arguments[0]) else {
            throw arguments.mismatch(at: 0, expected: "a number")
        }
        return .double(value.rounded(rule))
    }

    static func int(_ arguments: ExpressionArguments) throws(ExpressionError) -> ExpressionValue {
        if case .string(let text) = arguments[0] {
            guard let value = Int64(text) else {
                throw ExpressionError("the string given to int is no decimal integer of 64 bits")
            }
            return .int(value)
        }
        if let value = ExpressionArithmetic.integer(arguments[0]) { return .int(value) }
        if case .duration(let duration) = arguments[0] { return .int(duration.nanoseconds) }
        if case .calendar(let unit) = arguments[0] { return .int(Int64(unit.number)) }
        guard case .double = arguments[0] else { throw arguments.mismatch(at: 0, expected: "a number or a string") }
        throw ExpressionError("the number given to int does not fit 64 bits")
    }

    static func float(_ arguments: ExpressionArguments) throws(ExpressionError) -> ExpressionValue {
        if case .string(let text) = arguments[0] {
            guard let value = GoNumber.parse(text) else {
                throw ExpressionError("the string given to float is no number, or one out of range")
            }
            return .double(value)
        }
        guard let value = ExpressionArithmetic.double(arguments[0]) else {
            throw arguments.mismatch(at: 0, expected: "a number or a string")
        }
        return .double(value)
    }

    // MARK: Bits

    static func bits(
        _ arguments: ExpressionArguments,
        _ combine: (Int64, Int64) -> Int64
    ) throws(ExpressionError) -> ExpressionValue {
        .int(combine(try arguments.integer(at: 0), try arguments.integer(at: 1)))
    }

    static func shift(
        _ arguments: ExpressionArguments,
        _ shift: (Int64, Int64) -> Int64
    ) throws(ExpressionError) -> ExpressionValue {
        let count = try arguments.integer(at: 1)
        guard count >= 0 else { throw ExpressionError("\(arguments.functionName) can't shift by a negative number") }
        return .int(shift(try arguments.integer(at: 0), count))
    }

    // MARK: Aggregates

    /// `max` and `min`: the number that is not before (or after) any other, in arrays or not.
    static func extreme(
        _ arguments: ExpressionArguments,
        _ replaces: BinaryOperator,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        // A single variable that holds something else is passed through by the original.
        if arguments.count == 1, !arguments[0].kind.isNumber, arguments[0].elements == nil { return arguments[0] }
        var found = ExpressionValue.null
        for number in try numbers(arguments, &budget)
        where found.isNull || ExpressionComparison.order(replaces, found, number) == true {
            found = number
        }
        return found
    }

    static func mean(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        let numbers = try numbers(arguments, &budget).compactMap(ExpressionArithmetic.double)
        return .double(numbers.isEmpty ? 0 : numbers.reduce(0, +) / Double(numbers.count))
    }

    static func median(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        let numbers = try numbers(arguments, &budget).compactMap(ExpressionArithmetic.double).sorted()
        guard !numbers.isEmpty else { return .double(0) }
        let middle = numbers.count / 2
        return .double(numbers.count.isMultiple(of: 2) ? (numbers[middle - 1] + numbers[middle]) / 2 : numbers[middle])
    }

    private static func numbers(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> [ExpressionValue] {
        var numbers: [ExpressionValue] = []
        for value in arguments.values { try collect(value, of: arguments.functionName, into: &numbers, &budget) }
        return numbers
    }

    private static func collect(
        _ value: ExpressionValue,
        of function: String,
        into numbers: inout [ExpressionValue],
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) {
        if value.kind.isNumber {
            numbers.append(value)
        } else if let elements = value.elements {
            // The same array may be part of others many times.
            try budget.spend(steps: elements.count)
            for element in elements { try collect(element, of: function, into: &numbers, &budget) }
        } else {
            throw ExpressionError("\(function) needs numbers, and is given \(value.kind.withArticle)")
        }
    }
}
