#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads the log of one start of a container while it is written, also across the beginning of a new file.
final class LogReader {
    private let directory: String
    private let attempt: Int32
    /// What is still to be read, the oldest first; the last one is still written.
    private var files: [Descriptor] = []
    private var lines = LineBuffer()

    /// Makes a reader that begins at the oldest line there is.
    init(directory: String, attempt: Int32) throws(SystemError) {
        self.directory = directory
        self.attempt = attempt
        files = try filesAfter(nil)
    }

    /// How many lines there are.
    static func count(directory: String, attempt: Int32) throws(SystemError) -> Int {
        let reader = try LogReader(directory: directory, attempt: attempt)
        var count = 0
        while let lines = try reader.next() { count += lines.count { $0.isWhole } }
        return count
    }

    /// The next lines; nil when there are none yet.
    func next() throws(SystemError) -> [LogLine]? {
        while let file = files.first {
            if let lines = try read(file) { return lines }
            if files.count == 1 {
                let others = try filesAfter(file)
                if others.isEmpty { return nil }
                // Lines may have been written between the last look and the change, so this one is read once more.
                files += others
                if let lines = try read(file) { return lines }
            }
            files.removeFirst()
        }
        files = try filesAfter(nil)
        return files.isEmpty ? nil : try next()
    }

    /// The files that were begun after one, or all.
    private func filesAfter(_ file: Descriptor?) throws(SystemError) -> [Descriptor] {
        // The one that is written first: it may get a number at any moment, and the same file twice is easy to tell.
        guard let current = try Self.open("\(directory)/\(LogFile.name(attempt: attempt))") else { return [] }
        var found: [Descriptor] = []
        for number in LogFile.olderNumbers(directory: directory, attempt: attempt) {
            let name = LogFile.olderName(attempt: attempt, number: number)
            if let older = try Self.open("\(directory)/\(name)") { found.append(older) }
        }
        let newest = try Self.identity(current)
        let identities = try found.map { file throws(SystemError) in try Self.identity(file) }
        if identities.last != newest { found.append(current) }
        guard let file else { return found }
        let known = try Self.identity(file)
        if newest == known { return [] }
        guard let position = identities.firstIndex(of: known) else { return found }
        return Array(found[(position + 1)...])
    }

    /// A piece of a file as lines, of which there may be none; nil at the end of the file.
    private func read(_ file: Descriptor) throws(SystemError) -> [LogLine]? {
        guard case .bytes(let bytes) = try file.read(upTo: 65_536) else { return nil }
        return (lines.feed(bytes) ?? []).compactMap(LogLine.init)
    }

    private static func open(_ path: String) throws(SystemError) -> Descriptor? {
        do {
            return try Descriptor(open: path, O_RDONLY)
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
    }

    private static func identity(_ file: Descriptor) throws(SystemError) -> [UInt64] {
        var status = stat()
        try SystemError.check("look at a log") { fstat(file.number, &status) }
        return [UInt64(status.st_dev), UInt64(status.st_ino)]
    }
}
