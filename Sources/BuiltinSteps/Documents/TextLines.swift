import KargoCore

/// A text as lines, which are counted from 1 and keep their ends.
struct TextLines {
    private var lines: [String]
    private let lineEnd: String

    init(_ text: String) {
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) + "\n" }
        // What follows the last line end is a line only if there is something.
        if let last = lines.popLast(), last != "\n" { lines.append(String(last.unicodeScalars.dropLast())) }
        self.lines = lines
        lineEnd = lines.first?.utf8.suffix(2).elementsEqual("\r\n".utf8) == true ? "\r\n" : "\n"
    }

    var text: String { lines.joined() }

    /// The character at a place.
    func scalar(at mark: YAMLNode.Mark) -> Unicode.Scalar? {
        guard lines.indices.contains(mark.line - 1) else { return nil }
        return lines[mark.line - 1].unicodeScalars.dropFirst(mark.column - 1).first
    }

    /// Whether a line is empty, or a comment, or not indented and no element of a list.
    func isOutside(_ number: Int) -> Bool {
        guard lines.indices.contains(number - 1) else { return true }
        let line = lines[number - 1].unicodeScalars
        guard let first = line.first(where: { !$0.properties.isWhitespace }) else { return true }
        return first == "#" || (line.first == first && !["-", "]", "}"].contains(first))
    }

    mutating func insert(_ new: [String], after number: Int) {
        if new.isEmpty { return }
        endLast(number)
        lines.insert(contentsOf: new.map { $0 + lineEnd }, at: min(number, lines.count))
    }

    mutating func append(_ new: [String]) { insert(new, after: lines.count) }

    mutating func remove(_ number: Int) { lines.remove(at: number - 1) }

    mutating func replace(_ range: ClosedRange<Int>, with new: [String]) {
        lines.replaceSubrange((range.lowerBound - 1)...(range.upperBound - 1), with: new.map { $0 + lineEnd })
    }

    /// Puts what stands from a place to the end of its line in place of what stands at another one.
    mutating func moveUp(_ source: YAMLNode.Mark, to target: YAMLNode.Mark) throws {
        let moved = lines.remove(at: source.line - 1).unicodeScalars.dropFirst(source.column - 1)
        let kept = lines[target.line - 1].unicodeScalars.prefix(target.column - 1)
        lines[target.line - 1] = String(kept) + String(moved)
    }

    private mutating func endLast(_ number: Int) {
        guard number == lines.count, let last = lines.last, last.utf8.last != UInt8(ascii: "\n") else { return }
        lines[lines.count - 1] = last + lineEnd
    }
}
