extension GoDuration {
    /// Reads a duration by the rules of Go's `time.ParseDuration`: an optional sign and one or more decimal numbers,
    /// each with a unit, such as `300ms`, `-1.5h` or `2h45m`; `0` needs no unit.
    ///
    /// - Throws: ``ValueError`` when the text is not a duration or the duration does not fit 64 bits.
    public init(_ text: String) throws(ValueError) {
        var reader = DurationReader(text: text)
        nanoseconds = try reader.read()
    }
}

private struct DurationReader {
    /// One more than the largest `Int64`, the magnitude of the smallest.
    private static let limit = UInt64(1) << 63

    private let text: String
    private var rest: Substring.UTF8View

    init(text: String) {
        self.text = text
        rest = Substring(text).utf8
    }

    mutating func read() throws(ValueError) -> Int64 {
        var isNegative = false
        if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            isNegative = first == UInt8(ascii: "-")
            rest.removeFirst()
        }
        if rest.elementsEqual("0".utf8) { return 0 }
        guard !rest.isEmpty else { throw error("it has no number") }
        var total: UInt64 = 0
        while !rest.isEmpty {
            let (sum, overflow) = total.addingReportingOverflow(try readTerm())
            guard !overflow, sum <= Self.limit else { throw error("it is too long") }
            total = sum
        }
        if isNegative { return Int64(truncatingIfNeeded: 0 &- total) }
        guard let result = Int64(exactly: total) else { throw error("it is too long") }
        return result
    }

    /// One number with its unit, in nanoseconds.
    private mutating func readTerm() throws(ValueError) -> UInt64 {
        let start = rest.startIndex
        let whole = try readWhole()
        var hasDigits = rest.startIndex != start
        var fraction = (digits: UInt64(0), scale: 1.0)
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            let fractionStart = rest.startIndex
            fraction = readFraction()
            hasDigits = hasDigits || rest.startIndex != fractionStart
        }
        guard hasDigits else { throw error("a number is missing") }
        let unit = try readUnit()
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        guard !overflow else { throw error("it is too long") }
        // In floating point as in Go, so that the result has the same last digit.
        let part = fraction.digits == 0 ? 0 : UInt64(Double(fraction.digits) * (Double(unit) / fraction.scale))
        let (sum, sumOverflow) = product.addingReportingOverflow(part)
        guard !sumOverflow, sum <= Self.limit else { throw error("it is too long") }
        return sum
    }

    private mutating func readWhole() throws(ValueError) -> UInt64 {
        var value: UInt64 = 0
        while let digit = nextDigit() {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow, product <= Self.limit - digit else { throw error("it is too long") }
            value = product + digit
        }
        return value
    }

    /// The digits after the point as an integer, and the power of ten to divide it by; digits that no longer fit are
    /// dropped.
    private mutating func readFraction() -> (digits: UInt64, scale: Double) {
        var value: UInt64 = 0
        var scale = 1.0
        var isFull = false
        while let digit = nextDigit() {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            isFull = isFull || overflow || product > Self.limit - digit
            if isFull { continue }
            value = product + digit
            scale *= 10
        }
        return (value, scale)
    }

    private mutating func nextDigit() -> UInt64? {
        guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        rest.removeFirst()
        return UInt64(byte - UInt8(ascii: "0"))
    }

    private mutating func readUnit() throws(ValueError) -> UInt64 {
        let unit = rest.prefix { byte in
            byte != UInt8(ascii: ".") && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        rest = rest.dropFirst(unit.count)
        switch String(Substring(unit)) {
        case "ns": return 1
        // The micro sign and the Greek letter.
        case "us", "\u{B5}s", "\u{3BC}s": return 1_000
        case "ms": return 1_000_000
        case "s": return 1_000_000_000
        case "m": return 60_000_000_000
        case "h": return 3_600_000_000_000
        case "": throw error("a unit is missing")
        case let name: throw error("it has the unknown unit \(name.debugDescription)")
        }
    }

    private func error(_ reason: String) -> ValueError {
        ValueError(
            message: "\(text.debugDescription) is not a duration: \(reason); write for example \"90s\" or \"1h30m\""
        )
    }
}
