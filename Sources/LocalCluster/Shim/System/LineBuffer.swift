/// Cuts bytes that come in pieces into lines.
struct LineBuffer {
    /// The longest line that is taken.
    static let maximumLength = 16 * 1024 * 1024

    private var pending: [UInt8] = []

    /// Takes a piece and returns the lines that it completes, without their ends; nil when a line is too long.
    mutating func feed(_ piece: [UInt8]) -> [[UInt8]]? {
        var lines: [[UInt8]] = []
        var start = 0
        while let end = piece[start...].firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(pending + piece[start..<end])
            pending = []
            start = end + 1
        }
        pending += piece[start...]
        return pending.count <= Self.maximumLength ? lines : nil
    }
}
