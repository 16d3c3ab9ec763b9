/// A pattern for one name: characters, and what stands for some.
struct Wildcard: Sendable, Hashable {
    enum Token: Sendable, Hashable {
        case literal(Unicode.Scalar)
        /// One character, whichever.
        case any
        /// Any number of characters.
        case star
        /// One character of a set.
        case oneOf(CharacterClass)
    }

    var tokens: [Token]

    /// Whether the pattern stands for one name only.
    var isLiteral: Bool {
        tokens.allSatisfy { token in
            if case .literal = token { true } else { false }
        }
    }

    /// Whether the pattern stands for the whole name.
    func matches(_ name: String) -> Bool {
        let scalars = Array(name.unicodeScalars)
        var token = 0
        var position = 0
        // Going back to the latest star is enough: an earlier one could only reach what the latest reaches too.
        var retry: (token: Int, position: Int)?
        while position < scalars.count {
            if token < tokens.count, case .star = tokens[token] {
                token += 1
                retry = (token, position)
            } else if token < tokens.count, Self.matches(tokens[token], scalars[position]) {
                token += 1
                position += 1
            } else if let last = retry {
                retry = (last.token, last.position + 1)
                token = last.token
                position = last.position + 1
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { $0 == .star }
    }

    private static func matches(_ token: Token, _ scalar: Unicode.Scalar) -> Bool {
        switch token {
        case .literal(let expected): expected == scalar
        case .any: true
        case .star: false
        case .oneOf(let set): set.contains(scalar)
        }
    }
}

/// What stands between brackets.
struct CharacterClass: Sendable, Hashable {
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    var isNegated = false

    mutating func insert(_ scalar: Unicode.Scalar) { ranges.append(scalar...scalar) }

    /// Adds a range; one that ends before it begins holds nothing.
    mutating func insert(from first: Unicode.Scalar, to last: Unicode.Scalar) {
        if first <= last { ranges.append(first...last) }
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool { ranges.contains { $0.contains(scalar) } != isNegated }
}
