/// A pattern for paths as doublestar reads it: `*`, `?`, `[…]`, `{…,…}`, and `**` for any number of directories.
struct GlobPattern: Sendable {
    /// More alternatives than anybody writes, and fewer than do harm.
    private static let maximumAlternatives = 1024

    /// The pattern is malformed.
    struct Malformed: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    enum Segment: Sendable, Hashable {
        case name(Wildcard)
        /// `**`
        case anyDirectories
    }

    /// A pattern without braces.
    struct Alternative: Sendable, Hashable {
        var segments: [Segment]
        /// Whether only directories match.
        var isForDirectories: Bool
    }

    /// What the braces stand for; what can't match anything is left out.
    let alternatives: [Alternative]

    /// Reads a pattern.
    ///
    /// - Throws: ``Malformed`` where doublestar finds a bad pattern, and for one with too many alternatives.
    init(_ pattern: String) throws(Malformed) {
        let scalars = Array(pattern.unicodeScalars)
        try Self.validate(scalars[...])
        var expanded: [ArraySlice<Unicode.Scalar>] = []
        var pending = [scalars[...]]
        while let next = pending.popLast() {
            let parts = Self.expandFirstBrace(in: next)
            if parts.isEmpty { expanded.append(next) } else { pending += parts.reversed() }
            guard expanded.count + pending.count <= Self.maximumAlternatives else {
                throw Malformed(description: "it has more than \(Self.maximumAlternatives) alternatives")
            }
        }
        alternatives = expanded.compactMap(Self.alternative)
    }

    private static func validate(_ pattern: ArraySlice<Unicode.Scalar>) throws(Malformed) {
        var depth = 0
        var index = pattern.startIndex
        while index < pattern.endIndex {
            switch pattern[index] {
            case "\\":
                index += 1
                if index == pattern.endIndex { throw Malformed(description: "nothing follows the last backslash") }
            case "[":
                guard let end = endOfClass(in: pattern, at: index) else {
                    throw Malformed(description: "a \"[\" is not closed, or nothing is in the brackets")
                }
                index = end
            case "{": depth += 1
            case "}":
                depth -= 1
                if depth < 0 { throw Malformed(description: "a \"}\" closes nothing") }
            default: break
            }
            index += 1
        }
        if depth > 0 { throw Malformed(description: "a \"{\" is not closed") }
    }

    /// Where the `]` stands that closes a class.
    private static func endOfClass(in pattern: ArraySlice<Unicode.Scalar>, at start: Int) -> Int? {
        var index = start + 1
        if index < pattern.endIndex, pattern[index] == "^" || pattern[index] == "!" { index += 1 }
        guard index < pattern.endIndex, pattern[index] != "]" else { return nil }
        while index < pattern.endIndex {
            if pattern[index] == "]" { return index }
            index += pattern[index] == "\\" ? 2 : 1
        }
        return nil
    }

    /// The patterns that the first braces stand for; none if there are no braces.
    private static func expandFirstBrace(in pattern: ArraySlice<Unicode.Scalar>) -> [ArraySlice<Unicode.Scalar>] {
        var depth = 0
        var open = pattern.startIndex
        var starts: [Int] = []
        var index = pattern.startIndex
        while index < pattern.endIndex {
            switch pattern[index] {
            case "\\": index += 1
            case "[": index = endOfClass(in: pattern, at: index) ?? index
            case "{":
                depth += 1
                if depth == 1 {
                    open = index
                    starts = [index + 1]
                }
            case "," where depth == 1: starts.append(index + 1)
            case "}":
                depth -= 1
                guard depth == 0 else { break }
                let ends = starts.dropFirst().map { $0 - 1 } + [index]
                return zip(starts, ends)
                    .map { start, end in
                        (pattern[..<open] + pattern[start..<end] + pattern[(index + 1)...])[...]
                    }
            default: break
            }
            index += 1
        }
        return []
    }

    private static func alternative(_ pattern: ArraySlice<Unicode.Scalar>) -> Alternative? {
        var parser = GlobSegmentParser(pattern)
        var segments: [Segment] = []
        repeat { segments.append(parser.parseSegment()) } while parser.takeSeparator()
        var isForDirectories = false
        if segments.count > 1, segments.last == .name(Wildcard(tokens: [])) {
            segments.removeLast()
            // A path without wildcards is looked up as it is, and then the slash means nothing.
            isForDirectories = segments.contains { segment in
                if case .name(let wildcard) = segment { !wildcard.isLiteral } else { true }
            }
        }
        // As in Go's io/fs there is nothing above and nothing nameless.
        let unreachable = ["", ".", ".."]
            .map { name in
                Segment.name(Wildcard(tokens: name.unicodeScalars.map(Wildcard.Token.literal)))
            }
        if segments.contains(where: unreachable.contains) { return nil }
        return Alternative(segments: segments, isForDirectories: isForDirectories)
    }
}

private struct GlobSegmentParser {
    private var rest: ArraySlice<Unicode.Scalar>

    init(_ pattern: ArraySlice<Unicode.Scalar>) { rest = pattern }

    mutating func takeSeparator() -> Bool { rest.popFirst() != nil }

    /// Reads up to the next slash or the end.
    mutating func parseSegment() -> GlobPattern.Segment {
        if rest.starts(with: "**".unicodeScalars), rest.count == 2 || rest[rest.startIndex + 2] == "/" {
            rest.removeFirst(2)
            return .anyDirectories
        }
        var tokens: [Wildcard.Token] = []
        while let scalar = rest.first, scalar != "/" {
            rest.removeFirst()
            switch scalar {
            case "*": tokens.append(.star)
            case "?": tokens.append(.any)
            case "[": tokens.append(.oneOf(parseClass()))
            case "\\": if let escaped = rest.popFirst() { tokens.append(.literal(escaped)) }
            default: tokens.append(.literal(scalar))
            }
        }
        return .name(Wildcard(tokens: tokens))
    }

    private mutating func parseClass() -> CharacterClass {
        var set = CharacterClass()
        if rest.first == "!" || rest.first == "^" {
            rest.removeFirst()
            set.isNegated = true
        }
        var previous: Unicode.Scalar?
        while let scalar = rest.popFirst(), scalar != "]" {
            if scalar == "-", let first = previous, rest.first != "]", let last = popLiteral() {
                set.insert(from: first, to: last)
                previous = nil
            } else if let literal = scalar == "\\" ? rest.popFirst() : scalar {
                set.insert(literal)
                previous = literal
            }
        }
        return set
    }

    private mutating func popLiteral() -> Unicode.Scalar? {
        let scalar = rest.popFirst()
        return scalar == "\\" ? rest.popFirst() : scalar
    }
}
