/// A method of a duration, as Go's `time.Duration` has it.
enum DurationMethod: String {
    case abs = "Abs"
    case hours = "Hours"
    case microseconds = "Microseconds"
    case milliseconds = "Milliseconds"
    case minutes = "Minutes"
    case nanoseconds = "Nanoseconds"
    case round = "Round"
    case seconds = "Seconds"
    case string = "String"
    case truncate = "Truncate"

    var arity: Int { self == .round || self == .truncate ? 1 : 0 }

    var result: ExpressionKind {
        switch self {
        case .abs, .round, .truncate: .duration
        case .hours, .minutes, .seconds: .double
        case .microseconds, .milliseconds, .nanoseconds: .int
        case .string: .string
        }
    }

    func apply(to duration: GoDuration, _ arguments: ExpressionArguments) throws(ExpressionError) -> ExpressionValue {
        let nanoseconds = duration.nanoseconds
        switch self {
        case .abs: return .duration(GoDuration(nanoseconds: Int64(clamping: nanoseconds.magnitude)))
        case .hours: return .double(Self.units(nanoseconds, of: 3_600_000_000_000))
        case .microseconds: return .int(nanoseconds / 1_000)
        case .milliseconds: return .int(nanoseconds / 1_000_000)
        case .minutes: return .double(Self.units(nanoseconds, of: 60_000_000_000))
        case .nanoseconds: return .int(nanoseconds)
        case .round: return .duration(Self.round(nanoseconds, to: try arguments.duration(at: 0).nanoseconds))
        case .seconds: return .double(Self.units(nanoseconds, of: 1_000_000_000))
        case .string: return .string(duration.description)
        case .truncate:
            let unit = try arguments.duration(at: 0).nanoseconds
            return .duration(GoDuration(nanoseconds: unit <= 0 ? nanoseconds : nanoseconds - nanoseconds % unit))
        }
    }

    /// As in Go, so that the last digit is the same.
    private static func units(_ nanoseconds: Int64, of unit: Int64) -> Double {
        Double(nanoseconds / unit) + Double(nanoseconds % unit) / Double(unit)
    }

    /// The nearest multiple, halves away from zero.
    private static func round(_ nanoseconds: Int64, to unit: Int64) -> GoDuration {
        guard unit > 0 else { return GoDuration(nanoseconds: nanoseconds) }
        let rest = Int64((nanoseconds % unit).magnitude)
        let isNearer = rest < unit - rest
        let magnitude = Int128(nanoseconds.magnitude) - Int128(rest) + (isNearer ? 0 : Int128(unit))
        return GoDuration(nanoseconds: Int64(clamping: nanoseconds < 0 ? -magnitude : magnitude))
    }
}
