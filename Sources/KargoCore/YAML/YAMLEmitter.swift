extension JSONValue {
    /// The value as a YAML document, in the exact layout of Kubernetes' own tools.
    ///
    /// The layout is that of go-yaml 2 as `sigs.k8s.io/yaml` drives it: members in natural order (`a2` before `a10`),
    /// lists not indented below their key, text of several lines as a literal block where one can hold it, a string
    /// in quotes where it would be read as something else, long strings folded after 80 columns.
    public func yaml() -> String {
        var emitter = YAMLEmitter()
        emitter.write(self)
        return String(decoding: emitter.output, as: UTF8.self)
    }
}

/// Writes values in block style by the states and rules of libyaml, which go-yaml follows.
private struct YAMLEmitter {
    /// Column after which a long scalar is folded at the next space.
    private static let bestWidth = 80
    private static let indentStep = 2
    /// A longer key is written in the form `? key`.
    private static let longestSimpleKey = 128

    var output: [UInt8] = []
    /// Characters written in this line.
    private var column = 0
    /// Whether the last character was white space.
    private var isAfterWhitespace = true
    /// Whether nothing but indentation and indicators stands in this line.
    private var isInIndentation = true

    mutating func write(_ value: JSONValue) {
        write(value, indent: -1, inMapping: false)
        writeIndent(-1)
    }

    // MARK: Structure

    private mutating func write(_ value: JSONValue, indent: Int, inMapping: Bool) {
        switch value {
        case .null: writePlain("null", indent: scalarIndent(indent))
        case .bool(let flag): writePlain(flag ? "true" : "false", indent: scalarIndent(indent))
        case .int(let number): writePlain(String(number), indent: scalarIndent(indent))
        case .double(let number): writePlain(Self.text(of: number), indent: scalarIndent(indent))
        case .string(let text): writeString(text, indent: scalarIndent(indent), isKey: false)
        case .array(let elements):
            if elements.isEmpty {
                writeIndicator("[", needsWhitespace: true)
                writeIndicator("]", needsWhitespace: false)
                return
            }
            let isIndentless = inMapping && !isInIndentation
            let indent = isIndentless ? indent : nestedIndent(indent)
            for element in elements {
                writeIndent(indent)
                writeIndicator("-", needsWhitespace: true, keepsIndentation: true)
                write(element, indent: indent, inMapping: false)
            }
        case .object(let members):
            if members.isEmpty {
                writeIndicator("{", needsWhitespace: true)
                writeIndicator("}", needsWhitespace: false)
                return
            }
            let indent = nestedIndent(indent)
            for (key, member) in members.sorted(by: { YAMLKeyOrder.precedes($0.key, $1.key) }) {
                writeMember(key, member, indent: indent)
            }
        }
    }

    private mutating func writeMember(_ key: String, _ value: JSONValue, indent: Int) {
        writeIndent(indent)
        let isSimple = key.utf8.count <= Self.longestSimpleKey && !ScalarAnalysis(key).isMultiline
        if isSimple {
            writeString(key, indent: scalarIndent(indent), isKey: true)
            writeIndicator(":", needsWhitespace: false)
        } else {
            writeIndicator("?", needsWhitespace: true, keepsIndentation: true)
            writeString(key, indent: scalarIndent(indent), isKey: false)
            writeIndent(indent)
            writeIndicator(":", needsWhitespace: true, keepsIndentation: true)
        }
        write(value, indent: indent, inMapping: true)
    }

    private func nestedIndent(_ indent: Int) -> Int { indent < 0 ? 0 : indent + Self.indentStep }

    /// Where the further lines of a scalar begin.
    private func scalarIndent(_ indent: Int) -> Int { max(indent, 0) + Self.indentStep }

    /// go-yaml reads the JSON text of a number back as YAML before it writes it: integral numbers lose their point.
    private static func text(of number: Double) -> String {
        let json = GoNumber.json(number)
        if Int64(json) != nil || UInt64(json) != nil { return json }
        switch GoNumber.general(number) {
        case "+Inf": return ".inf"
        case "-Inf": return "-.inf"
        case "NaN": return ".nan"
        case let text: return text
        }
    }

    // MARK: Scalars

    private mutating func writeString(_ text: String, indent: Int, isKey: Bool) {
        let analysis = ScalarAnalysis(text)
        switch analysis.style(isKey: isKey) {
        case .plain: writePlain(text, indent: indent, folds: !isKey)
        case .singleQuoted: writeSingleQuoted(text, indent: indent, folds: !isKey)
        case .doubleQuoted: writeDoubleQuoted(text, indent: indent, folds: !isKey)
        case .literal: writeLiteral(text, indent: indent)
        }
    }

