/// The order of go-yaml for the keys of a mapping: letters after everything else, runs of digits by their number.
struct YAMLKeyOrder: Sendable {
    /// Whether `1a` stands before `1-`, as in go-yaml 3.
    let putsLettersFirstAfterDigits: Bool

    func precedes(_ first: String, _ second: String) -> Bool {
        let length = first.lengthOfCommonPrefix(with: second)
        let a = first.unicodeScalars[first.utf8.index(first.startIndex, offsetBy: length)...]
        let b = second.unicodeScalars[second.utf8.index(second.startIndex, offsetBy: length)...]
        guard let scalarA = a.first, let scalarB = b.first else { return a.isEmpty && !b.isEmpty }
        let common = DigitRun(atEndOf: first.unicodeScalars[..<a.startIndex])
        switch (scalarA.isLetter, scalarB.isLetter) {
        case (true, true): return scalarA < scalarB
        case (true, false): return putsLettersFirstAfterDigits && !common.isEmpty
        case (false, true): return !putsLettersFirstAfterDigits || common.isEmpty
        case (false, false): break
        }
        // A zero inside a number is one of its digits; at its front it makes the number shorter.
        let isInsideNumber = (scalarA == "0" || scalarB == "0") && common.hasNonzeroDigit
        let numberA = Number(a, startingAt: isInsideNumber ? 1 : 0)
        let numberB = Number(b, startingAt: isInsideNumber ? 1 : 0)
        if numberA.value != numberB.value { return numberA.value < numberB.value }
        if numberA.length != numberB.length { return numberA.length < numberB.length }
        return scalarA < scalarB
    }

    /// The digits at the end of what two keys have in common.
    private struct DigitRun {
        private(set) var isEmpty = true
        private(set) var hasNonzeroDigit = false

        init(atEndOf text: Substring.UnicodeScalarView) {
            for scalar in text.reversed() {
                guard scalar.isDecimalDigit else { return }
                isEmpty = false
                if scalar != "0" { hasNonzeroDigit = true }
            }
        }
    }

    /// The number with which a text begins.
    private struct Number {
        private(set) var value: Int64
        private(set) var length = 0

        init(_ text: Substring.UnicodeScalarView, startingAt initial: Int64) {
            value = initial
            for digit in text {
                guard digit.isDecimalDigit else { return }
                value = value &* 10 &+ (Int64(digit.value) - 0x30)
                length += 1
            }
        }
    }
}

extension String {
    /// How many bytes of UTF-8 both begin with, in whole characters.
    fileprivate func lengthOfCommonPrefix(with other: String) -> Int {
        var length = 0
        var isInsideScalar = false
        for (byte, otherByte) in zip(utf8, other.utf8) {
            guard byte == otherByte else {
                isInsideScalar = UTF8.isContinuation(byte)
                break
            }
            length += 1
        }
        while isInsideScalar, length > 0 {
            length -= 1
            isInsideScalar = UTF8.isContinuation(self.byte(at: length))
        }
        return length
    }
}

extension Unicode.Scalar {
    fileprivate var isDecimalDigit: Bool {
        isASCII ? ("0"..."9").contains(self) : properties.generalCategory == .decimalNumber
    }

    fileprivate var isLetter: Bool {
        if isASCII { return ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
        return switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }
}
