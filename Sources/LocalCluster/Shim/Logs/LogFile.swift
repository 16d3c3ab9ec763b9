#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The log of one start of a container: a file that is written, and full ones of ten megabytes before it, numbered in
/// their order; there are five at most, as the kubelet has it.
final class LogFile {
    /// The size at which a new file is begun.
    static let largestSize = 10 * 1024 * 1024
    /// How many files there are at most.
    static let maximumCount = 5

    /// The name of the log of a start.
    static func name(attempt: Int32) -> String { "\(attempt).log" }

    /// The name of an older part of a log.
    static func olderName(attempt: Int32, number: Int) -> String { "\(attempt).log.\(number)" }

    /// The numbers of the older parts that are there, the oldest first.
    static func olderNumbers(directory: String, attempt: Int32) -> [Int] {
        let prefix = name(attempt: attempt) + "."
        return FileSystem.entries(of: directory)
            .compactMap { name in name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)) : nil }
            .sorted()
    }

    private let directory: String
    private let attempt: Int32
    private var file: Descriptor
    private var size = 0

    /// Begins the log of a start.
    init(directory: String, attempt: Int32) throws(SystemError) {
        self.directory = directory
        self.attempt = attempt
        try FileSystem.makeDirectory(directory, mode: 0o700)
        try Self.removeOldStarts(directory, before: attempt - 1)
        file = try Self.open(directory, attempt)
    }

    /// Of the starts before, the last one is kept only.
    private static func removeOldStarts(_ directory: String, before first: Int32) throws(SystemError) {
        for name in FileSystem.entries(of: directory) {
            guard let attempt = name.split(separator: ".").first.flatMap({ Int32($0) }), attempt < first else {
                continue
            }
            try FileSystem.remove("\(directory)/\(name)")
        }
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
        let numbers = Self.olderNumbers(directory: directory, attempt: attempt)
        let older = Self.olderName(attempt: attempt, number: (numbers.last ?? 0) + 1)
        try SystemError.check("rename \(path)") { rename(path, "\(directory)/\(older)") }
        file = try Self.open(directory, attempt)
        size = 0
        for number in numbers.dropLast(Self.maximumCount - 2) {
            try FileSystem.remove("\(directory)/\(Self.olderName(attempt: attempt, number: number))")
        }
    }
}
