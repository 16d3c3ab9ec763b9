extension RegularExpression.Parser {
    struct UnicodeClassKey: Hashable {
        var name: [Unicode.Scalar]
        var ignoresCase: Bool
    }

    /// Reads a class in brackets.
    mutating func parseBrackets() throws(RegularExpressionError) -> ScalarSet {
        let start = offset
        offset += 1
        let isNegated = skip("^")
        var named = ScalarSet()
        var ranges: [ClosedRange<UInt32>] = []
        // A closing bracket in the first place stands for itself.
        let first = offset
        while offset == first || next != "]" {
            guard next != nil else {
                throw error(.missingBracket, "the character class is not closed, add ']'", at: start)
            }
            if let set = try parseNamedClass() {
                named = named.union(set)
            } else if let set = try parseClassEscape() {
                named = named.union(set)
            } else {
                ranges.append(try parseRange())
            }
        }
        offset += 1
        let set = named.union(folded(ScalarSet(ranges)))
        return isNegated ? set.inverted : set
    }

    private mutating func parseRange() throws(RegularExpressionError) -> ClosedRange<UInt32> {
        let start = offset
        let lower = try parseMember()
        guard next == "-", offset + 1 < scalars.count, scalars[offset + 1] != "]" else { return lower...lower }
        offset += 1
        let upper = try parseMember()
        guard lower <= upper else {
            throw error(.invalidClassRange, "the range '\(excerpt(from: start))' ends before it begins", at: start)
        }
        return lower...upper
    }

    private mutating func parseMember() throws(RegularExpressionError) -> UInt32 {
        next == "\\" ? try parseCodePoint() : take().value
    }

    private func folded(_ set: ScalarSet) -> ScalarSet {
        flags.contains(.ignoresCase) ? CaseFolding.closure(of: set) : set
    }

    /// Reads a class such as `[:alpha:]`, which stands in brackets of its own.
    private mutating func parseNamedClass() throws(RegularExpressionError) -> ScalarSet? {
        let start = offset
        guard start + 3 <= lastNamedClassEnd, skip("[:") else { return nil }
        while offset < scalars.count, !skip(":]") {
            offset += 1
        }
        let isNegated = scalars[start + 2] == "^"
        let name = scalars[(start + (isNegated ? 3 : 2))..<(offset - 2)]
        guard let set = Self.namedClasses[String(String.UnicodeScalarView(name))] else {
            throw error(.unknownClass, "the character class '\(excerpt(from: start))' is not known", at: start)
        }
        return isNegated ? folded(set).inverted : folded(set)
    }

    /// Reads a class such as `\d` or `\p{Lu}`; nothing, and without moving on, if the escape is none of them.
    mutating func parseClassEscape() throws(RegularExpressionError) -> ScalarSet? {
        guard next == "\\", offset + 1 < scalars.count else { return nil }
        let start = offset
        let letter = scalars[start + 1]
        let set: ScalarSet
        switch letter {
        case "d", "D": set = Self.digits
        case "s", "S": set = Self.spaces
        case "w", "W": set = .word
        case "p", "P": return try parseUnicodeClass()
        default: return nil
        }
        offset += 2
        return letter.properties.isUppercase ? folded(set).inverted : folded(set)
    }

    private mutating func parseUnicodeClass() throws(RegularExpressionError) -> ScalarSet {
        let start = offset
        offset += 2
        var name: [Unicode.Scalar] = []
        var isClosed = true
        if skip("{") {
            while let scalar = next, scalar != "}" {
                name.append(scalar)
                offset += 1
            }
            isClosed = skip("}")
        } else if next != nil {
            name.append(take())
        }
        let isInverted = name.first == "^"
        let key = UnicodeClassKey(
            name: isInverted ? Array(name.dropFirst()) : name,
            ignoresCase: flags.contains(.ignoresCase)
        )
        guard isClosed, let set = unicodeClasses[key] ?? UnicodeClass.named(key.name).map(folded) else {
            throw error(
                .unknownClass,
                "'\(excerpt(from: start))' is no general category or script of Unicode that is known here; "
                    + "the scripts are \(UnicodeScript.names)",
                at: start
            )
        }
        unicodeClasses[key] = set
        return isInverted != (scalars[start + 1] == "P") ? set.inverted : set
    }

    private static let digits = ScalarSet([0x30...0x39])
    /// Unlike `[:space:]` without the vertical tab, as in Perl of old.
    private static let spaces = ScalarSet([0x09...0x0A, 0x0C...0x0D, 0x20...0x20])

    private static let namedClasses: [String: ScalarSet] = [
        "alnum": ScalarSet([0x30...0x39, 0x41...0x5A, 0x61...0x7A]),
        "alpha": ScalarSet([0x41...0x5A, 0x61...0x7A]),
        "ascii": ScalarSet([0x00...0x7F]),
        "blank": ScalarSet([0x09...0x09, 0x20...0x20]),
        "cntrl": ScalarSet([0x00...0x1F, 0x7F...0x7F]),
        "digit": digits,
        "graph": ScalarSet([0x21...0x7E]),
        "lower": ScalarSet([0x61...0x7A]),
        "print": ScalarSet([0x20...0x7E]),
        "punct": ScalarSet([0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]),
        "space": ScalarSet([0x09...0x0D, 0x20...0x20]),
        "upper": ScalarSet([0x41...0x5A]),
        "word": .word,
        "xdigit": ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66]),
    ]
}
