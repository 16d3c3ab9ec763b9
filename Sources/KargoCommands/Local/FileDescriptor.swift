#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An open file, closed when nobody uses it any more.
final class FileDescriptor: Sendable {
    /// What became of the wait for a line.
    enum Line: Hashable, Sendable {
        /// The line, without its end.
        case line([UInt8])
        /// The other side is closed.
        case end
        /// Nothing came in time.
        case timeout
    }

    let number: Int32

    /// Takes a descriptor over; not as 0, 1 or 2, which a program that is started gets for itself.
    private init(_ number: Int32) {
        guard number <= STDERR_FILENO else {
            self.number = number
            return
        }
        self.number = fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
        close(number)
    }

    private convenience init(_ path: String, _ flags: Int32) throws(CommandError) {
        let number = open(path, flags | O_CLOEXEC, 0o600)
        guard number >= 0 else {
            throw CommandError("\(path): can't be opened: \(String(cString: strerror(errno)))")
        }
        self.init(number)
    }

    /// Opens a file that is there.
    convenience init(reading path: String) throws(CommandError) { try self.init(path, O_RDONLY) }

    /// Opens a file, which is made where there is none, to write behind what it holds.
    convenience init(appendingTo path: String) throws(CommandError) {
        try self.init(path, O_WRONLY | O_CREAT | O_APPEND)
    }

    deinit { close(number) }

    /// The two ends of a pipe, which no program that is started inherits by itself.
    static func pipe() throws(CommandError) -> (reading: FileDescriptor, writing: FileDescriptor) {
        var numbers: [Int32] = [-1, -1]
        #if canImport(Glibc)
        let code = Glibc.pipe(&numbers)
        #elseif canImport(Musl)
        let code = Musl.pipe(&numbers)
        #else
        let code = Darwin.pipe(&numbers)
        #endif
        guard code == 0 else { throw CommandError("a pipe can't be made: \(String(cString: strerror(errno)))") }
        for number in numbers { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
        return (FileDescriptor(numbers[0]), FileDescriptor(numbers[1]))
    }

    /// Waits for a line, and blocks the thread.
    func readLine(within timeout: Duration) throws(CommandError) -> Line {
        let deadline = ContinuousClock.now + timeout
        var line: [UInt8] = []
        while true {
            let rest = (deadline - .now).components
            guard rest.seconds >= 0, rest.attoseconds >= 0 else { return .timeout }
            var event = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
            let milliseconds = rest.seconds * 1000 + rest.attoseconds / 1_000_000_000_000_000 + 1
            let count = poll(&event, 1, Int32(clamping: milliseconds))
            guard count != 0 else { return .timeout }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let size = count < 0 ? -1 : read(number, &buffer, buffer.count)
            if size < 0 {
                guard errno == EINTR else {
                    throw CommandError("a pipe can't be read: \(String(cString: strerror(errno)))")
                }
            } else if size == 0 {
                return .end
            } else {
                line += buffer[..<size]
                if let end = line.firstIndex(of: 0x0A) { return .line(Array(line[..<end])) }
            }
        }
    }

    /// The last bytes of a file.
    func tail(_ count: Int) -> [UInt8] {
        let size = lseek(number, 0, SEEK_END)
        guard size > 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: min(count, Int(size)))
        let read = pread(number, &buffer, buffer.count, size - off_t(buffer.count))
        return read > 0 ? Array(buffer[..<read]) : []
    }
}
