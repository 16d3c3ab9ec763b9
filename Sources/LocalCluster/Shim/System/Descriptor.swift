#if os(Linux)
import CLinux
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An open file of this process, closed with the last reference to it, and never inherited unasked.
final class Descriptor: Sendable {
    /// What reading without waiting found.
    enum Reading: Equatable {
        /// These bytes.
        case bytes([UInt8])
        /// Nothing yet.
        case nothingYet
        /// The end.
        case end
    }

    /// The number by which the operating system knows it.
    let number: Int32

    /// Takes over an open file.
    init(_ number: Int32) {
        self.number = number
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(number) }

    /// Opens a file.
    convenience init(open path: String, _ flags: Int32, mode: mode_t = 0o600) throws(SystemError) {
        self.init(try SystemError.check("open \(path)") { open(path, flags | O_CLOEXEC, mode) })
    }

    /// Makes a pipe of which the reading end never waits.
    static func pipe() throws(SystemError) -> (reading: Descriptor, writing: Descriptor) {
        var numbers: [Int32] = [0, 0]
        try SystemError.check("make a pipe") { Self.makePipe(&numbers) }
        let (reading, writing) = (Descriptor(numbers[0]), Descriptor(numbers[1]))
        try reading.stopWaiting()
        return (reading, writing)
    }

    private static func makePipe(_ numbers: inout [Int32]) -> Int32 {
        #if os(Linux)
        // In one go, or another thread's child could inherit the ends.
        pipe2(&numbers, O_CLOEXEC)
        #else
        pipe(&numbers)
        #endif
    }

    /// Makes reading and writing return at once where they would wait.
    func stopWaiting() throws(SystemError) {
        let flags = try SystemError.check("read the flags of a file") { fcntl(number, F_GETFL) }
        try SystemError.check("set the flags of a file") { fcntl(number, F_SETFL, flags | O_NONBLOCK) }
    }

    /// Reads what is there, up to a number of bytes.
    func read(upTo count: Int) throws(SystemError) -> Reading {
        do {
            let bytes = try readNow(count)
            return bytes.isEmpty ? .end : .bytes(bytes)
        } catch {
            if error.code == EAGAIN || error.code == EWOULDBLOCK { return .nothingYet }
            throw error
        }
    }

    private func readNow(_ count: Int) throws(SystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let length = try SystemError.check("read") { Self.read(number, &buffer) }
        buffer.removeLast(count - length)
        return buffer
    }

    private static func read(_ number: Int32, _ buffer: inout [UInt8]) -> Int {
        buffer.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            #if canImport(Glibc)
            return Glibc.read(number, start, buffer.count)
            #elseif canImport(Musl)
            return Musl.read(number, start, buffer.count)
            #else
            return Darwin.read(number, start, buffer.count)
            #endif
        }
    }

    /// Reads everything from here to the end, or the first so many bytes.
    func readAll(limit: Int = .max) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let piece = try readNow(min(65_536, limit - bytes.count))
            if piece.isEmpty { break }
            bytes += piece
        }
        return bytes
    }

    /// Writes everything.
    func write(_ bytes: [UInt8]) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            done += try SystemError.check("write") { Self.write(number, bytes[done...]) }
        }
    }

    private static func write(_ number: Int32, _ bytes: ArraySlice<UInt8>) -> Int {
        bytes.withUnsafeBytes { buffer in
            #if canImport(Glibc)
            Glibc.write(number, buffer.baseAddress, buffer.count)
            #elseif canImport(Musl)
            Musl.write(number, buffer.baseAddress, buffer.count)
            #else
            Darwin.write(number, buffer.baseAddress, buffer.count)
            #endif
        }
    }
}
