/// A layout of Go's `time` package: the reference time `Mon Jan 2 15:04:05 MST 2006`, written as wanted.
struct TimeLayout: Sendable {
    /// A part of a time.
    enum Element: Equatable {
        case longYear
        case shortYear
        case longMonth
        case shortMonth
        case month(Padding)
        case longWeekday
        case shortWeekday
        case day(Padding)
        case yearDay(Padding)
        case hour
        case hour12(Padding)
        case minute(Padding)
        case second(Padding)
        case upperHalf
        case lowerHalf
        case abbreviation
        case offset(OffsetForm)
        case fraction(FractionForm)
    }

    /// How a number of one digit is written.
    enum Padding {
        case none
        case zero
        case blank
    }

    struct OffsetForm: Equatable {
        /// `Z` stands for no offset.
        var allowsZ: Bool
        var hasColons: Bool
        /// How many of hours, minutes and seconds there are.
        var fieldCount: Int
    }

    struct FractionForm: Equatable {
        /// `.` or `,`.
        var separator: UInt8
        var digits: Int
        /// Whether zeros at the end are left out.
        var isTrimmed: Bool
    }

    /// A part of a time and the text before it.
    struct Part {
        var prefix: ArraySlice<UInt8>
        var element: Element
    }

    /// What Go's `Time.String` uses.
    static let description = TimeLayout("2006-01-02 15:04:05.999999999 -0700 MST")
    /// RFC 3339 with as many digits as needed.
    static let json = TimeLayout("2006-01-02T15:04:05.999999999Z07:00")

    let parts: [Part]
    /// The text after the last part.
    let suffix: ArraySlice<UInt8>

    init(_ layout: String) {
        let bytes = Array(layout.utf8)
        var parts: [Part] = []
        var start = 0
        var offset = 0
        while offset < bytes.count {
            guard let (element, length, skipped) = Self.element(in: bytes, at: offset) else {
                offset += 1
                continue
            }
            parts.append(Part(prefix: bytes[start..<offset + skipped], element: element))
            offset += length
            start = offset
        }
        self.parts = parts
        suffix = bytes[start...]
    }

    /// The element at an offset, with its length and how much of that is ordinary text.
    private static func element(
        in bytes: [UInt8],
        at offset: Int
    ) -> (element: Element, length: Int, skipped: Int)? {
        func has(_ text: StaticString) -> Bool {
            text.utf8CodeUnitCount <= bytes.count - offset
                && text.withUTF8Buffer { bytes[offset..<offset + $0.count].elementsEqual($0) }
        }
        func isWord(_ text: StaticString) -> Bool {
            let end = offset + text.utf8CodeUnitCount
            guard has(text) else { return false }
            return end >= bytes.count || !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[end])
        }
        switch Unicode.Scalar(bytes[offset]) {
        case "J":
            if has("January") { return (.longMonth, 7, 0) }
            if isWord("Jan") { return (.shortMonth, 3, 0) }
        case "M":
            if has("Monday") { return (.longWeekday, 6, 0) }
            if isWord("Mon") { return (.shortWeekday, 3, 0) }
            if has("MST") { return (.abbreviation, 3, 0) }
        case "0":
            if let element = zeroPadded(bytes.dropFirst(offset + 1).first) { return (element, 2, 0) }
            if has("002") { return (.yearDay(.zero), 3, 0) }
        case "1": return has("15") ? (.hour, 2, 0) : (.month(.none), 1, 0)
        case "2": return has("2006") ? (.longYear, 4, 0) : (.day(.none), 1, 0)
        case "_":
            if has("_2006") { return (.longYear, 5, 1) }
            if has("_2") { return (.day(.blank), 2, 0) }
            if has("__2") { return (.yearDay(.blank), 3, 0) }
        case "3": return (.hour12(.none), 1, 0)
        case "4": return (.minute(.none), 1, 0)
        case "5": return (.second(.none), 1, 0)
        case "P":
            if has("PM") { return (.upperHalf, 2, 0) }
        case "p":
            if has("pm") { return (.lowerHalf, 2, 0) }
        case "-":
            if let (form, length) = offsetForm(bytes[(offset + 1)...], allowsZ: false) {
                return (.offset(form), length + 1, 0)
            }
        case "Z":
            if let (form, length) = offsetForm(bytes[(offset + 1)...], allowsZ: true) {
                return (.offset(form), length + 1, 0)
            }
        case ".", ",": return fraction(in: bytes, at: offset)
        default: break
        }
        return nil
    }

    private static func zeroPadded(_ digit: UInt8?) -> Element? {
        switch digit.map({ Unicode.Scalar($0) }) {
        case "1": .month(.zero)
        case "2": .day(.zero)
        case "3": .hour12(.zero)
        case "4": .minute(.zero)
        case "5": .second(.zero)
        case "6": .shortYear
        default: nil
        }
    }

    private static func offsetForm(_ bytes: ArraySlice<UInt8>, allowsZ: Bool) -> (form: OffsetForm, length: Int)? {
        let forms: [(text: String, hasColons: Bool, fieldCount: Int)] = [
            ("070000", false, 3), ("07:00:00", true, 3), ("0700", false, 2), ("07:00", true, 2), ("07", false, 1),
        ]
        for form in forms where bytes.starts(with: form.text.utf8) {
            let offset = OffsetForm(allowsZ: allowsZ, hasColons: form.hasColons, fieldCount: form.fieldCount)
            return (offset, form.text.utf8.count)
        }
        return nil
    }

    private static func fraction(in bytes: [UInt8], at offset: Int) -> (Element, Int, Int)? {
        guard let digit = bytes.dropFirst(offset + 1).first,
            digit == UInt8(ascii: "0") || digit == UInt8(ascii: "9")
        else { return nil }
        let digits = bytes[(offset + 1)...].prefix { $0 == digit }
        if digits.endIndex < bytes.count, VersionReader.isDigit(bytes[digits.endIndex]) { return nil }
        let form = FractionForm(
            separator: bytes[offset],
            digits: digits.count,
            isTrimmed: digit == UInt8(ascii: "9")
        )
        return (.fraction(form), digits.count + 1, 0)
    }
}
