#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Arithmetic with Go's rules: integers wrap around, an integer and a floating point number give a floating point
/// number.
///
/// Nothing is the answer where the operands are of the wrong kinds.
enum ExpressionArithmetic {
    /// The number as an integer; a floating point number loses its fraction.
    static func integer(_ value: ExpressionValue) -> Int64? {
        switch value {
        case .int(let value): value
        case .unsigned(let value): Int64(truncatingIfNeeded: value)
        case .double(let value): Int64(exactly: value.rounded(.towardZero))
        default: nil
        }
    }

    /// Both as integers, unless one has a fraction or is no number.
    static func integers(_ left: ExpressionValue, _ right: ExpressionValue) -> (Int64, Int64)? {
        switch (left, right) {
        case (.int(let left), .int(let right)): (left, right)
        case (.int(let left), .unsigned(let right)): (left, Int64(truncatingIfNeeded: right))
        case (.unsigned(let left), .int(let right)): (Int64(truncatingIfNeeded: left), right)
        case (.unsigned(let left), .unsigned(let right)):
            (Int64(truncatingIfNeeded: left), Int64(truncatingIfNeeded: right))
        default: nil
        }
    }

    static func double(_ value: ExpressionValue) -> Double? {
        switch value {
        case .int(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    static func negate(_ value: ExpressionValue) -> ExpressionValue? {
        switch value {
        case .int(let value): .int(0 &- value)
        case .unsigned(let value): .unsigned(0 &- value)
        case .double(let value): .double(-value)
        default: nil
        }
    }

    static func add(_ left: ExpressionValue, _ right: ExpressionValue) -> ExpressionValue? {
        if let (left, right) = integers(left, right) { return .int(left &+ right) }
        guard let left = double(left), let right = double(right) else { return nil }
        return .double(left + right)
    }

    static func combine(
        _ binary: BinaryOperator,
        _ left: ExpressionValue,
        _ right: ExpressionValue
    ) throws(ExpressionError) -> ExpressionValue? {
        if let (left, right) = integers(left, right) {
            switch binary {
            case .subtract: return .int(left &- right)
            case .multiply: return .int(left &* right)
            case .remainder:
                guard right != 0 else { throw ExpressionError("there is no remainder of a division by zero") }
                // The least integer divided by -1 overflows, though the remainder is plain.
                return .int(right == -1 ? 0 : left % right)
            default: break
            }
        }
        guard let left = double(left), let right = double(right) else { return nil }
        switch binary {
        case .subtract: return .double(left - right)
        case .multiply: return .double(left * right)
        case .divide: return .double(left / right)
        case .power: return .double(pow(left, right))
        default: return nil
        }
    }

    /// The integers that `..` stands for.
    static func range(
        _ left: ExpressionValue,
        _ right: ExpressionValue,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue? {
        guard let lower = integer(left), let upper = integer(right) else { return nil }
        guard lower <= upper else { return .array([]) }
        let (difference, overflow) = upper.subtractingReportingOverflow(lower)
        let isTooLong = overflow || difference >= ExpressionBudget.maximumElements
        try budget.allocate(elements: isTooLong ? .max : Int(difference) + 1)
        return .array((lower...upper).map(ExpressionValue.int))
    }
}
