/// Rules about what to leave out, in the syntax of `.gitignore` files, with the meaning that go-git gives them.
///
/// Of the rules that match the last one counts. A rule that matches a directory matches all that is in it, also one
/// that takes in again (`!keep/`): there go-git, and therefore Kargo, differs from git.
struct IgnoreRules: Sendable {
    private let rules: [IgnoreRule]

    /// Makes rules of one to a line.
    ///
    /// - Parameters:
    ///   - text: The rules.
    ///   - leavesOutGit: Whether there is a rule before them: nothing of git's own.
    init(_ text: String = "", leavesOutGit: Bool = true) {
        var rules = leavesOutGit ? [IgnoreRule(".git".unicodeScalars[...])] : []
        for line in text.unicodeScalars.split(separator: "\n") {
            let line = line.last == "\r" ? line.dropLast() : line
            if line.first == "#" || line.allSatisfy(\.properties.isWhitespace) { continue }
            rules.append(IgnoreRule(line))
        }
        self.rules = rules
    }

    /// Whether something is left out.
    ///
    /// - Parameters:
    ///   - path: The names on the way to it from the directory that the rules are about.
    ///   - isDirectory: Whether it is a directory.
    /// - Returns: Whether to leave it out.
    func ignores(_ path: [String], isDirectory: Bool) -> Bool {
        let rule = rules.last { $0.matches(path, isDirectory: isDirectory) }
        return rule.map { !$0.isInclusion } ?? false
    }
}

private struct IgnoreRule: Sendable {
    private enum Segment: Sendable {
        case name(Wildcard)
        /// `**`
        case anyDirectories
        /// What stands there can't be matched by anything.
        case malformed
    }

    let isInclusion: Bool
    private let isForDirectories: Bool
    /// Whether the rule begins at the top; else it is about single names anywhere.
    private let isAnchored: Bool
    private let segments: [Segment]

    init(_ line: Substring.UnicodeScalarView) {
        var text = line
        isInclusion = text.first == "!"
        if isInclusion { text.removeFirst() }
        if !text.suffix(2).elementsEqual("\\ ".unicodeScalars) {
            while text.last == " " { text.removeLast() }
        }
        isForDirectories = text.last == "/"
        if isForDirectories { text.removeLast() }
        let isAnchored = text.contains("/")
        segments = text.split(separator: "/")
            .map { part in
                if isAnchored, part.elementsEqual("**".unicodeScalars) { return .anyDirectories }
                var parser = IgnoreWildcardParser(part)
                return parser.parse().map(Segment.name) ?? .malformed
            }
        self.isAnchored = isAnchored
    }

    func matches(_ path: [String], isDirectory: Bool) -> Bool {
        guard isAnchored else {
            guard case .name(let wildcard) = segments.first else { return false }
            let candidates = isForDirectories && !isDirectory ? path.dropLast() : path[...]
            return candidates.contains(where: wildcard.matches)
        }
        // How many names the segments so far can stand for.
        var lengths: Set<Int> = [0]
        for (index, segment) in segments.enumerated() {
            switch segment {
            case .malformed:
                return false
            case .name(let wildcard):
                lengths = Set(lengths.filter { $0 < path.count && wildcard.matches(path[$0]) }.map { $0 + 1 })
            case .anyDirectories where index + 1 == segments.count:
                return lengths.contains { $0 < path.count || $0 > 0 && isDirectory }
            case .anyDirectories:
                if let shortest = lengths.min() { lengths = Set(shortest...path.count) }
            }
        }
        return lengths.contains { $0 > 0 && (!isForDirectories || $0 < path.count || isDirectory) }
    }
}

/// Reads the pattern of one name by the rules of git's `wildmatch.c`.
private struct IgnoreWildcardParser {
    private var rest: Substring.UnicodeScalarView

    init(_ text: Substring.UnicodeScalarView) { rest = text }

    /// Nothing if the pattern is malformed.
    mutating func parse() -> Wildcard? {
        var tokens: [Wildcard.Token] = []
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": tokens.append(.star)
            case "?": tokens.append(.any)
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                tokens.append(.literal(escaped))
            case "[":
                guard let set = parseClass() else { return nil }
                tokens.append(.oneOf(set))
            default: tokens.append(.literal(scalar))
            }
        }
        return Wildcard(tokens: tokens)
    }

    private mutating func parseClass() -> CharacterClass? {
        var set = CharacterClass()
        if rest.first == "!" || rest.first == "^" {
            rest.removeFirst()
            set.isNegated = true
        }
        var previous: Unicode.Scalar?
        var isFirst = true
        while let scalar = rest.popFirst() {
            if scalar == "]", !isFirst { return set }
            isFirst = false
            if scalar == "-", let first = previous, let next = rest.first, next != "]" {
                guard let last = popLiteral() else { return nil }
                set.insert(from: first, to: last)
                previous = nil
            } else if scalar == "[", rest.first == ":", let ranges = takeNamedClass() {
                if ranges.isEmpty { return nil }
                set.ranges += ranges
                previous = nil
            } else {
                guard let literal = scalar == "\\" ? rest.popFirst() : scalar else { return nil }
                set.insert(literal)
                previous = literal
            }
        }
        return nil
    }

    private mutating func popLiteral() -> Unicode.Scalar? {
        let scalar = rest.popFirst()
        return scalar == "\\" ? rest.popFirst() : scalar
    }

    /// The ranges of `[:name:]`, none if there is no such name; nothing if this is not a name at all but a bracket.
    private mutating func takeNamedClass() -> [ClosedRange<Unicode.Scalar>]? {
        guard let end = rest.firstIndex(of: "]") else { return nil }
        let inner = rest[rest.index(after: rest.startIndex)..<end]
        guard inner.last == ":" else { return nil }
        rest = rest[rest.index(after: end)...]
        return switch String(inner.dropLast()) {
        case "alnum": ["0"..."9", "A"..."Z", "a"..."z"]
        case "alpha": ["A"..."Z", "a"..."z"]
        case "blank": [" "..." ", "\t"..."\t"]
        case "cntrl": ["\0"..."\u{1F}", "\u{7F}"..."\u{7F}"]
        case "digit": ["0"..."9"]
        case "graph": ["!"..."~"]
        case "lower": ["a"..."z"]
        case "print": [" "..."~"]
        case "punct": ["!"..."/", ":"..."@", "["..."`", "{"..."~"]
        case "space": [" "..." ", "\t"..."\r"]
        case "upper": ["A"..."Z"]
        case "xdigit": ["0"..."9", "A"..."F", "a"..."f"]
        default: []
        }
    }
}
