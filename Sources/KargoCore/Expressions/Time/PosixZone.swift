/// The rule at the end of a zone file, such as `CET-1CEST,M3.5.0,M10.5.0/3`, for all years that the file doesn't list.
struct PosixZone: Sendable, Hashable {
    /// A day of every year, and a time of that day.
    private struct Change: Hashable {
        enum Day: Hashable {
            /// Counted from 1, the leap day left out.
            case withoutLeapDay(Int64)
            /// Counted from 0.
            case ofYear(Int64)
            /// A weekday in a month; week 5 is the last.
            case ofWeek(month: Int64, week: Int64, weekday: Int64)
        }

        var day: Day
        /// Seconds after midnight.
        var time: Int64

        /// The seconds since 1970 on the clocks before the change.
        func localSeconds(in year: Int64) -> Int64 {
            let first = CivilTime(year: year, month: 1, day: 1).days
            let days: Int64 =
                switch day {
                case .withoutLeapDay(let number): first &+ number - (number < 60 || !CivilTime.isLeap(year) ? 1 : 0)
                case .ofYear(let number): first &+ number
                case .ofWeek(let month, let week, let weekday): Self.days(year, month, week, weekday)
                }
            return days &* CivilTime.secondsPerDay &+ time
        }

        private static func days(_ year: Int64, _ month: Int64, _ week: Int64, _ weekday: Int64) -> Int64 {
            let first = CivilTime(year: year, month: month, day: 1)
            var day = weekday - Int64(first.weekday)
            if day < 0 { day += 7 }
            day += (week - 1) * 7
            while day >= CivilTime.dayCount(year: year, month: month) { day -= 7 }
            return first.days &+ day
        }
    }

    private struct Daylight: Hashable {
        var setting: ZoneRules.Setting
        var start: Change
        var end: Change
    }

    private let standard: ZoneRules.Setting
    private let daylight: Daylight?

    /// Reads the rule; nothing if it is malformed.
    init?(_ text: some Sequence<UInt8>) {
        var reader = Reader(rest: Array(text)[...])
        guard let name = reader.takeName(), let offset = reader.takeOffset() else { return nil }
        standard = ZoneRules.Setting(offset: -offset, isDaylightSaving: false, abbreviation: name)
        guard !reader.rest.isEmpty else {
            daylight = nil
            return
        }
        guard let daylightName = reader.takeName() else { return nil }
        var daylightOffset = 3600 - offset
        if let first = reader.rest.first, first != UInt8(ascii: ",") {
            guard let offset = reader.takeOffset() else { return nil }
            daylightOffset = -offset
        }
        // What the United States do, if nothing else is said.
        if reader.rest.isEmpty { reader.rest = Array(",M3.2.0,M11.1.0".utf8)[...] }
        guard reader.take(","), let start = reader.takeChange(), reader.take(","), let end = reader.takeChange(),
            reader.rest.isEmpty
        else { return nil }
        daylight = Daylight(
            setting: ZoneRules.Setting(offset: daylightOffset, isDaylightSaving: true, abbreviation: daylightName),
            start: start,
            end: end
        )
    }

    func period(at seconds: Int64) -> ZonePeriod {
        guard let daylight else { return Self.period(standard, .min, .max) }
        let year = CivilTime(localSeconds: seconds &+ standard.offset).year
        var changes: [(seconds: Int64, isDaylight: Bool)] = []
        for year in [year &- 1, year, year &+ 1] {
            changes.append((daylight.start.localSeconds(in: year) &- standard.offset, true))
            changes.append((daylight.end.localSeconds(in: year) &- daylight.setting.offset, false))
        }
        changes.sort { $0.seconds < $1.seconds }
        guard let next = changes.firstIndex(where: { $0.seconds > seconds }), next > 0 else {
            return Self.period(standard, .min, .max)
        }
        let setting = changes[next - 1].isDaylight ? daylight.setting : standard
        return Self.period(setting, changes[next - 1].seconds, changes[next].seconds)
    }

    private static func period(_ setting: ZoneRules.Setting, _ start: Int64, _ end: Int64) -> ZonePeriod {
        ZonePeriod(
            offset: setting.offset,
            abbreviation: setting.abbreviation,
            isDaylightSaving: setting.isDaylightSaving,
            range: start..<end
        )
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func take(_ sign: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: sign) else { return false }
            rest.removeFirst()
            return true
        }

        /// `CET` or `<+03>`.
        mutating func takeName() -> String? {
            let isQuoted = take("<")
            let name = rest.prefix { byte in
                isQuoted
                    ? byte != UInt8(ascii: ">") : (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
            rest = rest[name.endIndex...]
            guard name.count >= 3, !isQuoted || take(">") else { return nil }
            return String(decoding: name, as: UTF8.self)
        }

        mutating func takeNumber(_ range: ClosedRange<Int64>) -> Int64? {
            let digits = rest.prefix(4).prefix { VersionReader.isDigit($0) }
            guard let number = Int64(String(decoding: digits, as: UTF8.self)), range.contains(number) else {
                return nil
            }
            rest = rest[digits.endIndex...]
            return number
        }

        /// `-1`, `5:30` or `2:00:00` in seconds.
        mutating func takeOffset() -> Int64? {
            let sign: Int64 = take("-") ? -1 : 1
            if sign == 1 { _ = take("+") }
            guard let hours = takeNumber(0...167) else { return nil }
            var seconds = hours * 3600
            if take(":") {
                guard let minutes = takeNumber(0...59) else { return nil }
                seconds += minutes * 60
                if take(":") {
                    guard let rest = takeNumber(0...59) else { return nil }
                    seconds += rest
                }
            }
            return sign * seconds
        }

        mutating func takeChange() -> Change? {
            guard let day = takeDay() else { return nil }
            guard take("/") else { return Change(day: day, time: 7200) }
            return takeOffset().map { Change(day: day, time: $0) }
        }

        private mutating func takeDay() -> Change.Day? {
            if take("J") { return takeNumber(1...365).map(Change.Day.withoutLeapDay) }
            guard take("M") else { return takeNumber(0...365).map(Change.Day.ofYear) }
            guard let month = takeNumber(1...12), take("."), let week = takeNumber(1...5), take("."),
                let weekday = takeNumber(0...6)
            else { return nil }
            return .ofWeek(month: month, week: week, weekday: weekday)
        }
    }
}
