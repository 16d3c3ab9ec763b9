/// Cuts what is read into lines of text; a carriage return before the end of a line is no part of it.
struct InputLines {
    /// A line that was read.
    enum Line: Hashable, Sendable {
        case text(String)
        case notUTF8
        /// It is longer than ``maximumLength``; the rest of it was thrown away.
        case tooLong
    }

    /// The longest line that is taken, in bytes.
    static let maximumLength = 16 << 20

    private var pending: [UInt8] = []
    private var isTooLong = false

    /// Takes a piece and returns the lines that it completes.
    mutating func feed(_ piece: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var rest = piece[...]
        while let end = rest.firstIndex(of: 0x0A) {
            append(rest[..<end])
            lines.append(takeLine())
            rest = rest[(end + 1)...]
        }
        append(rest)
        return lines
    }

    /// Takes the line whose end has not come and will not; nil if there is none.
    mutating func finish() -> Line? { pending.isEmpty && !isTooLong ? nil : takeLine() }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        // One more for the carriage return.
        guard !isTooLong, pending.count + bytes.count <= Self.maximumLength + 1 else {
            isTooLong = true
            pending = []
            return
        }
        pending += bytes
    }

    private mutating func takeLine() -> Line {
        defer {
            pending = []
            isTooLong = false
        }
        if pending.last == 0x0D { pending.removeLast() }
        guard !isTooLong, pending.count <= Self.maximumLength else { return .tooLong }
        return String(validating: pending, as: UTF8.self).map(Line.text) ?? .notUTF8
    }
}
