/// The end of a log.
enum LogTail {
    /// How many bytes at the end are looked at.
    private static let reach = 16 * 1024
    /// How much of a line is shown.
    private static let longestLine = 500

    /// The last line that is not blank; nil if there is none, or no such file.
    static func lastLine(of file: String) -> String? {
        guard let descriptor = try? FileDescriptor(reading: file) else { return nil }
        return lastLine(in: descriptor.tail(reach))
    }

    static func lastLine(in bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }
        return line.map { String($0).truncated(to: longestLine) }
    }
}
