/// Makes an expression of bytes, each of which chooses among the ways to go on.
///
/// Random text is seldom an expression, and most random expressions fail at once. What this makes always parses as far
/// as grammar goes, so that the bytes are spent on evaluation. Where they run out, everything ends as soon as it can.
struct ExpressionGenerator {
    private var bytes: ArraySlice<UInt8>
    private var depth = 0
    /// How many loops enclose the place, and how many variables it sees.
    private var loops = 0
    private var bindings = 0

    private static let maximumDepth = 12

    static func expression(_ bytes: [UInt8]) -> String {
        var generator = ExpressionGenerator(bytes: bytes[...])
        return generator.expression()
    }

    private init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    // MARK: Choices

    private mutating func choose(_ count: Int) -> Int { Int(bytes.popFirst() ?? 0) % count }

    private mutating func choose(_ options: [String]) -> String { options[choose(options.count)] }

    private mutating func list(upTo most: Int) -> String {
        var items: [String] = []
        for _ in 0..<choose(most + 1) { items.append(expression()) }
        return items.joined(separator: ", ")
    }

    // MARK: Grammar

    private mutating func expression() -> String {
        guard depth < Self.maximumDepth, !bytes.isEmpty else { return atom() }
        depth += 1
        defer { depth -= 1 }
        switch choose(20) {
        case 0, 1: return atom()
        case 2, 3: return operation()
        case 4: return choose(["not ", "!", "-", "+"]) + "(" + expression() + ")"
        case 5: return "(\(expression()) ? \(expression()) : \(expression()))"
        case 6: return "[\(list(upTo: 4))]"
        case 7: return "{\(choose(Self.names)): \(expression()), (\(expression())): \(expression())}"
        case 8: return expression() + "[\(expression())]"
        case 9: return "(\(expression()))[\(choose(2) == 0 ? "" : expression()):\(choose(2) == 0 ? "" : expression())]"
        case 10: return "(\(expression()))\(choose([".", "?."]))\(choose(Self.names))"
        case 11, 12, 13: return "\(choose(Self.builtins))(\(list(upTo: 4)))"
        case 14: return "(\(expression())).\(choose(Self.methods))(\(list(upTo: 2)))"
        case 15, 16: return loop()
        case 17: return binding()
        case 18: return "(\(expression()) | \(choose(Self.builtins))(\(list(upTo: 2))))"
        default: return "\(choose(Self.functions))(\(list(upTo: 2)))"
        }
    }

    private mutating func operation() -> String {
        let left = expression()
        let binary = choose(Self.operators)
        return "(\(left)) \(binary) (\(expression()))"
    }

    private mutating func loop() -> String {
        let function = choose(Self.loopFunctions)
        let collection = expression()
        loops += 1
        let body = expression()
        loops -= 1
        let option = choose(2) == 0 ? "" : ", \(expression())"
        switch function {
        case "reduce", "sortBy": return "\(function)(\(collection), {\(body)}\(option))"
        default: return "\(function)(\(collection), {\(body)})"
        }
    }

    private mutating func binding() -> String {
        let value = expression()
        let name = "v\(bindings)"
        bindings += 1
        defer { bindings -= 1 }
        return "(let \(name) = \(value); \(expression()))"
    }

    private mutating func atom() -> String {
        switch choose(6) {
        case 0: return choose(Self.variables)
        case 1: return choose(Self.numbers)
        case 2: return choose(Self.strings)
        case 3 where loops > 0: return choose(["#", "#index", "#acc", ".name", "#.Tag"])
        case 4 where bindings > 0: return "v\(choose(bindings))"
        case 5: return quoted()
        default: return choose(["nil", "true", "false", "$env", "now()"])
        }
    }

    /// A string of the input's own bytes.
    private mutating func quoted() -> String {
        let text = bytes.prefix(choose(24))
        bytes = bytes.dropFirst(text.count)
        let escaped = String(decoding: text, as: UTF8.self).unicodeScalars
            .map { scalar in
                switch scalar {
                case "\"", "\\": "\\\(scalar)"
                case "\n": "\\n"
                default: String(scalar)
                }
            }
        return "\"\(escaped.joined())\""
    }

