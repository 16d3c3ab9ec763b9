/// The end of what a container wrote, for the message of one that failed without leaving one.
struct LogTail: Sendable {
    /// The most bytes that are kept, as the kubelet has it.
    static let maximumLength = 2048
    /// The most lines that are kept.
    static let maximumLines = 80

    private var bytes: [UInt8] = []

    /// Takes what was written.
    mutating func feed(_ piece: [UInt8]) {
        bytes += piece.suffix(Self.maximumLength)
        bytes.removeFirst(max(0, bytes.count - Self.maximumLength))
    }

    /// The last lines as text.
    var text: String {
        var start = bytes.endIndex
        var lines = 0
        while start > bytes.startIndex {
            // The end of the last line begins no line after it.
            if bytes[start - 1] == UInt8(ascii: "\n"), start < bytes.endIndex {
                lines += 1
                if lines == Self.maximumLines { break }
            }
            start -= 1
        }
        // A character whose beginning was cut off.
        let whole = bytes[start...].drop { $0 & 0b1100_0000 == 0b1000_0000 }
        return String(decoding: whole, as: UTF8.self)
    }
}
