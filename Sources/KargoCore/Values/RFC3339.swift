/// A moment as the text of RFC 3339, in the Gregorian calendar and without a table of time zones.
enum RFC3339 {
    /// What four digits of a year can hold, in seconds since 1970: the years 0 to 9999.
    static let secondsRange: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

    private static let secondsPerDay: Int64 = 86_400
    /// The Gregorian calendar repeats after 400 years.
    private static let daysPerEra: Int64 = 146_097
    /// The days from 1 March of the year 0 to 1 January 1970.
    private static let daysToEpoch: Int64 = 719_468

    /// The text in UTC, with a fraction of six digits if microseconds are given.
    static func text(seconds: Int64, microseconds: Int64? = nil) -> String {
        let days = floorDivide(seconds, by: secondsPerDay)
        let second = seconds - days * secondsPerDay
        let (year, month, day) = date(days: days)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(27)
        append(year, width: 4, separator: "-", to: &bytes)
        append(month, width: 2, separator: "-", to: &bytes)
        append(day, width: 2, separator: "T", to: &bytes)
        append(second / 3600, width: 2, separator: ":", to: &bytes)
        append(second / 60 % 60, width: 2, separator: ":", to: &bytes)
        append(second % 60, width: 2, separator: microseconds == nil ? "Z" : ".", to: &bytes)
        if let microseconds { append(microseconds, width: 6, separator: "Z", to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The moment that a text means; what a fraction has beyond microseconds is cut off.
    static func moment(_ text: String) throws(ValueError) -> (seconds: Int64, microseconds: Int64) {
        var reader = Reader(bytes: Array(text.utf8))
        guard let moment = reader.read() else {
            throw ValueError(
                message: "\(text.debugDescription) is not a time of RFC 3339; "
                    + "write for example \"2006-01-02T15:04:05Z\""
            )
        }
        return moment
    }

    static func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : (value + 1) / divisor - 1
    }

    // Years are counted from March here, so that the leap day is the last of its year.

    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + daysToEpoch
        let era = floorDivide(shifted, by: daysPerEra)
        let dayOfEra = shifted - era * daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = floorDivide(marchYear, by: 400)
        let yearOfEra = marchYear - era * 400
        let marchMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        return era * daysPerEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - daysToEpoch
    }

    private static func append(_ number: Int64, width: Int, separator: Unicode.Scalar, to bytes: inout [UInt8]) {
        let digits = String(number).utf8
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, width - digits.count)))
        bytes.append(contentsOf: digits)
        bytes.append(UInt8(ascii: separator))
    }

    private struct Reader {
        let bytes: [UInt8]
        var offset = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func read() -> (seconds: Int64, microseconds: Int64)? {
            guard let year = number(width: 4), take("-"),
                let month = number(width: 2), (1...12).contains(month), take("-"),
                let day = number(width: 2), (1...Self.dayCount(year: year, month: month)).contains(day), take("T"),
                let hour = number(width: 2), hour < 24, take(":"),
                let minute = number(width: 2), minute < 60, take(":"),
                let second = number(width: 2), second < 60,
                let microseconds = fraction(),
                let offsetFromUTC = zone(), offset == bytes.count
            else { return nil }
            let days = RFC3339.days(year: year, month: month, day: day)
            let seconds = days * secondsPerDay + hour * 3600 + minute * 60 + second - offsetFromUTC
            return secondsRange.contains(seconds) ? (seconds, microseconds) : nil
        }

        private static func dayCount(year: Int64, month: Int64) -> Int64 {
            switch month {
            case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
            offset += 1
            return true
        }

        private mutating func digit() -> Int64? {
            guard offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset]) else {
                return nil
            }
            defer { offset += 1 }
            return Int64(bytes[offset] - UInt8(ascii: "0"))
        }

        private mutating func number(width: Int) -> Int64? {
            var number: Int64 = 0
            for _ in 0..<width {
                guard let digit = digit() else { return nil }
                number = number * 10 + digit
            }
            return number
        }

        /// The microseconds after a point; none where there is no point, nil where no digit follows it.
        private mutating func fraction() -> Int64? {
            guard take(".") else { return 0 }
            let start = offset
            var microseconds: Int64 = 0
            while let digit = digit() {
                if offset - start <= 6 { microseconds = microseconds * 10 + digit }
            }
            guard offset > start else { return nil }
            for _ in min(offset - start, 6)..<6 { microseconds *= 10 }
            return microseconds
        }

        /// The seconds by which the local time is ahead of UTC.
        private mutating func zone() -> Int64? {
            if take("Z") { return 0 }
            let sign: Int64 = take("+") ? 1 : -1
            guard sign == 1 || take("-"),
                let hours = number(width: 2), hours < 24, take(":"),
                let minutes = number(width: 2), minutes < 60
            else { return nil }
            return sign * (hours * 3600 + minutes * 60)
        }
    }
}
