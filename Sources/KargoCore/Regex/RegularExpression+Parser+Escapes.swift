extension RegularExpression.Parser {
    /// Reads what a backslash begins, outside of brackets.
    mutating func parseEscape() throws(RegularExpressionError) {
        let start = offset
        if let assertion = parseAssertion() {
            append(tree.assertion(assertion))
        } else if skip("\\Q") {
            while next != nil, !skip("\\E") {
                appendLiteral(take())
            }
        } else if let set = try parseClassEscape() {
            append(tree.scalar(in: set))
        } else {
            offset = start
            appendLiteral(try parseCodePoint())
        }
    }

    private mutating func parseAssertion() -> RegularExpression.SyntaxTree.Assertion? {
        if skip("\\A") { return .textStart }
        if skip("\\z") { return .textEnd }
        if skip("\\b") { return .wordBoundary }
        return skip("\\B") ? .noWordBoundary : nil
    }

    /// Reads an escape sequence that stands for one code point.
    mutating func parseCodePoint() throws(RegularExpressionError) -> UInt32 {
        let start = offset
        offset += 1
        guard next != nil else {
            throw error(
                .trailingBackslash,
                "the pattern ends in a backslash, write '\\\\' for the character itself",
                at: start
            )
        }
        let scalar = take()
        switch scalar {
        case "a": return 0x07
        case "f": return 0x0C
        case "n": return 0x0A
        case "r": return 0x0D
        case "t": return 0x09
        case "v": return 0x0B
        case "x": return try parseHexadecimal(from: start)
        case "0"..."7": return try parseOctal(from: start)
        case _ where scalar.isASCII && !isLetterOrDigit(scalar): return scalar.value
        default:
            throw error(.invalidEscape, "the escape sequence '\(excerpt(from: start))' is not known", at: start)
        }
    }

    private func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar != "_" && ScalarSet.word.contains(scalar.value)
    }

    /// Reads up to three octal digits, of which the first is read already.
    private mutating func parseOctal(from start: Int) throws(RegularExpressionError) -> UInt32 {
        var value = scalars[offset - 1].value - 0x30
        while let digit = next, ("0"..."7").contains(digit), offset < start + 4 {
            value = value * 8 + take().value - 0x30
        }
        // A digit other than 0 alone would be a back-reference.
        guard offset > start + 2 || value == 0 else {
            throw error(
                .invalidEscape,
                "the back-reference '\(excerpt(from: start))' is not supported, since it can't be matched in linear time",
                at: start
            )
        }
        return value
    }

    private mutating func parseHexadecimal(from start: Int) throws(RegularExpressionError) -> UInt32 {
        let isBraced = skip("{")
        var value: UInt32 = 0
        var digits = 0
        while isBraced || digits < 2, let digit = next.flatMap(hexadecimalDigit) {
            offset += 1
            digits += 1
            value = min(value * 16 + digit, ScalarSet.maximum + 1)
        }
        guard isBraced ? digits > 0 && skip("}") : digits == 2, value <= ScalarSet.maximum else {
            throw error(
                .invalidEscape,
                "'\(excerpt(from: start))' is no code point, write two hexadecimal digits or \\x{...} up to 10FFFF",
                at: start
            )
        }
        return value
    }

    private func hexadecimalDigit(_ scalar: Unicode.Scalar) -> UInt32? {
        switch scalar {
        case "0"..."9": scalar.value - 0x30
        case "a"..."f": scalar.value - 0x61 + 10
        case "A"..."F": scalar.value - 0x41 + 10
        default: nil
        }
    }
}
