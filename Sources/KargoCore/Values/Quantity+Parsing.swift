extension Quantity {
    /// Reads a quantity by the rules of Kubernetes: a sign, a decimal number, and a suffix out of `n`, `u`, `m`, `k`,
    /// `M`, `G`, `T`, `P`, `E`, or `Ki` to `Ei`, or an exponent such as `e3`.
    ///
    /// What is finer than 10^-9 is rounded away from zero; with a binary suffix, what is larger than 2^63-1 is cut to
    /// it. As in Go, a number without digits is zero.
    ///
    /// - Throws: ``ValueError`` when the text is not a quantity or has more than 38 significant digits.
    public init(_ text: String) throws(ValueError) {
        guard let parts = QuantityParts(text) else {
            throw ValueError(
                message: "\(text.debugDescription) is not a quantity; write a number and, if need be, a suffix such as "
                    + "m, k, M, Ki or Mi"
            )
        }
        guard let amount = parts.amount else {
            throw ValueError(
                message: "quantity \(text.debugDescription) has more than \(Amount.maximumDigits) significant digits"
            )
        }
        self.init(amount: amount, description: parts.isKeptAsWritten ? text : parts.suffix.text(of: amount))
    }
}

/// A quantity taken apart; digits are numbers here, not characters.
private struct QuantityParts {
    /// The power of ten of the finest amount.
    private static let finestPower = -9
    private static let largestInteger: [UInt8] = [9, 2, 2, 3, 3, 7, 2, 0, 3, 6, 8, 5, 4, 7, 7, 5, 8, 0, 7]

    let isNegative: Bool
    /// The digits before the point without leading zeros.
    let whole: [UInt8]
    /// The digits behind the point.
    let fraction: [UInt8]
    let suffix: Quantity.Suffix

    init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        guard let first = rest.first else { return nil }
        isNegative = first == UInt8(ascii: "-")
        if isNegative || first == UInt8(ascii: "+") { rest.removeFirst() }
        whole = Array(Self.takeDigits(from: &rest).drop { $0 == 0 })
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = Self.takeDigits(from: &rest)
        } else {
            fraction = []
        }
        guard let suffix = Quantity.Suffix(String(decoding: rest, as: UTF8.self)) else { return nil }
        self.suffix = suffix
    }

    private static func takeDigits(from rest: inout ArraySlice<UInt8>) -> [UInt8] {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest.dropFirst(digits.count)
        return digits.map { $0 - UInt8(ascii: "0") }
    }

    /// The power of ten that the digits without point are multiplied with.
    private var scale: Int { suffix.powerOfTen - fraction.count }

    /// Whether Go keeps the text instead of writing it anew: where it sees at once that the text is canonical, or
    /// takes it for that.
    var isKeptAsWritten: Bool {
        if suffix.powerOf1024 > 0 {
            guard fraction.isEmpty, max(whole.count, 1) + 3 * suffix.powerOf1024 <= 14 else { return false }
            return !whole.reduce(0) { $0 * 10 + Int($1) }.isMultiple(of: 8)
        }
        guard !whole.isEmpty, whole.count + fraction.count <= 18 else { return false }
        return scale >= Self.finestPower && scale.isMultiple(of: 3) && (whole + fraction).suffix(3) != [0, 0, 0]
    }

    /// The amount, or nil if it has too many digits.
    var amount: Quantity.Amount? {
        var digits = whole + fraction
        for _ in 0..<suffix.powerOf1024 { Self.multiplyBy1024(&digits) }
        var exponent = scale
        if exponent < Self.finestPower {
            let tooFine = digits.suffix(Self.finestPower - exponent)
            digits.removeLast(tooFine.count)
            if tooFine.contains(where: { $0 != 0 }) { Self.increment(&digits) }
            exponent = Self.finestPower
        }
        digits = Array(digits.drop { $0 == 0 })
        if suffix.powerOf1024 > 0 {
            let whole = digits.dropLast(-exponent)
            let isTooLarge =
                whole.count > Self.largestInteger.count
                || whole.count == Self.largestInteger.count && Self.largestInteger.lexicographicallyPrecedes(digits)
            if isTooLarge { (digits, exponent) = (Self.largestInteger, 0) }
        }
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        return Quantity.Amount(isNegative: isNegative, digits: digits, exponent: exponent)
    }

    private static func multiplyBy1024(_ digits: inout [UInt8]) {
        var carry = 0
        for index in digits.indices.reversed() {
            let product = Int(digits[index]) * 1024 + carry
            digits[index] = UInt8(product % 10)
            carry = product / 10
        }
        while carry > 0 {
            digits.insert(UInt8(carry % 10), at: 0)
            carry /= 10
        }
    }

    private static func increment(_ digits: inout [UInt8]) {
        for index in digits.indices.reversed() {
            guard digits[index] == 9 else {
                digits[index] += 1
                return
            }
            digits[index] = 0
        }
        digits.insert(1, at: 0)
    }
}
