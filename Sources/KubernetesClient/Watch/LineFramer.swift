/// Cuts a stream of bytes into lines.
///
/// A line may come in any number of pieces, and a piece may hold any number of lines.
struct LineFramer {
    /// The longest line that is taken; an object is far smaller.
    static let maximumLength = 64 * 1024 * 1024

    /// A line is longer than ``maximumLength``.
    struct LineTooLong: Error {}

    private var pending: [UInt8] = []

    /// Takes a piece and returns the lines that it completes, without their ends.
    mutating func feed(_ piece: [UInt8]) throws(LineTooLong) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = piece.startIndex
        while let end = piece[start...].firstIndex(of: 0x0A) {
            lines.append(pending + piece[start..<end])
            pending = []
            start = end + 1
        }
        guard pending.count + piece.count - start <= Self.maximumLength else { throw LineTooLong() }
        pending += piece[start...]
        return lines
    }

    /// Takes the bytes of a line whose end has not come and will not; nil if there are none.
    mutating func finish() -> [UInt8]? {
        defer { pending = [] }
        return hasPartialLine ? pending : nil
    }

    /// Whether bytes of a line have come whose end has not.
    var hasPartialLine: Bool { !pending.isEmpty }
}
