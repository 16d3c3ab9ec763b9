import KargoCore

/// The way to a value of a JSON document, in the syntax of tidwall/sjson: `list.0.name`.
///
/// A backslash takes the character behind it literally. A colon in front of a part makes a number a key. `-1` stands
/// for the place behind the last element. A path with `*`, `?`, `#`, `|` or `@` is a pattern: it leads to what is there
/// and never makes anything. `#(name=="web")` leads to the first element that is so, with `#` behind it to all.
struct JSONKeyPath: Sendable, Hashable {
    /// Why a text is no path.
    struct Malformed: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    /// A part of a path.
    struct Part: Sendable, Hashable {
        /// The key, its escapes taken out.
        var text = ""
        /// The key as a pattern; nil if it has no `*` and no `?`.
        var pattern: Wildcard?
        /// Whether a number is a key here.
        var isKey = false
        /// Whether it stands for all elements of an array.
        var isEach = false
        /// Which elements of an array it stands for.
        var query: JSONQuery?
        /// Whether it is `@name`, or `|name` of the list that a `#` has made: neither is in the document to be changed.
        var isDerived = false

        /// The index that the part is in an array.
        var index: Int? {
            guard !isKey, !text.isEmpty, text.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
            return Int(text)
        }

        /// Whether it stands for the place behind the last element.
        var isEnd: Bool { text == "-1" && !isKey }

        func matches(_ key: String) -> Bool { pattern?.matches(key) ?? key.utf8.elementsEqual(text.utf8) }
    }

    let text: String
    let parts: [Part]
    /// Whether the path only leads to what is there.
    let isPattern: Bool

    /// Reads a path.
    init(_ text: String) throws(Malformed) {
        if text.isEmpty { throw Malformed(description: "path cannot be empty") }
        var reader = Reader(rest: text.unicodeScalars[...])
        try reader.read(text)
        self.text = text
        parts = reader.parts
        isPattern = reader.isPattern
    }

    private struct Reader {
        var rest: Substring.UnicodeScalarView
        var parts: [Part] = []
        var isPattern = false

        mutating func read(_ text: String) throws(Malformed) {
            var part = Part()
            var tokens: [Wildcard.Token] = []
            var isAtStart = true
            while let scalar = rest.popFirst() {
                let isFirst = isAtStart
                isAtStart = false
                switch scalar {
                case ".", "|":
                    finish(&part, &tokens)
                    if scalar == "|" {
                        isPattern = true
                        part.isDerived = parts.last.map { $0.isEach || $0.query?.isForAll ?? false } ?? false
                    }
                    isAtStart = true
                    continue
                case ":" where isFirst: part.isKey = true
                case "\\":
                    guard let escaped = rest.popFirst() else { continue }
                    part.text.unicodeScalars.append(escaped)
                    tokens.append(.literal(escaped))
                case "*", "?":
                    isPattern = true
                    tokens.append(scalar == "*" ? .star : .any)
                case "#":
                    isPattern = true
                    if isFirst, rest.first == "(" || rest.first == "[" {
                        part.query = try query(text)
                    } else {
                        part.isEach = true
                    }
                    guard isFirst, rest.isEmpty || rest.first == "." || rest.first == "|" else {
                        throw Malformed(
                            description:
                                "\"#\" in \"\(text)\" must stand between dots or begin a query; write it as \\#"
                        )
                    }
                case "@":
                    isPattern = true
                    if isFirst { part.isDerived = true }
                    fallthrough
                default:
                    part.text.unicodeScalars.append(scalar)
                    tokens.append(.literal(scalar))
                }
            }
            finish(&part, &tokens)
        }

        /// Reads a query up to what follows its closing parenthesis.
        private mutating func query(_ text: String) throws(Malformed) -> JSONQuery {
            let start = rest.index(after: rest.startIndex)
            var nesting = JSONQueryNesting()
            guard
                let end = rest.indices.first(where: { index in
                    nesting.pass(rest[index])
                    return nesting.depth == 0
                })
            else { throw Malformed(description: "the query in \"\(text)\" has no end") }
            let inner = rest[start..<end]
            rest = rest[rest.index(after: end)...]
            let isForAll = rest.first == "#"
            if isForAll { rest.removeFirst() }
            return try JSONQuery(inner, isForAll: isForAll)
        }

        private mutating func finish(_ part: inout Part, _ tokens: inout [Wildcard.Token]) {
            let pattern = Wildcard(tokens: tokens)
            if !pattern.isLiteral { part.pattern = pattern }
            parts.append(part)
            (part, tokens) = (Part(), [])
        }
    }
}
