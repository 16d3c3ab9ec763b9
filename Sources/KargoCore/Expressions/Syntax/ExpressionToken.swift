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
        // Most words are none of these; making a string of each would take longer than all the rest.
        switch word.first.map({ Unicode.Scalar($0) }) {
        case "a" where word.spells("and"): self = .and
        case "c" where word.spells("contains"): self = .contains
        case "e" where word.spells("else"): self = .else
        case "e" where word.spells("endsWith"): self = .endsWith
        case "i" where word.spells("if"): self = .if
        case "i" where word.spells("in"): self = .in
        case "l" where word.spells("let"): self = .let
        case "m" where word.spells("matches"): self = .matches
        case "n" where word.spells("not"): self = .not
        case "o" where word.spells("or"): self = .or
        case "s" where word.spells("startsWith"): self = .startsWith
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

extension ArraySlice<UInt8> {
    /// Whether these are the bytes of a word.
    func spells(_ word: StaticString) -> Bool {
        count == word.utf8CodeUnitCount && word.withUTF8Buffer { $0.elementsEqual(self) }
    }
}
