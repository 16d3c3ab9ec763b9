/// Why an expression or a template can't be read or evaluated.
///
/// No message holds the value of a variable, which may be a secret; the text of the expression may be shown.
public struct ExpressionError: Error {
    /// What went wrong, for programs to tell.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case syntax
            case evaluation
            case function
            case limit
        }

        private let value: Value

        private init(_ value: Value) { self.value = value }

        /// The text is no expression, or one that could never be evaluated.
        public static let syntax = Code(.syntax)
        /// A value is missing or not of the kind that is needed.
        public static let evaluation = Code(.evaluation)
        /// A function of the environment failed; the cause says why.
        public static let function = Code(.function)
        /// The expression is too large, or would take too much time or memory.
        public static let limit = Code(.limit)

        /// The code's name.
        public var description: String { value.rawValue }
    }

    /// A part of an expression.
    public struct Place: Sendable, Hashable {
        /// The whole text.
        public let source: String
        /// The part, in bytes of UTF-8.
        public let range: Range<Int>
    }

    /// An error is thrown through every level of a nested expression, where a large value would take much of the stack.
    private final class Details: Sendable {
        let code: Code
        let message: String
        let place: Place?
        let path: FieldPath
        let cause: (any Error)?

        init(_ code: Code, _ message: String, place: Place?, path: FieldPath, cause: (any Error)?) {
            self.code = code
            self.message = message
            self.place = place
            self.path = path
            self.cause = cause
        }
    }

    private let details: Details

    /// What went wrong, for programs to tell.
    public var code: Code { details.code }
    /// What went wrong, in lower case and without a full stop.
    public var message: String { details.message }
    /// Where in the expression, if anywhere.
    public var place: Place? { details.place }
    /// Where in a JSON template; empty elsewhere.
    public var path: FieldPath { details.path }
    /// The error of a function, if that is the reason.
    public var cause: (any Error)? { details.cause }

    /// Makes an error for a function of the environment to throw; the evaluator adds the place.
    ///
    /// - Parameter message: What went wrong, in lower case and without a full stop, and without the value of anything
    ///   that could be secret.
    public init(_ message: String) { self.init(.evaluation, message) }

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        details = Details(code, message, place: nil, path: FieldPath(), cause: cause)
    }

    private init(_ details: Details) { self.details = details }

    /// The error at a place, unless it knows a better one.
    func located(in source: String, at range: Range<Int>) -> ExpressionError {
        guard place == nil else { return self }
        let place = Place(source: source, range: range)
        return ExpressionError(Details(code, message, place: place, path: path, cause: cause))
    }

    /// The error with one more step before its path.
    func prefixed(with component: FieldPath.Component) -> ExpressionError {
        let path = FieldPath([component] + path.components)
        return ExpressionError(Details(code, message, place: place, path: path, cause: cause))
    }
}

extension ExpressionError: CustomStringConvertible {
    /// The field, the reason, and below it the line of the expression with the place underlined.
    public var description: String {
        var text = path.components.isEmpty ? message : "\(path): \(message)"
        if let cause { text += ": \(cause)" }
        if let place { text += "\n\(place)" }
        return text
    }
}

extension ExpressionError.Place: CustomStringConvertible {
    private static let widestLine = 120
    /// How many bytes of a line are looked at on either side; enough for a wide line in any script.
    private static let reach = 2048

    /// The line on which the place begins and, below it, carets; of a very long line only the surroundings.
    public var description: String {
        let bytes = Array(source.utf8)
        let lower = min(range.lowerBound, bytes.count)
        let isInScalar = { (offset: Int) in offset < bytes.count && bytes[offset] & 0xC0 == 0x80 }
        var first = max(0, lower - Self.reach)
        while first < lower, isInScalar(first) { first += 1 }
        var last = min(bytes.count, lower + Self.reach)
        while last > lower, isInScalar(last) { last -= 1 }
        let lineStart = bytes[first..<lower].lastIndex(of: 0x0A).map { $0 + 1 } ?? first
        let lineEnd = bytes[lower..<last].firstIndex(of: 0x0A) ?? last
        var before = Array(String(decoding: bytes[lineStart..<lower], as: UTF8.self))
        let part = Array(String(decoding: bytes[lower..<min(max(range.upperBound, lower), lineEnd)], as: UTF8.self))
        var after = Array(String(decoding: bytes[lower..<lineEnd], as: UTF8.self).dropFirst(part.count))
        if before.count + part.count + after.count > Self.widestLine {
            if before.count > Self.widestLine / 2 { before = ["…"] + before.suffix(Self.widestLine / 2) }
            if after.count > Self.widestLine / 2 { after = after.prefix(Self.widestLine / 2) + ["…"] }
        }
        let shown = part.prefix(Self.widestLine)
        let indent = String(before.map { $0 == "\t" ? "\t" : " " })
        let carets = String(repeating: "^", count: max(1, shown.count))
        return "    \(String(before) + String(shown) + String(after))\n    \(indent)\(carets)"
    }
}
