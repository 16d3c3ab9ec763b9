/// A month or a day of the week: Go's `time.Month` and `time.Weekday`.
///
/// They are numbers with a type of their own, which no number equals; `int()` makes one of them, `string()` a name.
public enum GoCalendarUnit: Sendable, Hashable {
    /// A month; 1 is January.
    case month(Int)
    /// A day of the week; 0 is Sunday.
    case weekday(Int)

    /// The number.
    public var number: Int {
        switch self {
        case .month(let number), .weekday(let number): number
        }
    }

    var typeName: String {
        switch self {
        case .month: "time.Month"
        case .weekday: "time.Weekday"
        }
    }
}

extension GoCalendarUnit: CustomStringConvertible {
    /// The English name.
    public var description: String {
        switch self {
        case .month(let number): CivilTime.monthNames[(number + 11) % 12]
        case .weekday(let number): CivilTime.weekdayNames[number % 7]
        }
    }
}
