#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The terminal: results on standard output, everything else on standard error.
package enum Console {
    package static func write(_ text: String) { write(text, to: STDOUT_FILENO) }
    static func note(_ text: String) { write("\(text)\n", to: STDERR_FILENO) }
    static func warn(_ text: String) { write("Warning: \(text)\n", to: STDERR_FILENO) }
    static func fail(_ error: any Error) { write("Error: \(error)\n", to: STDERR_FILENO) }

    /// The lines and columns of the terminal that results go to; nil where they go elsewhere.
    static var size: (lines: Int, columns: Int)? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else {
            return (24, 80)
        }
        return (Int(size.ws_row), Int(size.ws_col))
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty {
                let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest))
                if count < 0 {
                    switch errno {
                    case EINTR: continue
                    case EAGAIN: awaitRoom(descriptor)
                    case EPIPE: endWithoutReader()
                    default: return fail(writingTo: descriptor, errno)
                    }
                } else {
                    rest = rest.dropFirst(count)
                }
            }
        }
    }

    /// Waits for a reader that is slow, where somebody made the descriptor one that does not wait.
    private static func awaitRoom(_ descriptor: Int32) {
        var event = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&event, 1, -1)
    }

    /// Results that are lost are no success; where notes are lost nobody could be told.
    private static func fail(writingTo descriptor: Int32, _ code: Int32) {
        guard descriptor == STDOUT_FILENO else { return }
        write("Error: standard output can't be written: \(String(cString: strerror(code)))\n", to: STDERR_FILENO)
        exit(EXIT_FAILURE)
    }

    /// Ends as every program does whose reader went away (`kargo … | head`); the network library ignores the signal.
    private static func endWithoutReader() -> Never {
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
        // Who started the tool may have blocked the signal.
        exit(EXIT_FAILURE)
    }

    private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
