extension Quantity {
    /// A decimal number in the one form that has no zero at its end, so that equal numbers have equal parts.
    struct Amount: Sendable, Hashable {
        /// The most digits an amount may have.
        static let maximumDigits = 38

        private(set) var isNegative = false
        /// The digits as an integer, below 10^38.
        private(set) var digits: UInt128 = 0
        /// The power of ten that the digits are multiplied with.
        private(set) var exponent = 0

        /// Makes zero.
        init() {}

        /// Makes an amount of decimal digits, the first and last of which are not zero; nil if there are more than
        /// ``maximumDigits``.
        init?(isNegative: Bool, digits: some Collection<UInt8>, exponent: Int) {
            guard digits.count <= Self.maximumDigits else { return nil }
            guard !digits.isEmpty else { return }
            self.isNegative = isNegative
            self.digits = digits.reduce(0) { $0 * 10 + UInt128($1) }
            self.exponent = exponent
        }

        /// The magnitude if it is an integer of 64 bits.
        var integerMagnitude: UInt64? {
            guard (0...Self.maximumDigits).contains(exponent) else { return nil }
            let (product, overflow) = digits.multipliedReportingOverflow(by: Self.powerOfTen(exponent))
            return overflow ? nil : UInt64(exactly: product)
        }

        /// The number times a power of ten, rounded away from zero and cut to what 64 bits hold.
        func scaled(byPowerOfTen power: Int) -> Int64 {
            let shift = exponent + power
            var magnitude = digits
            if shift < 0 {
                let divisor = Self.powerOfTen(min(-shift, Self.maximumDigits))
                let (quotient, remainder) = digits.quotientAndRemainder(dividingBy: divisor)
                magnitude = quotient + (remainder > 0 ? 1 : 0)
            } else {
                let factor = Self.powerOfTen(min(shift, Self.maximumDigits))
                let (product, overflow) = digits.multipliedReportingOverflow(by: factor)
                magnitude = overflow ? .max : product
            }
            guard isNegative else { return Int64(clamping: magnitude) }
            return Int64(truncatingIfNeeded: 0 &- min(magnitude, UInt128(Int64.min.magnitude)))
        }

        /// 10^power, for a power up to ``maximumDigits``.
        private static func powerOfTen(_ power: Int) -> UInt128 {
            (0..<power).reduce(1) { product, _ in product * 10 }
        }
    }
}

extension Quantity.Amount: Comparable {
    static func < (left: Self, right: Self) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative ? right.isSmallerInMagnitude(than: left) : left.isSmallerInMagnitude(than: right)
    }

    private func isSmallerInMagnitude(than other: Self) -> Bool {
        if digits == 0 || other.digits == 0 { return digits < other.digits }
        let count = digitCount
        let otherCount = other.digitCount
        if count + exponent != otherCount + other.exponent {
            return count + exponent < otherCount + other.exponent
        }
        // The first digits stand at the same place: compare after filling up the shorter number.
        let width = max(count, otherCount)
        return digits * Self.powerOfTen(width - count) < other.digits * Self.powerOfTen(width - otherCount)
    }

    private var digitCount: Int {
        var count = 0
        var rest = digits
        while rest > 0 {
            rest /= 10
            count += 1
        }
        return count
    }
}
