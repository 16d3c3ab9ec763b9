import KargoCore

/// Gives scalars of a TOML text new values and leaves every other byte of it as it is.
///
/// A string keeps the quotes of the one before it where they can hold it. A date stays a date of its kind if the new
/// text is one, and a floating point number stays one.
enum TOMLEditor {
    /// A new value for one scalar.
    struct Update: Sendable {
        let path: [String]
        /// A string, a number or a Boolean.
        let value: JSONValue
    }

    /// Why a text can't be changed.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Changes a text.
    ///
    /// - Parameters:
    ///   - updates: The new values; of two for one scalar the last counts. Each scalar must exist.
    ///   - text: The text.
    /// - Returns: The new text.
    /// - Throws: ``Failure``.
    static func apply(_ updates: [Update], to text: String) throws(Failure) -> String {
        let root: TOMLTable
        do throws(SyntaxError) {
            root = try TOMLParser.parse(text)
        } catch {
            throw Failure(description: "the text is not TOML: \(error)")
        }
        var bytes = Array(text.utf8)
        var edits: [Int: (range: Range<Int>, text: String)] = [:]
        for update in updates {
            let (scalar, range) = try target(of: update, in: root)
            edits[range.lowerBound] = (range, try newText(update, replacing: scalar, written: bytes[range]))
        }
        // Scalars don't overlap, so changes from the end on don't move what is still to be changed.
        for edit in edits.values.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
            bytes.replaceSubrange(edit.range, with: edit.text.utf8)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func target(
        of update: Update,
        in root: TOMLTable
    ) throws(Failure) -> (scalar: TOMLScalar, range: Range<Int>) {
        var item = TOMLItem.table(root)
        for part in update.path {
            let next: TOMLItem? =
                switch item {
                case .table(let table): table.members[part]
                case .array(let items): Int(part).flatMap { items.indices.contains($0) ? items[$0] : nil }
                case .tables(let list):
                    Int(part).flatMap { list.tables.indices.contains($0) ? .table(list.tables[$0]) : nil }
                case .scalar: nil
                }
            guard let next else {
                let key = update.path.joined(separator: ".")
                throw Failure(description: "key \"\(key)\": not found, there is no \"\(part)\"")
            }
            item = next
        }
        guard case .scalar(let scalar, let range) = item else {
            let key = update.path.joined(separator: ".")
            throw Failure(description: "key \"\(key)\": is \(item.kindWithArticle) and not a scalar")
        }
        return (scalar, range)
    }

    private static func newText(
        _ update: Update,
        replacing old: TOMLScalar,
        written: ArraySlice<UInt8>
    ) throws(Failure) -> String {
        switch (update.value, old) {
        case (.string(let text), .date(let date)):
            if TOMLDate(Array(text.utf8)[...])?.kind == date.kind { return text }
        case (.string(let text), .string):
            return TOMLText(text).quoted(like: written)
        case (.int(let number), .float):
            return String(number) + ".0"
        default: break
        }
        guard let text = self.text(of: update.value) else {
            let key = update.path.joined(separator: ".")
            throw Failure(description: "key \"\(key)\": the value must be a string, a number or a Boolean")
        }
        return text
    }

    /// A value as TOML has it; nothing for `null`, arrays and objects.
    static func text(of value: JSONValue) -> String? {
        switch value {
        case .string(let text): return TOMLText(text).quoted
        case .int(let number): return String(number)
        case .bool(let flag): return flag ? "true" : "false"
        case .double(let number):
            let text = GoNumber.json(number)
            return text.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") } ? text : text + ".0"
        case .null, .array, .object: return nil
        }
    }
}

/// A text and the quotes it can stand in.
private struct TOMLText {
    private let text: String

    init(_ text: String) { self.text = text }

    /// In single quotes if they can hold it, as Kargo writes it.
    var quoted: String { allowsLiteral ? "'\(text)'" : basic }

    /// In the quotes of another string if they can hold it.
    func quoted(like written: ArraySlice<UInt8>) -> String {
        if written.starts(with: "'''".utf8) {
            return isMultiline && allowsMultilineLiteral ? "'''\n\(text)'''" : quoted
        }
        if written.starts(with: "\"\"\"".utf8) { return isMultiline ? multilineBasic : basic }
        return written.first == UInt8(ascii: "'") ? quoted : basic
    }

    private var isMultiline: Bool { text.utf8.contains(0x0A) }

    private var allowsLiteral: Bool {
        !text.utf8.contains { $0 == UInt8(ascii: "'") || $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }
    }

    private var allowsMultilineLiteral: Bool {
        !text.utf8.contains { $0 == UInt8(ascii: "'") || $0 < 0x20 && $0 != 0x09 && $0 != 0x0A || $0 == 0x7F }
    }

    private var basic: String { "\"" + escaped(keepingLines: false) + "\"" }

    private var multilineBasic: String { "\"\"\"\n" + escaped(keepingLines: true) + "\"\"\"" }

    private func escaped(keepingLines: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n" where keepingLines: result += "\n"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{8}": result += "\\b"
            case "\u{C}": result += "\\f"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
