import KargoCore

/// Which of its two outputs a container wrote to.
enum OutputStream: String, Sendable {
    case standardOutput = "stdout"
    case standardError = "stderr"
}

/// Cuts what a container writes into the lines of Kubernetes' log format: time, stream, `F` or `P` for a line that goes
/// on, and text.
struct LogLineEncoder: Sendable {
    /// The longest piece of a line that is written as one.
    static let longestPiece = 16 * 1024

    private let stream: OutputStream
    private var pending: [UInt8] = []

    /// Makes an encoder for one stream.
    init(stream: OutputStream) {
        self.stream = stream
    }

    /// Takes what was written and returns the lines that are complete, or long enough to be split.
    mutating func feed(_ bytes: [UInt8], at time: KubernetesMicroTime) -> [UInt8] {
        var lines: [UInt8] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            appendPieces(of: rest[..<end], to: &lines, at: time)
            append(pending, isWhole: true, to: &lines, at: time)
            pending = []
            rest = rest[(end + 1)...]
        }
        appendPieces(of: rest, to: &lines, at: time)
        return lines
    }

    /// Returns the line that has no end, as a line.
    mutating func finish(at time: KubernetesMicroTime) -> [UInt8] {
        guard !pending.isEmpty else { return [] }
        var lines: [UInt8] = []
        append(pending, isWhole: true, to: &lines, at: time)
        pending = []
        return lines
    }

    /// Adds to the pending text; what exceeds the longest piece is written.
    private mutating func appendPieces(
        of text: ArraySlice<UInt8>,
        to lines: inout [UInt8],
        at time: KubernetesMicroTime
    ) {
        var rest = text
        while pending.count + rest.count > Self.longestPiece {
            let count = Self.longestPiece - pending.count
            pending += rest.prefix(count)
            rest = rest.dropFirst(count)
            append(pending, isWhole: false, to: &lines, at: time)
            pending = []
        }
        pending += rest
    }

    private func append(_ text: [UInt8], isWhole: Bool, to lines: inout [UInt8], at time: KubernetesMicroTime) {
        // The clock has microseconds; the format has room for more.
        lines += time.description.dropLast().utf8
        lines += "000Z \(stream.rawValue) \(isWhole ? "F" : "P") ".utf8
        lines += text
        lines.append(UInt8(ascii: "\n"))
    }
}
