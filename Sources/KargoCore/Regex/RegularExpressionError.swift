/// Why a regular expression can't be compiled, and where.
public struct RegularExpressionError: Error, Hashable, CustomStringConvertible {
    /// The kinds of fault, one for each that Go's `regexp/syntax` tells apart and one for a class that doesn't exist.
    public enum Code: Sendable, Hashable {
        /// A range in brackets ends before it begins.
        case invalidClassRange
        /// A backslash stands before something it gives no meaning to.
        case invalidEscape
        /// The name of a group is empty, not closed, or has more than letters, digits and underscores.
        case invalidGroupName
        /// A count is too large, runs backwards, or multiplies with the counts around it to too much.
        case invalidRepetitionCount
        /// Two repetition operators stand side by side.
        case invalidRepetitionOperator
        /// A bracket isn't closed.
        case missingBracket
        /// A group isn't closed.
        case missingParenthesis
        /// A repetition operator has nothing before it.
        case missingRepetitionArgument
        /// Groups and repetitions are nested too deeply.
        case nestedTooDeeply
        /// The pattern is too long, or needs too large a program.
        case tooLarge
        /// The pattern ends in a backslash.
        case trailingBackslash
        /// A closing parenthesis closes nothing.
        case unexpectedParenthesis
        /// No class, general category or script has this name.
        case unknownClass
        /// What follows `(?` is unknown or, like look-around, can't be matched in linear time.
        case unsupportedGroup
    }

    /// What kind of fault it is.
    public var code: Code
    /// What is wrong, in lower case and without a full stop.
    public var message: String
    /// The place in the pattern, in Unicode scalars from its start.
    public var offset: Int

    /// Makes an error at a place.
    public init(code: Code, message: String, offset: Int) {
        self.code = code
        self.message = message
        self.offset = offset
    }

    /// The reason and the place, which people count from 1, in one sentence.
    public var description: String { "\(message) (at character \(offset + 1) of the regular expression)" }
}
