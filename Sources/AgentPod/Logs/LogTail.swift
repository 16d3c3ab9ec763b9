import DequeModule

/// The last lines of a log that is too long to hold.
struct LogTail {
    private let limit: Int
    private var lines: Deque<ArraySlice<UInt8>> = []
    private var count = 0

    /// Begins without lines.
    ///
    /// - Parameter limit: How many bytes it holds at least, if there were so many.
    init(limit: Int) { self.limit = limit }

    /// Takes a line, without its end; of one that is too long its last bytes.
    mutating func append(_ line: [UInt8]) {
        let line = line.suffix(limit)
        lines.append(line)
        count += line.count + 1
        while let first = lines.first, count - first.count - 1 >= limit {
            count -= first.count + 1
            lines.removeFirst()
        }
    }

    /// The lines, each with its end.
    var text: String {
        lines.reduce(into: "") { $0 += String(decoding: $1, as: UTF8.self) + "\n" }
    }
}
