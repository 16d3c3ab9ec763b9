/// A method of a time, as Go's `time.Time` has it.
enum TimeMethod: String {
    case add = "Add"
    case addDate = "AddDate"
    case after = "After"
    case before = "Before"
    case compare = "Compare"
    case day = "Day"
    case equal = "Equal"
    case format = "Format"
    case hour = "Hour"
    case isDST = "IsDST"
    case isZero = "IsZero"
    case isoWeek = "ISOWeek"
    case local = "Local"
    case location = "Location"
    case minute = "Minute"
    case month = "Month"
    case nanosecond = "Nanosecond"
    case round = "Round"
    case second = "Second"
    case shown = "In"
    case string = "String"
    case sub = "Sub"
    case truncate = "Truncate"
    case unix = "Unix"
    case unixMicro = "UnixMicro"
    case unixMilli = "UnixMilli"
    case unixNano = "UnixNano"
    case utc = "UTC"
    case weekday = "Weekday"
    case year = "Year"
    case yearDay = "YearDay"
    case zone = "Zone"

    var arity: Int {
        switch self {
        case .add, .after, .before, .compare, .equal, .format, .round, .shown, .sub, .truncate: 1
        case .addDate: 3
        default: 0
        }
    }

    var result: ExpressionKind {
        switch self {
        case .add, .addDate, .local, .round, .shown, .truncate, .utc: .time
        case .after, .before, .equal, .isDST, .isZero: .bool
        case .format, .string, .zone: .string
        case .location: .zone
        case .month, .weekday: .calendar
        case .sub: .duration
        default: .int
        }
    }

    func apply(to time: GoTime, _ arguments: ExpressionArguments) throws(ExpressionError) -> ExpressionValue {
        switch self {
        case .add: return .time(time.adding(try arguments.duration(at: 0)))
        case .addDate:
            return .time(
                time.adding(
                    years: try arguments.integer(at: 0),
                    months: try arguments.integer(at: 1),
                    days: try arguments.integer(at: 2)
                )
            )
        case .after: return .bool(try arguments.time(at: 0).isBefore(time))
        case .before: return .bool(time.isBefore(try arguments.time(at: 0)))
        case .compare:
            let other = try arguments.time(at: 0)
            return .int(time.isBefore(other) ? -1 : other.isBefore(time) ? 1 : 0)
        case .equal: return .bool(time.isSameMoment(as: try arguments.time(at: 0)))
        case .format: return .string(time.formatted(try arguments.string(at: 0)))
        case .local: return .time(time.shown(in: ZoneDatabase.local))
        case .location: return .zone(time.location)
        case .round: return .time(time.rounded(to: try arguments.duration(at: 0)))
        case .shown:
            guard case .zone(let location) = arguments[0] else {
                throw arguments.mismatch(at: 0, expected: "a time zone")
            }
            return .time(time.shown(in: location))
        case .string: return .string(time.description)
        case .sub: return .duration(time.since(try arguments.time(at: 0)))
        case .truncate: return .time(time.truncated(to: try arguments.duration(at: 0)))
        case .utc: return .time(time.shown(in: .utc))
        // Go gives the offset too, of which expr drops all but the first.
        case .zone: return .string(time.period.abbreviation)
        case .isDST: return .bool(time.period.isDaylightSaving)
        case .isZero: return .bool(time.secondsSince1970 == GoTime.zeroSeconds && time.nanosecond == 0)
        case .month: return .calendar(.month(Int(time.civil.month)))
        case .weekday: return .calendar(.weekday(time.civil.weekday))
        default: return .int(number(of: time))
        }
    }

    private func number(of time: GoTime) -> Int64 {
        switch self {
        case .day: time.civil.day
        case .hour: time.civil.hour
        case .isoWeek: time.isoYear
        case .minute: time.civil.minute
        case .nanosecond: time.nanosecond
        case .second: time.civil.second
        case .unixMicro: time.secondsSince1970 &* 1_000_000 &+ time.nanosecond / 1_000
        case .unixMilli: time.secondsSince1970 &* 1_000 &+ time.nanosecond / 1_000_000
        case .unixNano: time.secondsSince1970 &* 1_000_000_000 &+ time.nanosecond
        case .year: time.civil.year
        case .yearDay: time.civil.yearDay
        default: time.secondsSince1970
        }
    }
}

extension GoTime {
    /// The year to which the week belongs, which is that of its Thursday.
    fileprivate var isoYear: Int64 {
        adding(years: 0, months: 0, days: 3 - Int64((civil.weekday + 6) % 7)).civil.year
    }

    /// The latest multiple of a duration since the year 1.
    fileprivate func truncated(to duration: GoDuration) -> GoTime {
        guard duration.nanoseconds > 0 else { return self }
        return adding(GoDuration(nanoseconds: -remainder(of: duration).nanoseconds))
    }

    /// The nearest multiple of a duration since the year 1.
    fileprivate func rounded(to duration: GoDuration) -> GoTime {
        guard duration.nanoseconds > 0 else { return self }
        let rest = remainder(of: duration).nanoseconds
        let isNearer = rest < duration.nanoseconds - rest
        return adding(GoDuration(nanoseconds: isNearer ? -rest : duration.nanoseconds - rest))
    }
}

extension ExpressionArguments {
    func time(at index: Int) throws(ExpressionError) -> GoTime {
        guard case .time(let time) = self[index] else { throw mismatch(at: index, expected: "a time") }
        return time
    }

    func duration(at index: Int) throws(ExpressionError) -> GoDuration {
        guard case .duration(let duration) = self[index] else { throw mismatch(at: index, expected: "a duration") }
        return duration
    }
}
