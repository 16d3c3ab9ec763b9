/// Arithmetic with times and durations, as Go does it.
///
/// Nothing is the answer where there is none.
enum TimeArithmetic {
    static func combine(
        _ binary: BinaryOperator,
        _ left: ExpressionValue,
        _ right: ExpressionValue
    ) -> ExpressionValue? {
        switch (binary, left, right) {
        case (.add, .time(let time), .duration(let duration)), (.add, .duration(let duration), .time(let time)):
            .time(time.adding(duration))
        case (.add, .duration(let left), .duration(let right)): duration(left.nanoseconds &+ right.nanoseconds)
        case (.subtract, .time(let left), .time(let right)): .duration(left.since(right))
        case (.subtract, .time(let time), .duration(let duration)):
            .time(time.adding(GoDuration(nanoseconds: 0 &- duration.nanoseconds)))
        case (.subtract, .duration(let left), .duration(let right)): duration(left.nanoseconds &- right.nanoseconds)
        case (.multiply, .duration(let left), .duration(let right)): duration(left.nanoseconds &* right.nanoseconds)
        case (.multiply, .duration(let duration), let number), (.multiply, let number, .duration(let duration)):
            multiply(duration, number)
        default: nil
        }
    }

    private static func duration(_ nanoseconds: Int64) -> ExpressionValue {
        .duration(GoDuration(nanoseconds: nanoseconds))
    }

    /// By a floating point number the product is one too, and no longer a duration.
    private static func multiply(_ duration: GoDuration, _ number: ExpressionValue) -> ExpressionValue? {
        switch number {
        case .int(let factor): self.duration(duration.nanoseconds &* factor)
        case .unsigned(let factor): self.duration(duration.nanoseconds &* Int64(truncatingIfNeeded: factor))
        case .double(let factor): .double(Double(duration.nanoseconds) * factor)
        default: nil
        }
    }
}
