/// A word or sign of an expression.
struct ExpressionToken {
    enum Kind: UInt8 {
        case end
        case identifier
        case number
        case string
        case rawString
        case bytes

        case and
        case contains
        case `else`
        case endsWith
        case `if`
        case `in`
        case `let`
        case matches
        case not
        case or
        case startsWith

        case plus
        case minus
        case star
        case slash
        case percent
        case power
        case equal
        case notEqual
        case less
        case lessOrEqual
        case greater
        case greaterOrEqual
        case exclamation
        case assign
        case pipe
        case range
        case coalesce
        case question
        case colon
        case doubleColon
        case dot
        case optionalDot
        case comma
        case semicolon
        case hash
        case leftParenthesis
        case rightParenthesis
        case leftBracket
        case rightBracket
        case leftBrace
        case rightBrace
    }

    var kind: Kind
    /// Where it stands, in bytes of UTF-8.
    var range: Range<Int>
}

extension ExpressionToken.Kind {
    /// The reserved word, unless the text is an ordinary identifier.
    init?(word: ArraySlice<UInt8>) {
        // Most words are none of these, and making a string of each would take longer than all the rest.
        guard let first = word.first, word.count <= 10, "aceilmnos".utf8.contains(first) else { return nil }
        switch String(decoding: word, as: UTF8.self) {
        case "and": self = .and
        case "contains": self = .contains
        case "else": self = .else
        case "endsWith": self = .endsWith
        case "if": self = .if
        case "in": self = .in
        case "let": self = .let
        case "matches": self = .matches
        case "not": self = .not
        case "or": self = .or
        case "startsWith": self = .startsWith
        default: return nil
        }
    }

    /// Whether it may follow a dot: reserved words are names there.
    var isWord: Bool {
        switch self {
        case .identifier, .and, .contains, .else, .endsWith, .if, .in, .let, .matches, .not, .or, .startsWith: true
        default: false
        }
    }
}
