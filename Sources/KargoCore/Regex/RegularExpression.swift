import Synchronization

/// A regular expression in the syntax of RE2, as Go's `regexp` package accepts it.
///
/// ## Guarantees
/// - A text is matched in time linear in its length, whatever the pattern. That is why there are neither
///   back-references nor look-around.
/// - Patterns are bounded in length, nesting and size, so one from a stranger can do no harm.
/// - Matching goes by Unicode scalar, not by character: `.` matches each scalar of a flag or an accented letter.
/// - `\d`, `\s`, `\w` and `\b` know ASCII only; use `\p{Nd}` and the like for all of Unicode.
public struct RegularExpression: Sendable {
    /// The longest pattern that is compiled, in bytes of UTF-8.
    public static let maximumPatternLength = 1 << 16

    /// The pattern as it was written.
    public let pattern: String
    private let engine: Engine

    /// Compiles a pattern.
    ///
    /// - Throws: ``RegularExpressionError`` if the pattern is malformed, or too large for the bounds.
    public init(_ pattern: String) throws(RegularExpressionError) {
        guard pattern.utf8.count <= Self.maximumPatternLength else {
            throw Compiler.tooLarge("the pattern is longer than \(Self.maximumPatternLength) bytes, use a shorter one")
        }
        var parser = Parser(pattern)
        self.pattern = pattern
        engine = try Engine(try parser.parse())
    }

    /// Whether the text has a match, at its start or anywhere else.
    public func matches(_ text: some StringProtocol) -> Bool {
        engine.matches(String(text))
    }

    /// Finds the leftmost match.
    ///
    /// Of the matches that start at the same place it is the one that Perl would find: the first alternative goes
    /// before the second, and more repetitions before fewer unless `?` makes them reluctant.
    public func firstMatch(in text: String) -> Match? {
        var finder = GroupFinder(engine.program, in: text)
        return finder.find().flatMap { Match(text: text, places: $0, names: engine.program.groupNames) }
    }
}

extension RegularExpression: Hashable {
    /// Two regular expressions are equal when their patterns are the same scalar by scalar.
    public static func == (left: RegularExpression, right: RegularExpression) -> Bool {
        left.pattern.utf8.elementsEqual(right.pattern.utf8)
    }

    /// Hashes the pattern.
    public func hash(into hasher: inout Hasher) {
        for scalar in pattern.unicodeScalars { hasher.combine(scalar) }
    }
}

extension RegularExpression: CustomStringConvertible {
    /// The pattern as it was written.
    public var description: String { pattern }
}

extension RegularExpression {
    /// The compiled pattern, with what was found out about it on the way.
    private final class Engine: Sendable {
        let program: Program
        private let literal: Literal?
        private let automaton: Mutex<Automaton>?

        init(_ tree: SyntaxTree) throws(RegularExpressionError) {
            var compiler = Compiler(tree)
            program = try compiler.compile()
            literal = Literal(tree)
            automaton = Automaton.suits(program) ? Mutex(Automaton(program)) : nil
        }

        func matches(_ text: String) -> Bool {
            if let literal { return literal.matches(text) }
            // Who comes while the automaton is in use does without it rather than wait for the end of a text.
            if let answer = automaton?.withLockIfAvailable({ $0.matches(text) }) { return answer }
            var walker = Walker(program)
            return walker.matches(text)
        }
    }
}