    private mutating func writePlain(_ text: String, indent: Int, folds: Bool = true) {
        if !isAfterWhitespace { put(" ") }
        writeFolding(text, indent: indent, folds: folds, mayFoldAtEnds: true, quote: nil)
    }

    private mutating func writeSingleQuoted(_ text: String, indent: Int, folds: Bool) {
        writeIndicator("'", needsWhitespace: true)
        writeFolding(text, indent: indent, folds: folds, mayFoldAtEnds: false, quote: "'")
        writeIndicator("'", needsWhitespace: false)
    }

    /// Text whose line breaks are doubled and whose single spaces may become line breaks.
    private mutating func writeFolding(
        _ text: String,
        indent: Int,
        folds: Bool,
        mayFoldAtEnds: Bool,
        quote: Unicode.Scalar?
    ) {
        let scalars = Array(text.unicodeScalars)
        var wasSpace = false
        var wasBreak = false
        for (index, scalar) in scalars.enumerated() {
            if scalar == " " {
                let isInside = mayFoldAtEnds || (index > 0 && index < scalars.count - 1)
                let isBeforeSpace = index + 1 < scalars.count && scalars[index + 1] == " "
                if folds, !wasSpace, column > Self.bestWidth, isInside, !isBeforeSpace {
                    writeIndent(indent)
                } else {
                    put(scalar)
                }
                wasSpace = true
            } else if scalar.isYAMLBreak {
                if !wasBreak, scalar == "\n" { putBreak() }
                putBreak(scalar)
                isInIndentation = true
                wasBreak = true
            } else {
                if wasBreak { writeIndent(indent) }
                if scalar == quote { put(scalar) }
                put(scalar)
                isInIndentation = false
                wasSpace = false
                wasBreak = false
            }
        }
        isAfterWhitespace = false
        isInIndentation = false
    }

    private mutating func writeDoubleQuoted(_ text: String, indent: Int, folds: Bool) {
        writeIndicator("\"", needsWhitespace: true)
        let scalars = Array(text.unicodeScalars)
        var wasSpace = false
        for (index, scalar) in scalars.enumerated() {
            if scalar == " " {
                if folds, !wasSpace, column > Self.bestWidth, index > 0, index < scalars.count - 1 {
                    writeIndent(indent)
                    if scalars[index + 1] == " " { put("\\") }
                } else {
                    put(scalar)
                }
                wasSpace = true
            } else {
                if !scalar.isYAMLPrintable || scalar.isYAMLBreak || scalar == "\"" || scalar == "\\" {
                    for character in scalar.yamlEscape.unicodeScalars { put(character) }
                } else {
                    put(scalar)
                }
                wasSpace = false
            }
        }
        writeIndicator("\"", needsWhitespace: false)
        isAfterWhitespace = false
        isInIndentation = false
    }

    private mutating func writeLiteral(_ text: String, indent: Int) {
        let scalars = Array(text.unicodeScalars)
        writeIndicator("|", needsWhitespace: true)
        if let first = scalars.first, first == " " || first.isYAMLBreak {
            writeIndicator(Unicode.Scalar(UInt8(ascii: "0") + UInt8(Self.indentStep)), needsWhitespace: false)
        }
        switch scalars.suffix(2).map(\.isYAMLBreak) {
        case [true], [true, true]: writeIndicator("+", needsWhitespace: false)
        case [false, true]: break
        default: writeIndicator("-", needsWhitespace: false)
        }
        putBreak()
        isInIndentation = true
        isAfterWhitespace = true
        var wasBreak = true
        for scalar in scalars {
            if scalar.isYAMLBreak {
                putBreak(scalar)
                isInIndentation = true
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

    private mutating func writeIndicator(
        _ indicator: Unicode.Scalar,
        needsWhitespace: Bool,
        keepsIndentation: Bool = false
    ) {
        if needsWhitespace, !isAfterWhitespace { put(" ") }
        put(indicator)
        isAfterWhitespace = false
        isInIndentation = isInIndentation && keepsIndentation
    }

    /// Goes to a column, in a new line unless nothing but indentation stands in this one.
    private mutating func writeIndent(_ indent: Int) {
        let indent = max(indent, 0)
        if !isInIndentation || column > indent || (column == indent && !isAfterWhitespace) { putBreak() }
        while column < indent { put(" ") }
        isAfterWhitespace = true
        isInIndentation = true
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        output.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
        column += 1
    }

    private mutating func putBreak(_ scalar: Unicode.Scalar = "\n") {
        put(scalar)
        column = 0
    }
}