    // MARK: Words

    private static let operators = [
        "+", "-", "*", "/", "%", "**", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in", "not in", "contains",
        "not contains", "startsWith", "endsWith", "matches", "not matches", "..", "??",
    ]

    private static let loopFunctions = [
        "all", "any", "count", "filter", "find", "findIndex", "findLast", "findLastIndex", "groupBy", "map", "none",
        "one", "reduce", "sortBy", "sum",
    ]

    private static let builtins = [
        "abs", "bitand", "bitnand", "bitnot", "bitor", "bitshl", "bitshr", "bitushr", "bitxor", "ceil", "concat",
        "date", "duration", "first", "flatten", "float", "floor", "fromBase64", "fromJSON", "fromPairs", "get",
        "hasPrefix", "hasSuffix", "indexOf", "int", "join", "keys", "last", "lastIndexOf", "len", "lower", "max",
        "mean", "median", "min", "now", "repeat", "replace", "reverse", "round", "sort", "split", "splitAfter",
        "string", "take", "timezone", "toBase64", "toJSON", "toPairs", "trim", "trimPrefix", "trimSuffix", "type",
        "uniq", "upper", "values",
    ]

    private static let functions = [
        "semverParse", "semverDiff", "quick", "echo", "fails", "refuses", "reads", "secretOf", "failsLater", "call",
    ]

    private static let methods = [
        "Add", "AddDate", "After", "Before", "Compare", "Day", "Equal", "Format", "Hour", "IsDST", "IsZero", "ISOWeek",
        "Local", "Location", "Minute", "Month", "Nanosecond", "Round", "Second", "In", "String", "Sub", "Truncate",
        "Unix", "UnixMicro", "UnixMilli", "UnixNano", "UTC", "Weekday", "Year", "YearDay", "Zone", "Abs", "Hours",
        "Microseconds", "Milliseconds", "Minutes", "Nanoseconds", "Seconds", "Major", "Minor", "Patch", "Prerelease",
        "Metadata", "Original", "IncMajor", "IncMinor", "IncPatch", "SetPrerelease", "SetMetadata", "LessThan",
        "GreaterThan",
    ]

    private static let variables = [
        "yes", "no", "nothing", "one", "most", "least", "natural", "half", "huge", "infinite", "odd", "text", "empty",
        "secret", "long", "raw", "list", "numbers", "mixed", "many", "vars", "ctx", "outputs", "data", "moment", "span",
        "zone", "image", "call",
    ]

    private static let names = [
        "name", "imageRepo", "semver", "step", "commit", "list", "token", "Tag", "RepoURL", "Hidden", "meta",
        "promotion", "actor", "missing",
    ]

    private static let numbers = [
        "0", "1", "2", "3", "7", "-1", "63", "64", "100", "999", "1000001", "0.5", "1e3", "1e308", "0x10", "0b11",
        "9223372036854775807", "2147483648", "1_000", ".5",
    ]

    private static let strings = [
        #""""#, #""a""#, #"" ""#, #"",""#, #""ü🚢""#, #""1""#, #""-1.5e3""#, #""true""#, #""v1.2.3-rc.1+b""#,
        #""^1.2 || >3""#, #""2006-01-02T15:04:05.999999999Z07:00""#, #""Mon Jan _2 15:04:05 MST 2006""#,
        #""2024-02-29""#, #""2023-10-29T02:30:00Z""#, #""1h30m5s""#, #""-2562047h47m16.854775808s""#,
        #""Europe/Berlin""#, #""America/New_York""#, #""UTC""#, #""asc""#, #""desc""#, #""{\"a\": [1, null]}""#,
        #""aGVsbG8=""#, #""^(a+)+$""#, #""[[:alpha:]]{2,5}\\b""#, #""(?i)x|y*?""#, "`raw`", #"b"by\x00te""#,
        #""\u00e9\u{1F6A2}\n""#,
    ]
}
