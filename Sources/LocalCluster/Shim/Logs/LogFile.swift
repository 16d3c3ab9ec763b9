#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The log of one start of a container; of more than ten megabytes the older half is a file of its own, and what is
/// older than that is dropped.
final class LogFile {
    /// The size at which a new file is begun.
    static let largestSize = 10 * 1024 * 1024

    /// The name of the log of a start.
    static func name(attempt: Int32) -> String { "\(attempt).log" }

    /// The name of the older part of a log.
    static func olderName(attempt: Int32) -> String { "\(attempt).log.1" }

    private let directory: String
    private let attempt: Int32
    private var file: Descriptor
    private var size = 0

    /// Begins the log of a start.
    init(directory: String, attempt: Int32) throws(SystemError) {
        self.directory = directory
        self.attempt = attempt
        try FileSystem.makeDirectory(directory, mode: 0o700)
        file = try Self.open(directory, attempt)
    }

    private static func open(_ directory: String, _ attempt: Int32) throws(SystemError) -> Descriptor {
        try Descriptor(open: "\(directory)/\(name(attempt: attempt))", O_WRONLY | O_CREAT | O_APPEND)
    }

    /// Writes lines.
    func append(_ lines: [UInt8]) throws(SystemError) {
        guard !lines.isEmpty else { return }
        if size > 0, size + lines.count > Self.largestSize { try beginAnew() }
        try file.write(lines)
        size += lines.count
    }

    private func beginAnew() throws(SystemError) {
        let path = "\(directory)/\(Self.name(attempt: attempt))"
        try SystemError.check("rename \(path)") { rename(path, "\(directory)/\(Self.olderName(attempt: attempt))") }
        file = try Self.open(directory, attempt)
        size = 0
    }
}
