extension RegularExpression.Parser {
    /// How often something may stand, as an operator says.
    struct Counts {
        var offset: Int
        var minimum: Int
        var maximum: Int?
    }

    /// Reads `*`, `+`, `?` or counts in braces; nothing, and without moving on, if the braces are no such counts.
    mutating func parseCounts() throws(RegularExpressionError) -> Counts? {
        let start = offset
        switch take() {
        case "*": return Counts(offset: start, minimum: 0, maximum: nil)
        case "+": return Counts(offset: start, minimum: 1, maximum: nil)
        case "?": return Counts(offset: start, minimum: 0, maximum: 1)
        default: break
        }
        guard let minimum = parseNumber() else {
            offset = start
            return nil
        }
        var maximum: Int? = minimum
        if skip(",") { maximum = parseNumber() }
        guard skip("}") else {
            offset = start
            return nil
        }
        guard max(minimum, maximum ?? 0) <= Self.maximumCopies else {
            throw countError("'\(excerpt(from: start))' counts to more than \(Self.maximumCopies)", at: start)
        }
        if let maximum, maximum < minimum {
            throw countError("'\(excerpt(from: start))' has a maximum below its minimum", at: start)
        }
        return Counts(offset: start, minimum: minimum, maximum: maximum)
    }

    /// Reads a number without leading zeros; one far beyond the limit is not told from others there.
    private mutating func parseNumber() -> Int? {
        let start = offset
        var value = 0
        while let scalar = next, ("0"..."9").contains(scalar) {
            value = min(value * 10 + Int(scalar.value - 0x30), Self.maximumCopies + 1)
            offset += 1
        }
        guard offset > start, offset == start + 1 || scalars[start] != "0" else {
            offset = start
            return nil
        }
        return value
    }

    mutating func appendRepetition(
        _ counts: Counts,
        afterRepetitionAt earlier: Int?
    ) throws(RegularExpressionError) {
        let isReluctant = skip("?") != flags.contains(.isReluctant)
        if let earlier {
            throw error(
                .invalidRepetitionOperator,
                "'\(excerpt(from: earlier))' repeats a repetition, put what is repeated in a group (?:...)",
                at: counts.offset
            )
        }
        guard let repeated = groups[groups.count - 1].sequence.popLast() else {
            throw error(
                .missingRepetitionArgument,
                "'\(excerpt(from: counts.offset))' has nothing before it to repeat",
                at: counts.offset
            )
        }
        let node = tree.repetition(
            repeated,
            minimum: counts.minimum,
            maximum: counts.maximum,
            greedy: !isReluctant
        )
        guard tree.nodes[node].copies <= Self.maximumCopies else {
            throw countError(
                "'\(excerpt(from: counts.offset))' and the counts in what it repeats multiply to more than \(Self.maximumCopies)",
                at: counts.offset
            )
        }
        try checkHeight(of: node)
        append(node)
    }

    private func countError(_ message: String, at offset: Int) -> RegularExpressionError {
        error(.invalidRepetitionCount, message + ", use smaller counts", at: offset)
    }
}
