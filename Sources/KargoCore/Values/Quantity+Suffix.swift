extension Quantity {
    /// What stands behind the number of a quantity, and with it how the quantity is written.
    struct Suffix {
        private enum Style {
            /// A letter for every third power of ten.
            case decimal
            /// `e` and a power of ten.
            case exponent
            /// `Ki` and so on for every tenth power of two.
            case binary
        }

        private static let decimalNames: [(name: String, power: Int)] = [
            ("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18),
        ]
        private static let binaryNames = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]

        private let style: Style
        /// The power of ten that the number is multiplied with.
        let powerOfTen: Int
        /// The power of 1024 that the number is multiplied with.
        let powerOf1024: Int

        /// Reads a suffix; nil if there is no such.
        init?(_ text: String) {
            if let (_, power) = Self.decimalNames.first(where: { $0.name == text }) {
                (style, powerOfTen, powerOf1024) = (.decimal, power, 0)
            } else if let power = Self.binaryNames.firstIndex(of: text) {
                (style, powerOfTen, powerOf1024) = (.binary, 0, power)
            } else if text.first == "e" || text.first == "E", let power = Int32(text.dropFirst()) {
                (style, powerOfTen, powerOf1024) = (.exponent, Int(power), 0)
            } else {
                return nil
            }
        }

        /// The amount with the largest suffix that leaves it whole.
        func text(of amount: Amount) -> String {
            guard amount.digits > 0 else { return "0" }
            let sign = amount.isNegative ? "-" : ""
            if style == .binary, var number = amount.integerMagnitude, number >= 1024 {
                var power = 0
                while number >= 1024, number.isMultiple(of: 1024) {
                    number /= 1024
                    power += 1
                }
                return "\(sign)\(number)\(Self.binaryNames[power])"
            }
            // Down to a multiple of 3, where Swift rounds towards zero.
            var power = amount.exponent - (amount.exponent % 3 + 3) % 3
            if style == .exponent {
                let digits = Self.digits(of: amount, at: power)
                return sign + digits + (power == 0 ? "" : "e\(power)")
            }
            power = min(power, 18)
            let name = Self.decimalNames.first { $0.power == power }?.name ?? ""
            return sign + Self.digits(of: amount, at: power) + name
        }

        private static func digits(of amount: Amount, at power: Int) -> String {
            String(amount.digits) + String(repeating: "0", count: amount.exponent - power)
        }
    }
}
