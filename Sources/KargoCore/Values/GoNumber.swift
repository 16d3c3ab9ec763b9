/// Numbers as text, the way Go writes them.
public enum GoNumber {
    /// The shortest decimal digits that read back as the number, and where the point stands.
    private struct Decimal {
        var isNegative: Bool
        var digits: [UInt8]
        /// The value is `0.digits × 10^exponent`.
        var exponent: Int

        init(_ value: Double) {
            isNegative = value.sign == .minus
            // Swift writes the shortest digits too, only laid out differently: `1e-07`, `12.5`, `5e-324`.
            let text = value.magnitude.description.utf8
            let parts = text.split(separator: UInt8(ascii: "e"))
            let mantissa = parts[0].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            digits = mantissa.flatMap(Array.init)
            exponent = mantissa[0].count + (parts.count > 1 ? Int(String(decoding: parts[1], as: UTF8.self)) ?? 0 : 0)
            let leadingZeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
            digits.removeFirst(leadingZeros)
            exponent -= leadingZeros
            while digits.last == UInt8(ascii: "0") { digits.removeLast() }
            if digits.isEmpty { exponent = 1 }
        }

        /// `strconv.FormatFloat(value, 'f', -1, 64)`.
        var positional: String {
            var text = isNegative ? "-" : ""
            if exponent <= 0 {
                text += digits.isEmpty ? "0" : "0." + String(repeating: "0", count: -exponent)
                text += String(decoding: digits, as: UTF8.self)
            } else if digits.count <= exponent {
                text += digits.isEmpty ? "0" : String(decoding: digits, as: UTF8.self)
                text += String(repeating: "0", count: exponent - max(digits.count, 1))
            } else {
                text += String(decoding: digits[..<exponent], as: UTF8.self) + "."
                text += String(decoding: digits[exponent...], as: UTF8.self)
            }
            return text
        }

        /// `strconv.FormatFloat(value, 'e', -1, 64)`, its exponent of at least `width` digits.
        func scientific(exponentWidth width: Int) -> String {
            let power = exponent - 1
            var text = isNegative ? "-" : ""
            text += digits.first.map { String(Unicode.Scalar($0)) } ?? "0"
            if digits.count > 1 { text += "." + String(decoding: digits.dropFirst(), as: UTF8.self) }
            let magnitude = String(power.magnitude)
            return text + (power < 0 ? "e-" : "e+") + String(repeating: "0", count: max(0, width - magnitude.count))
                + magnitude
        }
    }

    /// The number as `encoding/json` writes it: positional between 1e-6 and 1e21, else with an exponent such as
    /// `1e-7` or `1e+21`.
    ///
    /// - Parameter value: A finite number.
    /// - Returns: The text.
    public static func json(_ value: Double) -> String {
        let decimal = Decimal(value)
        let magnitude = value.magnitude
        if magnitude != 0, magnitude < 1e-6 || magnitude >= 1e21 { return decimal.scientific(exponentWidth: 1) }
        return decimal.positional
    }

    /// The number as `strconv.FormatFloat(value, 'g', -1, 64)` writes it, which is also what YAML and `%v` show: with
    /// an exponent of at least two digits below 1e-4 and from 1e6 on.
    ///
    /// Infinity and not-a-number are `+Inf`, `-Inf` and `NaN`.
    public static func general(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        let decimal = Decimal(value)
        let power = decimal.exponent - 1
        return (-4..<6).contains(power) ? decimal.positional : decimal.scientific(exponentWidth: 2)
    }
}
