/// How a string may be written; the rules are those of libyaml's emitter as go-yaml has them.
struct ScalarAnalysis {
    enum Style {
        case plain
        case singleQuoted
        case doubleQuoted
        case literal
    }

    private(set) var isMultiline = false
    private let isEmpty: Bool
    private let meansItself: Bool
    private let hasNewline: Bool
    private var allowsPlain = true
    private var allowsSingleQuoted = true
    private var allowsLiteral = true

    /// Analyses a text.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - allowsTabsInBlocks: Whether text with tabs can be a literal block.
    init(_ text: String, allowsTabsInBlocks: Bool = false) {
        isEmpty = text.isEmpty
        // For the sake of older readers go-yaml 3 quotes what only go-yaml 2 takes for a Boolean.
        meansItself = YAMLScalar.meaning(of: text) == .string && !YAMLScalar.looksLikeBase60(text)
        hasNewline = text.utf8.contains(UInt8(ascii: "\n"))
        if isEmpty {
            allowsLiteral = false
        } else {
            analyze(text.unicodeScalars, allowsTabsInBlocks: allowsTabsInBlocks)
        }
    }

    func style(isKey: Bool) -> Style {
        var style: Style = hasNewline ? .literal : meansItself ? .plain : .doubleQuoted
        if isKey, isMultiline { style = .doubleQuoted }
        if style == .plain, !allowsPlain || (isEmpty && isKey) { style = .singleQuoted }
        if style == .singleQuoted, !allowsSingleQuoted { style = .doubleQuoted }
        if style == .literal, !allowsLiteral || isKey { style = .doubleQuoted }
        return style
    }

    private mutating func analyze(_ scalars: String.UnicodeScalarView, allowsTabsInBlocks: Bool) {
        var hasIndicators = scalars.starts(with: "---".unicodeScalars) || scalars.starts(with: "...".unicodeScalars)
        var hasTabs = false
        var hasSpecials = false
        var hasSpaceThenBreak = false
        var hasBreakThenSpace = false
        var previousIsSpace = false
        var previousIsBreak = false
        var isAfterBlank = true
        var isFirst = true
        var rest = scalars.makeIterator()
        var upcoming = rest.next()
        while let scalar = upcoming {
            upcoming = rest.next()
            let isBeforeBlank = upcoming == nil || upcoming == " " || upcoming == "\t"
            if isFirst {
                switch scalar {
                case "#", ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`":
                    hasIndicators = true
                case "?", ":", "-": if isBeforeBlank { hasIndicators = true }
                default: break
                }
                isFirst = false
            } else if scalar == ":" && isBeforeBlank || scalar == "#" && isAfterBlank {
                hasIndicators = true
            }
            if scalar == "\t" {
                hasTabs = true
            } else if !scalar.isYAMLPrintable {
                hasSpecials = true
            }
            let isBreak = scalar.isYAMLBreak
            if isBreak {
                isMultiline = true
                if previousIsSpace { hasSpaceThenBreak = true }
            } else if scalar == " ", previousIsBreak {
                hasBreakThenSpace = true
            }
            previousIsSpace = scalar == " "
            previousIsBreak = isBreak
            isAfterBlank = scalar == " " || scalar == "\t" || isBreak || scalar == "\0"
        }
        let isPadded = [scalars.first, scalars.last].contains { $0 == " " || $0?.isYAMLBreak == true }
        allowsSingleQuoted = !hasBreakThenSpace && !hasSpaceThenBreak && !hasSpecials && !hasTabs
        allowsLiteral =
            scalars.last != " " && !hasSpaceThenBreak && !hasSpecials && (allowsTabsInBlocks || !hasTabs)
        allowsPlain = !isPadded && !isMultiline && !hasIndicators && allowsSingleQuoted
    }
}

extension Unicode.Scalar {
    /// Carriage return, line feed, next line, line separator, paragraph separator.
    var isYAMLBreak: Bool {
        switch value {
        case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    /// Whether go-yaml writes the character as it is, which excludes tabs and all beyond the basic plane.
    var isYAMLPrintable: Bool {
        switch value {
        case 0x0A, 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFFFD: value != 0xFEFF
        default: false
        }
    }

    /// The character in a double-quoted scalar, escaped.
    var yamlEscape: String {
        switch value {
        case 0x00: return "\\0"
        case 0x07: return "\\a"
        case 0x08: return "\\b"
        case 0x09: return "\\t"
        case 0x0A: return "\\n"
        case 0x0B: return "\\v"
        case 0x0C: return "\\f"
        case 0x0D: return "\\r"
        case 0x1B: return "\\e"
        case 0x22: return "\\\""
        case 0x5C: return "\\\\"
        case 0x85: return "\\N"
        case 0xA0: return "\\_"
        case 0x2028: return "\\L"
        case 0x2029: return "\\P"
        default:
            let (prefix, width) = value <= 0xFF ? ("\\x", 2) : value <= 0xFFFF ? ("\\u", 4) : ("\\U", 8)
            let digits = String(value, radix: 16, uppercase: true)
            return prefix + String(repeating: "0", count: width - digits.count) + digits
        }
    }
}
