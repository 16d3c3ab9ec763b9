#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What is piped into the tool.
enum StandardInput {
    private static let pieceSize = 64 * 1024

    /// Waits for a piece, and blocks the thread; an empty one is the end.
    static func read() throws(CommandError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: pieceSize)
        while true {
            let count = read(&buffer)
            if count >= 0 {
                buffer.removeLast(buffer.count - count)
                return buffer
            }
            guard errno == EINTR else {
                throw CommandError("standard input can't be read: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Waits for everything.
    static func readToEnd() throws(CommandError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let piece = try read()
            if piece.isEmpty { return bytes }
            bytes += piece
        }
    }

    private static func read(_ buffer: inout [UInt8]) -> Int {
        #if canImport(Glibc)
        Glibc.read(STDIN_FILENO, &buffer, buffer.count)
        #elseif canImport(Musl)
        Musl.read(STDIN_FILENO, &buffer, buffer.count)
        #else
        Darwin.read(STDIN_FILENO, &buffer, buffer.count)
        #endif
    }
}
