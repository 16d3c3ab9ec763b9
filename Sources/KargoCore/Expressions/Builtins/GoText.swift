/// Text as Go's `fmt` and `strings` packages make it.
enum GoText {
    // MARK: fmt

    /// What `%v` prints, which is what `string()` gives.
    static func describe(
        _ value: ExpressionValue,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> String {
        if case .string(let text) = value { return text }
        var text = ""
        try append(value, to: &text, &budget)
        return text
    }

    private static func append(
        _ value: ExpressionValue,
        to text: inout String,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) {
        try budget.spend(steps: 1)
        let start = text.utf8.count
        switch value {
        case .null: text += "<nil>"
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += String(value)
        case .double(let value): text += GoNumber.general(value)
        case .string(let value): text += value
        case .bytes(let bytes): text += "[" + bytes.map(String.init).joined(separator: " ") + "]"
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += " " }
                try append(element, to: &text, &budget)
            }
            text += "]"
            return
        case .map(let map):
            text += "map["
            for (index, entry) in map.sortedEntries.enumerated() {
                if index > 0 { text += " " }
                try append(entry.key, to: &text, &budget)
                text += ":"
                try append(entry.value, to: &text, &budget)
            }
            text += "]"
            return
        case .time(let time): text += time.description
        case .duration(let duration): text += duration.description
        case .zone(let zone): text += zone.name
        case .calendar(let unit): text += unit.description
        case .unsigned(let value): text += String(value)
        case .version(let version): text += version.description
        case .record(let record):
            text += "{"
            for (index, field) in record.fields.enumerated() {
                if index > 0 { text += " " }
                try append(field.value, to: &text, &budget)
            }
            text += "}"
            return
        case .function:
            throw ExpressionError("a function has no text; call it")
        }
        try budget.allocate(bytes: text.utf8.count - start)
    }

    // MARK: strings

    /// `strings.ToUpper`, which maps each code point to one other at most.
    static func uppercased(_ text: String) -> String {
        text.isASCII ? text.uppercased() : mapScalars(text) { $0.properties.uppercaseMapping.unicodeScalars }
    }

    /// `strings.ToLower`, which maps each code point to one other at most.
    static func lowercased(_ text: String) -> String {
        text.isASCII
            ? text.lowercased()
            : mapScalars(text) { scalar in
                // The one letter whose full mapping is longer than its simple one, which Go uses.
                scalar == "\u{130}" ? "i".unicodeScalars : scalar.properties.lowercaseMapping.unicodeScalars
            }
    }

    private static func mapScalars(
        _ text: String,
        _ mapping: (Unicode.Scalar) -> String.UnicodeScalarView
    ) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let mapped = mapping(scalar)
            result.append(mapped.count == 1 ? mapped.first ?? scalar : scalar)
        }
        return String(result)
    }
}

extension String {
    fileprivate var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }
}
