/// A line of a container's log, or a piece of one.
struct LogLine: Sendable, Hashable {
    /// When it was written, as RFC 3339 with nine digits after the point.
    var time: String
    /// Whether it ends a line.
    var isWhole: Bool
    /// What was written.
    var text: [UInt8]

    /// Reads a line of Kubernetes' log format; nil where it is none.
    init?(_ line: [UInt8]) {
        let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, let tag = parts[2].first else { return nil }
        time = String(decoding: parts[0], as: UTF8.self)
        isWhole = tag == UInt8(ascii: "F")
        text = Array(parts[3])
    }
}
