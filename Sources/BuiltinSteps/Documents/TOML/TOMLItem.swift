import KargoCore

/// What a key of a TOML document stands for.
///
/// Tables are objects because headers add to them from anywhere in the text; nobody changes them once the text is read.
enum TOMLItem {
    /// A string, a number, a Boolean or a date, and where it stands.
    case scalar(TOMLScalar, Range<Int>)
    /// An array in brackets.
    case array([TOMLItem])
    /// A table with a header, of a dotted key or in braces.
    case table(TOMLTable)
    /// Tables with headers in double brackets.
    case tables(TOMLTableList)

    /// What messages call it.
    var kindWithArticle: String {
        switch self {
        case .scalar: "a scalar"
        case .array: "an array"
        case .table(let table): table.isInline ? "an inline table" : "a table"
        case .tables: "an array of tables"
        }
    }
}

/// A single value of a TOML document.
enum TOMLScalar: Sendable, Hashable {
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    case date(TOMLDate)
}

/// A date, a time or both, as it was written.
struct TOMLDate: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case offsetDateTime
        case localDateTime
        case localDate
        case localTime
    }

    let kind: Kind
    /// The text in the form of RFC 3339, with `T` and `Z` in upper case.
    let text: String
}

/// A table of a TOML document.
final class TOMLTable {
    var members: [String: TOMLItem] = [:]
    /// How many tables it stands in.
    let depth: Int
    /// Whether it is written in braces, and so can't be added to.
    let isInline: Bool
    /// Whether it has had a header.
    var hasHeader = false
    /// The section whose dotted keys have made it; other sections can't add to it.
    var dottedIn: Int?

    init(depth: Int, isInline: Bool = false) {
        self.depth = depth
        self.isInline = isInline
    }
}

/// Tables of one name.
final class TOMLTableList {
    var tables: [TOMLTable] = []
}

extension TOMLItem {
    /// The value for expressions: dates with an offset are moments, others text.
    func expressionValue() -> ExpressionValue {
        switch self {
        case .scalar(.string(let text), _): .string(text)
        case .scalar(.integer(let number), _): .int(number)
        case .scalar(.float(let number), _): .double(number)
        case .scalar(.boolean(let flag), _): .bool(flag)
        case .scalar(.date(let date), _): date.expressionValue
        case .array(let items): .array(items.map { $0.expressionValue() })
        case .table(let table): .map(ExpressionMap(table.expressionValues()))
        case .tables(let list): .array(list.tables.map { .map(ExpressionMap($0.expressionValues())) })
        }
    }
}

extension TOMLTable {
    /// The values of its members for expressions.
    func expressionValues() -> [String: ExpressionValue] { members.mapValues { $0.expressionValue() } }
}

extension TOMLDate {
    fileprivate var expressionValue: ExpressionValue {
        guard kind == .offsetDateTime, let time = try? GoTime(text, layout: "2006-01-02T15:04:05Z07:00") else {
            return .string(text)
        }
        return .time(time)
    }
}
