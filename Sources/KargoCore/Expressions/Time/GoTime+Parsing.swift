extension GoTime {
    /// Reads a time as Go's `time.ParseInLocation` does.
    ///
    /// - Parameters:
    ///   - text: The time.
    ///   - layout: How it is written.
    ///   - location: The zone of a time that says none; without it, UTC.
    /// - Throws: ``ValueError`` if the text is not of that layout.
    public init(_ text: String, layout: String, in location: GoLocation? = nil) throws(ValueError) {
        guard let time = Self.parse(text, layout: TimeLayout(layout), in: location) else {
            throw ValueError(message: "the time is not written as the layout says, or there is no such time")
        }
        self = time
    }

    static func parse(_ text: String, layout: TimeLayout, in location: GoLocation?) -> GoTime? {
        var reader = TimeReader(text)
        guard reader.read(layout) else { return nil }
        return reader.time(in: location)
    }
}

/// Reads the parts of a time.
private struct TimeReader {
    private var rest: ArraySlice<UInt8>
    private var year: Int64 = 0
    private var month: Int64?
    private var day: Int64?
    private var yearDay: Int64?
    private var hour: Int64 = 0
    private var minute: Int64 = 0
    private var second: Int64 = 0
    private var nanosecond: Int64 = 0
    private var isAfternoon: Bool?
    private var isUTC = false
    private var zoneOffset: Int64?
    private var zoneName: String?

    init(_ text: String) { rest = Array(text.utf8)[...] }

    mutating func read(_ layout: TimeLayout) -> Bool {
        for (index, part) in layout.parts.enumerated() {
            guard skip(part.prefix), read(part.element) else { return false }
            guard case .second = part.element else { continue }
            if index + 1 < layout.parts.count, case .fraction = layout.parts[index + 1].element { continue }
            // A fraction is read even if the layout has none.
            guard takeFraction() else { return false }
        }
        return skip(layout.suffix) && rest.isEmpty
    }

    /// Skips text of the layout, where blanks stand for any number of blanks.
    private mutating func skip(_ prefix: ArraySlice<UInt8>) -> Bool {
        var prefix = prefix
        while let byte = prefix.first {
            if byte == 0x20 {
                guard rest.first == nil || rest.first == 0x20 else { return false }
                prefix = prefix.drop { $0 == 0x20 }
                rest = rest.drop { $0 == 0x20 }
            } else {
                guard rest.popFirst() == byte else { return false }
                prefix.removeFirst()
            }
        }
        return true
    }

    private mutating func read(_ element: TimeLayout.Element) -> Bool {
        switch element {
        case .longYear: return read(\.year, digits: 4)
        case .shortYear:
            guard read(\.year, digits: 2) else { return false }
            year += year >= 69 ? 1900 : 2000
        case .longMonth: return readName(of: CivilTime.monthNames) { $0.month = Int64($1) + 1 }
        case .shortMonth: return readName(of: CivilTime.monthNames.map { $0.prefix(3) }) { $0.month = Int64($1) + 1 }
        case .longWeekday: return readName(of: CivilTime.weekdayNames) { _, _ in }
        case .shortWeekday: return readName(of: CivilTime.weekdayNames.map { $0.prefix(3) }) { _, _ in }
        case .month(let padding):
            month = takeNumber(padding)
            return month.map { (1...12).contains($0) } ?? false
        case .day(let padding):
            if padding == .blank, rest.first == 0x20 { rest.removeFirst() }
            day = takeNumber(padding)
            return day != nil
        case .yearDay(let padding): return readYearDay(padding)
        case .hour: return read(\.hour, .none, in: 0...23)
        case .hour12(let padding): return read(\.hour, padding, in: 0...12)
        case .minute(let padding): return read(\.minute, padding, in: 0...59)
        case .second(let padding): return read(\.second, padding, in: 0...59)
        case .upperHalf: return readHalf("AM", "PM")
        case .lowerHalf: return readHalf("am", "pm")
        case .abbreviation: return readAbbreviation()
        case .offset(let form): return readOffset(form)
        case .fraction(let form): return readFraction(form)
        }
        return true
    }

