import KargoCore

/// Gives attributes of an HCL text new values and leaves every other byte of it as it is.
struct HCLEditor {
    /// A new value for one attribute.
    struct Update: Sendable {
        /// Types and labels of blocks, indexes among blocks that have those in common, keys of objects; the name.
        let path: [String]
        /// A string, a number or a Boolean.
        let value: JSONValue
    }

    /// Why a text can't be changed.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let bytes: [UInt8]

    /// Changes a text.
    ///
    /// - Parameters:
    ///   - updates: The new values; of two for one attribute the last counts. Each attribute must exist.
    ///   - text: The text.
    /// - Returns: The new text.
    /// - Throws: ``Failure``.
    static func apply(_ updates: [Update], to text: String) throws(Failure) -> String {
        var bytes = Array(text.utf8)
        let editor = HCLEditor(bytes: bytes)
        var edits: [Int: (range: Range<Int>, text: String)] = [:]
        for (update, found) in zip(updates, try editor.find(updates)) {
            let range = try editor.target(found, update)
            edits[range.lowerBound] = (range, Self.text(of: update.value))
        }
        for edit in edits.values.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
            bytes.replaceSubrange(edit.range, with: edit.text.utf8)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A value as HCL has it; what a string says is not a template.
    static func text(of value: JSONValue) -> String {
        guard case .string(let text) = value else { return value.text() }
        var result = "\""
        var rest = text.unicodeScalars.makeIterator()
        var upcoming = rest.next()
        while let scalar = upcoming {
            upcoming = rest.next()
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "$" where upcoming == "{", "%" where upcoming == "{": result += "\(scalar)\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// Where the values stand that each update is about.
    private func find(_ updates: [Update]) throws(Failure) -> [[Range<Int>]] {
        do throws(SyntaxError) {
            let root = try HCLParser.parse(bytes)
            var found: [[Range<Int>]] = []
            for update in updates { found.append(try values(at: update.path[...], in: root)) }
            return found
        } catch {
            throw Failure(description: "the text is not HCL: \(error)")
        }
    }

    private func target(_ found: [Range<Int>], _ update: Update) throws(Failure) -> Range<Int> {
        let key = update.path.joined(separator: ".")
        guard let range = found.first else { throw Failure(description: "key \"\(key)\": not found") }
        guard found.count == 1 else {
            throw Failure(
                description: "key \"\(key)\": found \(found.count) times; put the index of the block before it"
            )
        }
        let kind = bytes[range.lowerBound]
        if kind == UInt8(ascii: "{") || kind == UInt8(ascii: "[") {
            let name = kind == UInt8(ascii: "{") ? "an object" : "a list"
            throw Failure(description: "key \"\(key)\": is \(name) and not a single value")
        }
        return range
    }

    /// Where the values stand that a path leads to.
    private func values(at path: ArraySlice<String>, in body: HCLBody) throws(SyntaxError) -> [Range<Int>] {
        guard let name = path.first else { return [] }
        var found: [Range<Int>] = []
        for attribute in body.attributes where attribute.name == name {
            if path.count == 1 {
                found.append(attribute.value)
            } else if let object = try HCLParser.object(in: bytes, at: attribute.value) {
                found += try values(at: path.dropFirst(), in: object)
            }
        }
        let blocks = body.blocks.filter { block in path.starts(with: [block.type] + block.labels) }
        for block in blocks {
            let rest = path.dropFirst(1 + block.labels.count)
            let namesakes = blocks.filter { $0.labels == block.labels }
            found += try values(at: rest, in: block.body)
            guard let index = rest.first.flatMap({ Int($0) }), namesakes.indices.contains(index) else { continue }
            // All of them see the index, and only one is it.
            guard found.isEmpty else { continue }
            found += try values(at: rest.dropFirst(), in: namesakes[index].body)
        }
        return found
    }
}
