/// The text of a document as it grows, character by character, by the rules of libyaml.
struct YAMLOutput {
    /// More than this is not kept.
    private let maximumBytes: Int
    private(set) var bytes: [UInt8] = []
    /// Whether something had to be left out.
    private(set) var isTruncated = false

    /// Characters written in this line.
    private var column = 0
    /// Whether the last character was white space.
    private var isAfterWhitespace = true
    /// Whether nothing but indentation and indicators stands in this line.
    private(set) var isInIndentation = true

    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    mutating func writeIndicator(_ indicator: Unicode.Scalar, needsWhitespace: Bool, keepsIndentation: Bool = false) {
        if needsWhitespace, !isAfterWhitespace { put(" ") }
        put(indicator)
        isAfterWhitespace = false
        isInIndentation = isInIndentation && keepsIndentation
    }

    /// Goes to a column, in a new line unless nothing but indentation stands in this one.
    mutating func writeIndent(_ indent: Int) {
        if !isInIndentation || column > indent || (column == indent && !isAfterWhitespace) { putBreak() }
        if column < indent { putSpaces(indent - column) }
        isAfterWhitespace = true
        isInIndentation = true
    }

    // MARK: Scalars

    /// Writes text as it is.
    ///
    /// - Parameters:
    ///   - text: The text, of one line.
    ///   - indent: Where further lines begin.
    ///   - width: After which column a space becomes a new line; nil for never.
    mutating func writePlain(_ text: String, indent: Int, width: Int?) {
        if !isAfterWhitespace { put(" ") }
        writeFolding(text, indent: indent, width: width, quote: nil)
    }

    mutating func writeSingleQuoted(_ text: String, indent: Int, width: Int?) {
        writeIndicator("'", needsWhitespace: true)
        writeFolding(text, indent: indent, width: width, quote: "'")
        writeIndicator("'", needsWhitespace: false)
    }

    /// Text whose line breaks are doubled and whose single spaces may become line breaks.
    private mutating func writeFolding(_ text: String, indent: Int, width: Int?, quote: Unicode.Scalar?) {
        var wasSpace = false
        var wasBreak = false
        var isFirst = true
        var rest = text.unicodeScalars.makeIterator()
        var upcoming = rest.next()
        while let scalar = upcoming {
            upcoming = rest.next()
            if scalar == " " {
                let isInside = quote == nil || (!isFirst && upcoming != nil)
                if let width, !wasSpace, column > width, isInside, upcoming != " " {
                    writeIndent(indent)
                } else {
                    put(scalar)
                }
                wasSpace = true
            } else if scalar.isYAMLBreak {
                if !wasBreak, scalar == "\n" { putBreak() }
                putBreak(scalar)
                wasBreak = true
            } else {
                if wasBreak { writeIndent(indent) }
                if scalar == quote { put(scalar) }
                put(scalar)
                isInIndentation = false
                wasSpace = false
                wasBreak = false
            }
            isFirst = false
        }
        isAfterWhitespace = false
        isInIndentation = false
    }

    mutating func writeDoubleQuoted(_ text: String, indent: Int, width: Int?) {
        writeIndicator("\"", needsWhitespace: true)
        var wasSpace = false
        var isFirst = true
        var rest = text.unicodeScalars.makeIterator()
        var upcoming = rest.next()
        // At each character go-yaml looks for a byte order mark, but always at the beginning of the text.
        let escapesAll = upcoming == "\u{FEFF}"
        while let scalar = upcoming {
            upcoming = rest.next()
            let isSpace = scalar == " "
            if escapesAll || !scalar.isYAMLPrintable || scalar.isYAMLBreak || scalar == "\"" || scalar == "\\" {
                for character in scalar.yamlEscape.unicodeScalars { put(character) }
                wasSpace = false
            } else if let width, isSpace, !wasSpace, column > width, !isFirst, upcoming != nil {
                writeIndent(indent)
                if upcoming == " " { put("\\") }
                wasSpace = true
            } else {
                put(scalar)
                wasSpace = isSpace
            }
            isFirst = false
        }
        writeIndicator("\"", needsWhitespace: false)
    }

    /// Writes text line by line behind an indicator.
    ///
    /// - Parameters:
    ///   - text: The text, not empty.
    ///   - indent: Where its lines begin.
    ///   - parentIndent: Where those of the collection around it do.
    mutating func writeLiteral(_ text: String, indent: Int, in parentIndent: Int) {
        writeIndicator("|", needsWhitespace: true)
        // Else a reader takes the indentation from the first line.
        if let first = text.unicodeScalars.first, first == " " || first == "\t" || first.isYAMLBreak {
            for digit in String(indent - parentIndent).unicodeScalars { put(digit) }
        }
        switch text.unicodeScalars.suffix(2).map(\.isYAMLBreak) {
        case [true], [true, true]: put("+")
        case [false, true]: break
        default: put("-")
        }
        putBreak()
        isAfterWhitespace = true
        var wasBreak = true
        for scalar in text.unicodeScalars {
            if scalar.isYAMLBreak {
                putBreak(scalar)
                wasBreak = true
            } else {
                if wasBreak { writeIndent(indent) }
                put(scalar)
                isInIndentation = false
                wasBreak = false
            }
        }
    }

    // MARK: Characters

    private mutating func put(_ scalar: Unicode.Scalar) {
        column += 1
        guard bytes.count < maximumBytes else {
            isTruncated = true
            return
        }
        if scalar.isASCII {
            bytes.append(UInt8(truncatingIfNeeded: scalar.value))
        } else {
            bytes.append(contentsOf: scalar.utf8)
        }
    }

    private mutating func putSpaces(_ count: Int) {
        column += count
        var rest = min(count, maximumBytes - bytes.count)
        if rest < count { isTruncated = true }
        while rest > 0 {
            let part = Self.spaces.prefix(rest)
            bytes += part
            rest -= part.count
        }
    }

    private static let spaces = [UInt8](repeating: 0x20, count: 64)

    private mutating func putBreak(_ scalar: Unicode.Scalar = "\n") {
        put(scalar)
        column = 0
        isInIndentation = true
    }
}
