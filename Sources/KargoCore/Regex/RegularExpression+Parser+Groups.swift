extension RegularExpression.Parser {
    mutating func openGroup() throws(RegularExpressionError) {
        let start = offset
        if skip("(?P<") || (skip("(?<") && next != "=" && next != "!") {
            openCapturingGroup(at: start, name: try parseGroupName(from: start))
            return
        }
        offset = start
        guard skip("(?") else {
            offset += 1
            openCapturingGroup(at: start, name: nil)
            return
        }
        try parseFlags(from: start)
    }

    private mutating func openCapturingGroup(at start: Int, name: String?) {
        let group = tree.groupNames.count
        tree.groupNames.append(name)
        groups.append(OpenGroup(offset: start, capture: group, outerFlags: flags))
    }

    private mutating func parseGroupName(from start: Int) throws(RegularExpressionError) -> String {
        var name = ""
        while let scalar = next, scalar != ">" {
            name.unicodeScalars.append(take())
        }
        let isClosed = next == ">"
        if isClosed { offset += 1 }
        guard isClosed, !name.isEmpty, name.unicodeScalars.allSatisfy({ ScalarSet.word.contains($0.value) }) else {
            throw error(
                .invalidGroupName,
                "'\(excerpt(from: start))' does not name a group, use letters, digits and underscores between '<' and '>'",
                at: start
            )
        }
        return name
    }

    /// Reads what follows `(?`: flags for the rest of the group, or a group that doesn't capture.
    private mutating func parseFlags(from start: Int) throws(RegularExpressionError) {
        var changed = flags
        var isNegative = false
        var isEmptyNegation = false
        while next != nil {
            let scalar = take()
            switch scalar {
            case "i", "m", "s", "U":
                let flag = Self.flag(scalar)
                if isNegative { changed.remove(flag) } else { changed.insert(flag) }
                isEmptyNegation = false
            case "-" where !isNegative:
                isNegative = true
                isEmptyNegation = true
            case ":" where !isEmptyNegation:
                groups.append(OpenGroup(offset: start, capture: nil, outerFlags: flags))
                flags = changed
                return
            case ")" where !isEmptyNegation:
                flags = changed
                return
            default:
                throw unsupportedGroup(from: start)
            }
        }
        throw error(.missingParenthesis, "the group is not closed, add ')'", at: start)
    }

    private static func flag(_ letter: Unicode.Scalar) -> Flags {
        switch letter {
        case "i": .ignoresCase
        case "m": .isMultiline
        case "s": .dotMatchesNewline
        default: .isReluctant
        }
    }

    private func unsupportedGroup(from start: Int) -> RegularExpressionError {
        let opening = excerpt(from: start)
        let reason =
            switch opening {
            case "(?=", "(?!", "(?<": "look-around is not supported, since it can't be matched in linear time"
            case "(?P": "use (?P<name>...) for a named group; back-references are not supported"
            default: "'\(opening)' is not supported, use (?:...) for a group that does not capture"
            }
        return error(.unsupportedGroup, reason, at: start)
    }

    mutating func closeGroup() throws(RegularExpressionError) {
        guard groups.count > 1 else {
            throw error(
                .unexpectedParenthesis,
                "the parenthesis closes no group, write '\\)' for the character itself",
                at: offset
            )
        }
        offset += 1
        var node = try finishAlternation()
        let group = groups.removeLast()
        flags = group.outerFlags
        if let number = group.capture {
            node = tree.capture(group: number, node)
            try checkHeight(of: node)
        }
        append(node)
    }

    mutating func finishAlternative() throws(RegularExpressionError) {
        offset += 1
        try endSequence()
    }

    /// Ends the innermost group, and gives all its alternatives as one node.
    mutating func finishAlternation() throws(RegularExpressionError) -> RegularExpression.SyntaxTree.NodeID {
        try endSequence()
        let node = tree.alternation(groups[groups.count - 1].alternatives)
        try checkHeight(of: node)
        return node
    }

    private mutating func endSequence() throws(RegularExpressionError) {
        let last = groups.count - 1
        let node = tree.concatenation(groups[last].sequence)
        try checkHeight(of: node)
        groups[last].sequence = []
        // Of empty alternatives in a row only the first can ever be taken.
        if tree.nodes[node].isVoid, let previous = groups[last].alternatives.last, tree.nodes[previous].isVoid {
            return
        }
        groups[last].alternatives.append(node)
    }
}
