import KargoCore

/// Sets values of a JSON text and leaves every other byte of it as it is.
///
/// What is not there is made: members of objects, elements of arrays with `null` in between, and what they stand in. A
/// new member is written as the one before it.
enum JSONEditor {
    /// A new value.
    struct Update: Sendable {
        let path: JSONKeyPath
        /// A string, a number or a Boolean.
        let value: JSONValue
    }

    /// Why a text can't be changed.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// As many elements as are put in front of one that is far behind the end.
    private static let maximumPadding = 100_000

    /// Changes a text; one without content counts as an empty object.
    ///
    /// - Parameters:
    ///   - updates: The new values, in the order in which they are set.
    ///   - text: The text.
    /// - Returns: The new text.
    /// - Throws: ``Failure``.
    static func apply(_ updates: [Update], to text: String) throws(Failure) -> String {
        var bytes = Array(text.utf8)
        if bytes.allSatisfy({ $0 <= 0x20 }) {
            bytes = Array("{}".utf8)
        } else {
            do throws(SyntaxError) {
                _ = try JSONValue(parsing: bytes)
            } catch {
                throw Failure(description: "the text is not JSON: \(error)")
            }
        }
        for update in updates {
            let cursor = JSONCursor(bytes: bytes)
            let edits = try edits(update, cursor)
            for edit in edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
                bytes.replaceSubrange(edit.range, with: edit.text.utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private typealias Edit = (range: Range<Int>, text: String)

    private static func edits(_ update: Update, _ cursor: JSONCursor) throws(Failure) -> [Edit] {
        let start = cursor.token(from: 0)
        let root = start..<cursor.end(ofValueAt: start)
        let parts = update.path.parts[...]
        if update.path.isPattern {
            return matches(parts, in: root, cursor).map { ($0, update.value.text()) }
        }
        do throws(Problem) {
            return [try edit(parts, in: root, value: update.value, cursor)]
        } catch {
            throw Failure(description: "key \"\(update.path.text)\": \(error.reason)")
        }
    }

    // MARK: Patterns

    /// Where the values stand that a pattern leads to.
    private static func matches(
        _ parts: ArraySlice<JSONKeyPath.Part>,
        in value: Range<Int>,
        _ cursor: JSONCursor
    ) -> [Range<Int>] {
        guard let part = parts.first else { return [value] }
        let rest = parts.dropFirst()
        if part.isDerived { return [] }
        switch cursor.bytes[value.lowerBound] {
        case UInt8(ascii: "{"):
            let members = cursor.members(ofObjectAt: value.lowerBound)
            guard let member = members.first(where: { part.matches($0.key) }) else { return [] }
            return matches(rest, in: member.value, cursor)
        case UInt8(ascii: "["):
            let elements = cursor.elements(ofArrayAt: value.lowerBound)
            // By itself it stands for the number of elements, which can't be changed.
            if part.isEach { return rest.isEmpty ? [] : elements.flatMap { matches(rest, in: $0, cursor) } }
            if let query = part.query {
                let chosen = elements.filter { accepts(query, $0, cursor) }
                if query.isForAll { return chosen.flatMap { matches(rest, in: $0, cursor) } }
                return chosen.first.map { matches(rest, in: $0, cursor) } ?? []
            }
            guard let index = part.index, elements.indices.contains(index) else { return [] }
            return matches(rest, in: elements[index], cursor)
        default: return []
        }
    }

    /// Whether an element is as a query wants it.
    private static func accepts(_ query: JSONQuery, _ element: Range<Int>, _ cursor: JSONCursor) -> Bool {
        let isContainer = [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(cursor.bytes[element.lowerBound])
        guard isContainer != query.path.isEmpty else { return query.accepts(nil) }
        let place = matches(query.path[...], in: element, cursor).first
        return query.accepts(place.flatMap { try? JSONValue(parsing: Array(cursor.bytes[$0])) })
    }

    // MARK: Paths

    private struct Problem: Error {
        let reason: String
    }

    private static func edit(
        _ parts: ArraySlice<JSONKeyPath.Part>,
        in value: Range<Int>,
        value new: JSONValue,
        _ cursor: JSONCursor
    ) throws(Problem) -> Edit {
        guard let part = parts.first else { return (value, new.text()) }
        switch cursor.bytes[value.lowerBound] {
        case UInt8(ascii: "{"):
            let members = cursor.members(ofObjectAt: value.lowerBound)
            if let member = members.first(where: { part.matches($0.key) }) {
                return try edit(parts.dropFirst(), in: member.value, value: new, cursor)
            }
            return try insertion(parts, behind: members.last, in: value, value: new, cursor)
        case UInt8(ascii: "["):
            let elements = cursor.elements(ofArrayAt: value.lowerBound)
            guard part.index != nil || part.isEnd else {
                throw Problem(reason: "cannot set array element for non-numeric key \"\(part.text)\"")
            }
            let index = part.index ?? elements.count
            if index < elements.count {
                return try edit(parts.dropFirst(), in: elements[index], value: new, cursor)
            }
            let padding = try self.padding(index - elements.count)
            let element = try made(parts.dropFirst(), value: new)
            guard let last = elements.last else { return (value, "[" + padding + element + "]") }
            let text = "," + cursor.gap(before: last.lowerBound) + padding + element
            return (last.upperBound..<last.upperBound, text)
        default:
            // As in Kargo, what stands in the way of a path gives way.
            return (value, try made(parts, value: new))
        }
    }

    private static func insertion(
        _ parts: ArraySlice<JSONKeyPath.Part>,
        behind last: JSONCursor.Member?,
        in object: Range<Int>,
        value: JSONValue,
        _ cursor: JSONCursor
    ) throws(Problem) -> Edit {
        guard let last, let part = parts.first else { return (object, try made(parts, value: value, asObject: true)) }
        let between = cursor.bytes[last.start..<last.value.lowerBound]
        let colon = between.lastIndex(of: UInt8(ascii: ":")) ?? last.value.lowerBound
        let gap = String(decoding: cursor.bytes[colon..<last.value.lowerBound], as: UTF8.self)
        let key = JSONValue.string(part.text).text()
        let text = try made(parts.dropFirst(), value: value)
        let place = last.value.upperBound
        return (place..<place, "," + cursor.gap(before: last.start) + key + gap + text)
    }

    /// A value in what it stands in.
    private static func made(
        _ parts: ArraySlice<JSONKeyPath.Part>,
        value: JSONValue,
        asObject: Bool = false
    ) throws(Problem) -> String {
        var text = value.text()
        for (offset, part) in parts.enumerated().reversed() {
            if !asObject || offset > 0, part.index != nil || part.isEnd {
                text = "[" + (try padding(part.index ?? 0)) + text + "]"
            } else {
                text = "{" + JSONValue.string(part.text).text() + ":" + text + "}"
            }
        }
        return text
    }

    private static func padding(_ count: Int) throws(Problem) -> String {
        guard count <= maximumPadding else {
            throw Problem(reason: "the array would get more than \(maximumPadding) new elements")
        }
        return String(repeating: "null,", count: count)
    }
}

extension JSONCursor {
    /// The white space in front of a place.
    fileprivate func gap(before place: Int) -> String {
        let blanks = bytes[..<place].reversed().prefix { $0 <= 0x20 }.count
        return String(decoding: bytes[(place - blanks)..<place], as: UTF8.self)
    }
}
