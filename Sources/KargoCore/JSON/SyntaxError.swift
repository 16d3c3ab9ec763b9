/// Why a text is not what it should be, and where.
public struct SyntaxError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, in lower case and without a full stop.
    public var message: String
    /// The line, counted from 1.
    public var line: Int
    /// The column, counted from 1, in bytes for JSON and in characters for YAML.
    public var column: Int

    /// Makes an error at a place.
    public init(message: String, line: Int, column: Int) {
        self.message = message
        self.line = line
        self.column = column
    }

    /// The place and the reason in one sentence.
    public var description: String { "line \(line), column \(column): \(message)" }
}
