extension GoTime {
    /// The text that Go's `Time.Format` gives.
    ///
    /// - Parameter layout: The reference time `Mon Jan 2 15:04:05 MST 2006`, written as wanted.
    /// - Returns: The text.
    public func formatted(_ layout: String) -> String { formatted(TimeLayout(layout)) }

    func formatted(_ layout: TimeLayout) -> String {
        let writer = TimeWriter(time: self, civil: civil, period: period)
        var bytes: [UInt8] = []
        for part in layout.parts {
            bytes += part.prefix
            writer.write(part.element, to: &bytes)
        }
        bytes += layout.suffix
        return String(decoding: bytes, as: UTF8.self)
    }
}

private struct TimeWriter {
    let time: GoTime
    let civil: CivilTime
    let period: ZonePeriod

    func write(_ element: TimeLayout.Element, to bytes: inout [UInt8]) {
        switch element {
        case .longYear: append(civil.year, 4, to: &bytes)
        case .shortYear: append(max(civil.year, 0) % 100, 2, to: &bytes)
        case .longMonth: bytes += CivilTime.monthNames[Int(civil.month - 1)].utf8
        case .shortMonth: bytes += CivilTime.monthNames[Int(civil.month - 1)].utf8.prefix(3)
        case .month(let padding): append(civil.month, padding, to: &bytes)
        case .longWeekday: bytes += CivilTime.weekdayNames[civil.weekday].utf8
        case .shortWeekday: bytes += CivilTime.weekdayNames[civil.weekday].utf8.prefix(3)
        case .day(let padding): append(civil.day, padding, to: &bytes)
        case .yearDay(let padding): append(civil.yearDay, padding, width: 3, to: &bytes)
        case .hour: append(civil.hour, 2, to: &bytes)
        case .hour12(let padding): append((civil.hour + 11) % 12 + 1, padding, to: &bytes)
        case .minute(let padding): append(civil.minute, padding, to: &bytes)
        case .second(let padding): append(civil.second, padding, to: &bytes)
        case .upperHalf: bytes += (civil.hour >= 12 ? "PM" : "AM").utf8
        case .lowerHalf: bytes += (civil.hour >= 12 ? "pm" : "am").utf8
        case .abbreviation where !period.abbreviation.isEmpty: bytes += period.abbreviation.utf8
        case .abbreviation:
            appendOffset(TimeLayout.OffsetForm(allowsZ: false, hasColons: false, fieldCount: 2), to: &bytes)
        case .offset(let form): appendOffset(form, to: &bytes)
        case .fraction(let form): appendFraction(form, to: &bytes)
        }
    }

    private func append(_ number: Int64, _ width: Int, to bytes: inout [UInt8]) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        let digits = String(number.magnitude).utf8
        bytes += repeatElement(UInt8(ascii: "0"), count: max(0, width - digits.count))
        bytes += digits
    }

    private func append(_ number: Int64, _ padding: TimeLayout.Padding, width: Int = 2, to bytes: inout [UInt8]) {
        switch padding {
        case .none: append(number, 0, to: &bytes)
        case .zero: append(number, width, to: &bytes)
        case .blank:
            bytes += repeatElement(0x20, count: max(0, width - String(number).utf8.count))
            append(number, 0, to: &bytes)
        }
    }

    private func appendOffset(_ form: TimeLayout.OffsetForm, to bytes: inout [UInt8]) {
        if form.allowsZ, period.offset == 0 {
            bytes.append(UInt8(ascii: "Z"))
            return
        }
        // Less than a minute behind UTC has no sign in Go.
        bytes.append(UInt8(ascii: period.offset / 60 < 0 ? "-" : "+"))
        let offset = Int64(period.offset.magnitude)
        for (index, field) in [offset / 3600, offset / 60 % 60, offset % 60].prefix(form.fieldCount).enumerated() {
            if form.hasColons, index > 0 { bytes.append(UInt8(ascii: ":")) }
            append(field, 2, to: &bytes)
        }
    }

    private func appendFraction(_ form: TimeLayout.FractionForm, to bytes: inout [UInt8]) {
        if form.isTrimmed, time.nanosecond == 0 { return }
        var digits: [UInt8] = []
        append(time.nanosecond, 9, to: &digits)
        digits = Array(digits.prefix(form.digits))
        while form.isTrimmed, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        if form.isTrimmed, digits.isEmpty { return }
        bytes.append(form.separator)
        bytes += digits
    }
}
