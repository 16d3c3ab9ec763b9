#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The terminal: results on standard output, everything else on standard error.
enum Console {
    static func write(_ text: String) { write(text, to: STDOUT_FILENO) }
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
                if count < 0, errno == EPIPE { endWithoutReader() }
                guard count > 0 || errno == EINTR else { return }
                rest = rest.dropFirst(max(count, 0))
            }
        }
    }

    /// Ends as every program does whose reader went away (`kargo … | head`); the network library ignores the signal.
    private static func endWithoutReader() {
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
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
