/// The way to a value of a document, as steps are told it: `image.tag`, `list.0.name`.
///
/// It is the syntax of tidwall/sjson without its wildcards: parts are separated by dots, `\.` and `\:` stand for a dot
/// and a colon, and a colon in front of a part, which marks a number as a key there, is passed over.
struct DocumentPath: Sendable, Hashable {
    /// Why a text is no path.
    struct Malformed: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    let parts: [String]

    /// Reads a path; white space around it does not count.
    ///
    /// - Throws: ``Malformed`` for a part that is empty, a colon or an escape where there may be none.
    init(_ text: String) throws(Malformed) {
        let scalars = text.unicodeScalars
        let start = scalars.firstIndex { !$0.properties.isWhitespace } ?? scalars.endIndex
        let end = scalars.lastIndex { !$0.properties.isWhitespace }.map(scalars.index(after:)) ?? start
        if start == end { throw Malformed(description: "empty key") }
        var parts: [String] = []
        var part = ""
        var isEscaped = false
        for scalar in scalars[start..<end] {
            switch scalar {
            case ".", ":":
                if isEscaped {
                    part.unicodeScalars.append(scalar)
                    isEscaped = false
                } else if scalar == "." {
                    if part.isEmpty { throw Malformed(description: "empty key part in key \"\(text)\"") }
                    parts.append(part)
                    part = ""
                } else if !part.isEmpty {
                    throw Malformed(description: "unexpected colon in key \"\(text)\"; write it as \\:")
                }
            case _ where isEscaped:
                throw Malformed(description: "invalid escape sequence in key \"\(text)\"; only \\. and \\: are known")
            case "\\": isEscaped = true
            default: part.unicodeScalars.append(scalar)
            }
        }
        if isEscaped { throw Malformed(description: "invalid escape sequence at the end of key \"\(text)\"") }
        if part.isEmpty { throw Malformed(description: "empty key part in key \"\(text)\"") }
        self.parts = parts + [part]
    }
}