    // MARK: Numbers

    private func isDigit(at position: Int) -> Bool {
        rest.dropFirst(position).first.map(VersionReader.isDigit) ?? false
    }

    private mutating func takeDigits(_ count: Int) -> Int64? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy(VersionReader.isDigit) else { return nil }
        rest = rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// One digit or two; both if zeros pad the number.
    private mutating func takeNumber(_ padding: TimeLayout.Padding) -> Int64? {
        if isDigit(at: 0), isDigit(at: 1) { return takeDigits(2) }
        return padding == .zero ? nil : takeDigits(1)
    }

    private mutating func read(_ field: WritableKeyPath<TimeReader, Int64>, digits: Int) -> Bool {
        guard let number = takeDigits(digits) else { return false }
        self[keyPath: field] = number
        return true
    }

    private mutating func read(
        _ field: WritableKeyPath<TimeReader, Int64>,
        _ padding: TimeLayout.Padding,
        in range: ClosedRange<Int64>
    ) -> Bool {
        guard let number = takeNumber(padding), range.contains(number) else { return false }
        self[keyPath: field] = number
        return true
    }

    private mutating func readYearDay(_ padding: TimeLayout.Padding) -> Bool {
        for _ in 0..<2 where padding == .blank && rest.first == 0x20 { rest.removeFirst() }
        let count = (0..<3).prefix { isDigit(at: $0) }.count
        guard count > 0, padding != .zero || count == 3 else { return false }
        yearDay = takeDigits(count)
        return true
    }

    private mutating func readName(
        of names: [some StringProtocol],
        _ assign: (inout TimeReader, Int) -> Void
    ) -> Bool {
        let found = names.firstIndex { name in
            rest.count >= name.utf8.count
                && zip(rest, name.utf8).allSatisfy { $0 == $1 || ($0 | 0x20 == $1 | 0x20 && $0 | 0x20 >= 0x61) }
        }
        guard let found else { return false }
        rest = rest.dropFirst(names[found].utf8.count)
        assign(&self, found)
        return true
    }

    private mutating func readHalf(_ morning: String, _ afternoon: String) -> Bool {
        let text = rest.prefix(2)
        guard text.elementsEqual(morning.utf8) || text.elementsEqual(afternoon.utf8) else { return false }
        // Go keeps afternoon even if a later word says otherwise.
        isAfternoon = text.elementsEqual(afternoon.utf8) || isAfternoon == true
        rest = rest.dropFirst(2)
        return true
    }

