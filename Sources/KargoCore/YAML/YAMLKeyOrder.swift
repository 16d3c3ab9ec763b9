/// The order of go-yaml 2 for the keys of a mapping: letters after everything else, runs of digits by their number.
enum YAMLKeyOrder {
    static func precedes(_ first: String, _ second: String) -> Bool {
        let a = Array(first.unicodeScalars)
        let b = Array(second.unicodeScalars)
        for index in 0..<min(a.count, b.count) where a[index] != b[index] {
            let (isLetterA, isLetterB) = (a[index].properties.isLetter, b[index].properties.isLetter)
            if isLetterA, isLetterB { return a[index] < b[index] }
            if isLetterA || isLetterB { return isLetterB }
            // A zero inside a number is one of its digits; at its front it makes the number shorter.
            let isInsideNumber =
                (a[index] == "0" || b[index] == "0")
                && a[..<index].reversed().prefix { isDigit($0) }.contains { $0 != "0" }
            let (numberA, endA) = number(a, from: index, startingAt: isInsideNumber ? 1 : 0)
            let (numberB, endB) = number(b, from: index, startingAt: isInsideNumber ? 1 : 0)
            if numberA != numberB { return numberA < numberB }
            if endA != endB { return endA < endB }
            return a[index] < b[index]
        }
        return a.count < b.count
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .decimalNumber
    }

    private static func number(
        _ scalars: [Unicode.Scalar],
        from start: Int,
        startingAt initial: Int64
    ) -> (value: Int64, end: Int) {
        var value = initial
        var index = start
        while index < scalars.count, isDigit(scalars[index]) {
            value = value &* 10 &+ (Int64(scalars[index].value) - 0x30)
            index += 1
        }
        return (value, index)
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isLetter: Bool {
        switch generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }
}
