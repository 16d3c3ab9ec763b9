/// A date and a time of day in the Gregorian calendar, without a zone.
///
/// All arithmetic wraps around, as Go's does, so that no number of years or days can stop the process.
struct CivilTime {
    var year: Int64
    /// 1 to 12 when read from a moment.
    var month: Int64
    var day: Int64
    var hour: Int64 = 0
    var minute: Int64 = 0
    var second: Int64 = 0

    static let secondsPerDay: Int64 = 86_400
    /// The calendar repeats after 400 years.
    private static let daysPerEra: Int64 = 146_097
    /// The days from 1 March of the year 0 to 1 January 1970.
    private static let daysToEpoch: Int64 = 719_468

    init(year: Int64, month: Int64, day: Int64, hour: Int64 = 0, minute: Int64 = 0, second: Int64 = 0) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// What a calendar and a clock show, given the seconds since 1970 in their zone.
    init(localSeconds: Int64) {
        let days = Self.floorDivide(localSeconds, by: Self.secondsPerDay)
        let rest = localSeconds &- days &* Self.secondsPerDay
        // Years begin in March here, so that the leap day is the last of its year.
        let shifted = days &+ Self.daysToEpoch
        let era = Self.floorDivide(shifted, by: Self.daysPerEra)
        let dayOfEra = shifted &- era &* Self.daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = era &* 400 &+ yearOfEra &+ (month <= 2 ? 1 : 0)
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60
    }

    /// The days since 1970; months and days beyond their range count on.
    var days: Int64 {
        let months = month &- 1
        let yearsInMonths = Self.floorDivide(months, by: 12)
        let month = months &- yearsInMonths &* 12 &+ 1
        let marchYear = year &+ yearsInMonths &- (month <= 2 ? 1 : 0)
        let era = Self.floorDivide(marchYear, by: 400)
        let yearOfEra = marchYear &- era &* 400
        let marchMonth = month > 2 ? month - 3 : month + 9
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + (153 * marchMonth + 2) / 5
        return era &* Self.daysPerEra &+ dayOfEra &+ day &- 1 &- Self.daysToEpoch
    }

    /// The seconds since 1970 in the zone of the clock.
    var localSeconds: Int64 { days &* Self.secondsPerDay &+ hour &* 3600 &+ minute &* 60 &+ second }

    /// 0 is Sunday.
    var weekday: Int { Int(Self.modulo(days &+ 4, 7)) }

    /// 1 is 1 January.
    var yearDay: Int64 { days &- CivilTime(year: year, month: 1, day: 1).days &+ 1 }

    static func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    static func dayCount(year: Int64, month: Int64) -> Int64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    static func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : (value + 1) / divisor - 1
    }

    private static func modulo(_ value: Int64, _ divisor: Int64) -> Int64 {
        value &- floorDivide(value, by: divisor) &* divisor
    }

    static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    static let weekdayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
}
