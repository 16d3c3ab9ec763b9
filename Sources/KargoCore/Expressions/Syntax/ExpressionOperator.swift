/// An operator between two operands.
enum BinaryOperator: UInt8 {
    case pipe
    case or
    case and
    case equal
    case notEqual
    case less
    case lessOrEqual
    case greater
    case greaterOrEqual
    case `in`
    case matches
    case contains
    case startsWith
    case endsWith
    case range
    case add
    case subtract
    case multiply
    case divide
    case remainder
    case power
    case coalesce

    init?(_ token: ExpressionToken.Kind) {
        switch token {
        case .pipe: self = .pipe
        case .or: self = .or
        case .and: self = .and
        case .equal: self = .equal
        case .notEqual: self = .notEqual
        case .less: self = .less
        case .lessOrEqual: self = .lessOrEqual
        case .greater: self = .greater
        case .greaterOrEqual: self = .greaterOrEqual
        case .in: self = .in
        case .matches: self = .matches
        case .contains: self = .contains
        case .startsWith: self = .startsWith
        case .endsWith: self = .endsWith
        case .range: self = .range
        case .plus: self = .add
        case .minus: self = .subtract
        case .star: self = .multiply
        case .slash: self = .divide
        case .percent: self = .remainder
        case .power: self = .power
        case .coalesce: self = .coalesce
        default: return nil
        }
    }

    /// How tightly it binds, in the numbers of expr's own table.
    var precedence: Int {
        switch self {
        case .pipe: 0
        case .or: 10
        case .and: 15
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .in, .matches, .contains, .startsWith,
            .endsWith:
            20
        case .range: 25
        case .add, .subtract: 30
        case .multiply, .divide, .remainder: 60
        case .power: 100
        case .coalesce: 500
        }
    }

    /// The least precedence of the operator to its right that belongs to its right operand.
    var rightPrecedence: Int { self == .power ? precedence : precedence + 1 }

    /// Whether `a < b < c` means `a < b and b < c`.
    var isOrdering: Bool {
        switch self {
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        default: false
        }
    }

    /// Whether `not` may stand before it.
    var isNegatable: Bool {
        switch self {
        case .in, .matches, .contains, .startsWith, .endsWith: true
        default: false
        }
    }

    /// How it is written.
    var symbol: String {
        switch self {
        case .pipe: "|"
        case .or: "or"
        case .and: "and"
        case .equal: "=="
        case .notEqual: "!="
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .in: "in"
        case .matches: "matches"
        case .contains: "contains"
        case .startsWith: "startsWith"
        case .endsWith: "endsWith"
        case .range: ".."
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        case .divide: "/"
        case .remainder: "%"
        case .power: "**"
        case .coalesce: "??"
        }
    }
}

/// An operator before its operand.
enum UnaryOperator: UInt8 {
    case not
    case minus
    case plus

    init?(_ token: ExpressionToken.Kind) {
        switch token {
        case .not, .exclamation: self = .not
        case .minus: self = .minus
        case .plus: self = .plus
        default: return nil
        }
    }

    /// How tightly it binds, in the numbers of expr's own table.
    var precedence: Int { self == .not ? 50 : 90 }

    /// How it is written.
    var symbol: String {
        switch self {
        case .not: "not"
        case .minus: "-"
        case .plus: "+"
        }
    }
}