    private func hasSeparator() -> Bool {
        rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: ",")
    }

    /// Reads a fraction of any length, if there is one.
    private mutating func takeFraction() -> Bool {
        guard hasSeparator(), isDigit(at: 1) else { return true }
        return readFraction(digits: rest.dropFirst().prefix(while: VersionReader.isDigit).count)
    }

    private mutating func readFraction(_ form: TimeLayout.FractionForm) -> Bool {
        form.isTrimmed ? takeFraction() : hasSeparator() && readFraction(digits: form.digits)
    }

    private mutating func readFraction(digits count: Int) -> Bool {
        let digits = rest.dropFirst().prefix(count)
        guard digits.count == count, digits.allSatisfy(VersionReader.isDigit) else { return false }
        rest = rest.dropFirst(count + 1)
        nanosecond = digits.prefix(9).reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        for _ in min(count, 9)..<9 { nanosecond *= 10 }
        return true
    }

    // MARK: Zones

    private mutating func readOffset(_ form: TimeLayout.OffsetForm) -> Bool {
        if form.allowsZ, rest.first == UInt8(ascii: "Z") {
            rest.removeFirst()
            isUTC = true
            return true
        }
        guard let sign = rest.popFirst(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return false }
        var fields: [Int64] = []
        for index in 0..<form.fieldCount {
            if form.hasColons, index > 0, rest.popFirst() != UInt8(ascii: ":") { return false }
            guard let field = takeDigits(2), field <= (index == 0 ? 24 : 60) else { return false }
            fields.append(field)
        }
        let seconds = zip(fields, [3600, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
        zoneOffset = sign == UInt8(ascii: "-") ? -seconds : seconds
        return true
    }

    private mutating func readAbbreviation() -> Bool {
        if rest.starts(with: "UTC".utf8) {
            rest = rest.dropFirst(3)
            isUTC = true
            return true
        }
        guard let length = abbreviationLength() else { return false }
        zoneName = String(decoding: rest.prefix(length), as: UTF8.self)
        rest = rest.dropFirst(length)
        return true
    }

    private func abbreviationLength() -> Int? {
        guard rest.count >= 3 else { return nil }
        for name in ["ChST", "MeST"] where rest.starts(with: name.utf8) { return 4 }
        if rest.starts(with: "GMT".utf8) { return 3 + (signedHours(rest.dropFirst(3)) ?? 0) }
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { return signedHours(rest) }
        let letters = rest.prefix(6).prefix { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        switch letters.count {
        case 3: return 3
        case 4: return letters.last == UInt8(ascii: "T") || letters.elementsEqual("WITA".utf8) ? 4 : nil
        case 5: return letters.last == UInt8(ascii: "T") ? 5 : nil
        default: return nil
        }
    }

    /// The length of a sign and up to 23 hours.
    private func signedHours(_ text: ArraySlice<UInt8>) -> Int? {
        guard text.first == UInt8(ascii: "+") || text.first == UInt8(ascii: "-") else { return nil }
        let digits = text.dropFirst().prefix(while: VersionReader.isDigit)
        guard let hours = VersionReader.number(Substring(String(decoding: digits, as: UTF8.self)).utf8), hours <= 23
        else { return nil }
        return digits.count + 1
    }

    // MARK: Result

    func time(in location: GoLocation?) -> GoTime? {
        guard let civil else { return nil }
        if isUTC { return GoTime(civil, nanosecond: nanosecond, in: .utc) }
        // A time that names its zone takes the rules of the given one if that agrees.
        let home = location ?? ZoneDatabase.local
        if let zoneOffset {
            let seconds = civil.localSeconds &- zoneOffset
            let period = home.period(at: seconds)
            let isHome = period.offset == zoneOffset && (zoneName.map { $0 == period.abbreviation } ?? true)
            let zone = isHome ? home : GoLocation(fixed: zoneName ?? "", offset: zoneOffset)
            return GoTime(secondsSince1970: seconds, nanosecond: nanosecond, location: zone)
        }
        guard let zoneName else { return GoTime(civil, nanosecond: nanosecond, in: location ?? .utc) }
        if let offset = home.rules.offset(of: zoneName, ofLocal: civil.localSeconds) {
            return GoTime(secondsSince1970: civil.localSeconds &- offset, nanosecond: nanosecond, location: home)
        }
        // Go knows no offset but that of GMT, and then does not apply it.
        let hours = zoneName.hasPrefix("GMT") ? Int64(zoneName.dropFirst(3)) ?? 0 : 0
        let zone = GoLocation(fixed: zoneName, offset: hours * 3600)
        return GoTime(secondsSince1970: civil.localSeconds, nanosecond: nanosecond, location: zone)
    }

    /// The date and time of day, unless there is no such date.
    private var civil: CivilTime? {
        var civil = CivilTime(year: year, month: month ?? 1, day: day ?? 1, hour: hour, minute: minute, second: second)
        if let isAfternoon {
            if isAfternoon, hour < 12 { civil.hour += 12 }
            if !isAfternoon, hour == 12 { civil.hour = 0 }
        }
        if let yearDay {
            guard (1...(CivilTime.isLeap(year) ? 366 : 365)).contains(yearDay) else { return nil }
            let date = CivilTime(
                localSeconds: CivilTime(year: year, month: 1, day: yearDay).days &* CivilTime.secondsPerDay
            )
            guard month ?? date.month == date.month, day ?? date.day == date.day else { return nil }
            civil.month = date.month
            civil.day = date.day
        }
        guard (1...CivilTime.dayCount(year: civil.year, month: civil.month)).contains(civil.day) else { return nil }
        return civil
    }
}
