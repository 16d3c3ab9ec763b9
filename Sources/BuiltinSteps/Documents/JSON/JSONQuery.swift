import KargoCore

/// What elements of an array must be like, in the syntax of tidwall/gjson: `#(name=="web")`.
struct JSONQuery: Sendable, Hashable {
    enum Comparison: String, Sendable {
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
        case like = "%"
        case notLike = "!%"
    }

    /// Where in an element to look; empty for the element itself.
    let path: [JSONKeyPath.Part]
    /// How to compare what is there; nil if it only has to be there.
    let comparison: Comparison?
    /// What to compare it with.
    let value: String
    /// Whether it stands for all elements that are so, and not for the first one only.
    let isForAll: Bool

    /// Reads what stands between the parentheses.
    ///
    /// - Throws: ``JSONKeyPath/Malformed``.
    init(_ text: Substring.UnicodeScalarView, isForAll: Bool) throws(JSONKeyPath.Malformed) {
        self.isForAll = isForAll
        let split = Self.comparisonStart(of: text)
        let left = Self.trimmed(text[..<split])
        var right = Self.trimmed(text[split...])
        if left.isEmpty {
            path = []
        } else {
            let inner = try JSONKeyPath(String(Substring(left)))
            guard inner.parts.allSatisfy({ !$0.isEach && !$0.isDerived && $0.query?.isForAll != true }) else {
                throw JSONKeyPath.Malformed(
                    description: "the query \"#(\(Substring(text)))\" looks at several values, which is not supported"
                )
            }
            path = inner.parts
        }
        guard !right.isEmpty else {
            if left.isEmpty { throw JSONKeyPath.Malformed(description: "a query must not be empty") }
            (comparison, value) = (nil, "")
            return
        }
        if right.starts(with: "==".unicodeScalars) { right.removeFirst() }
        let (two, one) = (String(Substring(right.prefix(2))), String(Substring(right.prefix(1))))
        let found = Comparison(rawValue: two) ?? Comparison(rawValue: one)
        guard let found else {
            throw JSONKeyPath.Malformed(description: "the query \"#(\(Substring(text)))\" has no such comparison")
        }
        comparison = found
        value = Self.unquoted(Self.trimmed(right.dropFirst(found.rawValue.unicodeScalars.count)))
    }

    /// Where the comparison begins that is in no query within this one.
    private static func comparisonStart(of text: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView.Index {
        var nesting = JSONQueryNesting()
        for index in text.indices {
            if nesting.isOutermost, "!=<>%".unicodeScalars.contains(text[index]) { return index }
            nesting.pass(text[index])
        }
        return text.endIndex
    }

    private static func trimmed(_ text: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView {
        var text = text.drop { $0.value <= 0x20 }
        while let last = text.last, last.value <= 0x20 { text.removeLast() }
        return text
    }

    private static func unquoted(_ text: Substring.UnicodeScalarView) -> String {
        let text = String(Substring(text))
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        return (try? JSONValue(parsing: Array(text.utf8)))?.stringValue ?? String(text.dropFirst().dropLast())
    }

    // MARK: Comparisons

    /// Whether a value is as it must be; nil is one that is not there.
    func accepts(_ found: JSONValue?) -> Bool {
        var (found, value) = (found, value)
        if value.hasPrefix("~") {
            guard let isSo = Self.truth(String(value.dropFirst()), of: found) else { return false }
            (found, value) = (.bool(isSo), "true")
        }
        guard let found else { return false }
        guard let comparison else { return true }
        switch found {
        case .string(let text): return Self.compare(text, value, comparison)
        case .bool(let flag): return Self.compare(flag ? 1 : 0, value == "true" ? 1 : 0, comparison, isKnown(value))
        default:
            guard let number = Self.number(found) else { return false }
            return Self.compare(number, Double(value) ?? 0, comparison)
        }
    }

    private func isKnown(_ value: String) -> Bool { value == "true" || value == "false" }

    private static func compare(_ left: String, _ right: String, _ comparison: Comparison) -> Bool {
        switch comparison {
        case .equal: left.utf8.elementsEqual(right.utf8)
        case .notEqual: !left.utf8.elementsEqual(right.utf8)
        case .less: left.utf8.lexicographicallyPrecedes(right.utf8)
        case .atMost: !right.utf8.lexicographicallyPrecedes(left.utf8)
        case .greater: right.utf8.lexicographicallyPrecedes(left.utf8)
        case .atLeast: !left.utf8.lexicographicallyPrecedes(right.utf8)
        case .like: pattern(right).matches(left)
        case .notLike: !pattern(right).matches(left)
        }
    }

    private static func compare(
        _ left: Double,
        _ right: Double,
        _ comparison: Comparison,
        _ isKnown: Bool = true
    ) -> Bool {
        switch comparison {
        case .equal: isKnown && left == right
        case .notEqual: !isKnown || left != right
        case .less: isKnown && left < right
        case .atMost: isKnown && left <= right
        case .greater: isKnown && left > right
        case .atLeast: isKnown && left >= right
        case .like, .notLike: false
        }
    }

    private static func pattern(_ text: String) -> Wildcard {
        var tokens: [Wildcard.Token] = []
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": tokens.append(.star)
            case "?": tokens.append(.any)
            case "\\": tokens.append(.literal(rest.popFirst() ?? scalar))
            default: tokens.append(.literal(scalar))
            }
        }
        return Wildcard(tokens: tokens)
    }

    /// Whether a value is more or less what a word behind `~` says; nil if there is no such word.
    private static func truth(_ word: String, of value: JSONValue?) -> Bool? {
        switch word {
        case "*": return value != nil
        case "null": return value?.isNull != false
        case "true": return isTrue(value) == true
        case "false": return value?.isNull != false || isTrue(value) == false
        default: return nil
        }
    }

    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    private static func isTrue(_ value: JSONValue?) -> Bool? {
        switch value {
        case .bool(let flag)?: flag
        case .string(let text)?: GoNumber.parseBool(text.lowercased())
        default: value.flatMap(number).map { $0 != 0 }
        }
    }
}

/// How deep in queries and quotes a place of a path is.
struct JSONQueryNesting {
    private(set) var depth = 0
    private var isQuoted = false
    private var isEscaped = false

    var isOutermost: Bool { depth == 0 && !isQuoted && !isEscaped }

    mutating func pass(_ scalar: Unicode.Scalar) {
        if isEscaped {
            isEscaped = false
            return
        }
        switch scalar {
        case "\\": isEscaped = true
        case "\"": isQuoted.toggle()
        case "(" where !isQuoted, "[" where !isQuoted: depth += 1
        case ")" where !isQuoted, "]" where !isQuoted: depth -= 1
        default: break
        }
    }
}
