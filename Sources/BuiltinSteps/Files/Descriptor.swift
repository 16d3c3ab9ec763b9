#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An open file, closed when nobody holds it any more.
final class Descriptor: Sendable {
    let number: Int32

    init(owning number: Int32) { self.number = number }

    deinit { close(number) }

    func status() throws(SystemError) -> FileStatus {
        var result = stat()
        try SystemError.check { fstat(number, &result) }
        return FileStatus(result)
    }

    /// Reads what comes next, up to the buffer's size; 0 at the end.
    func readNext(into buffer: inout [UInt8]) throws(SystemError) -> Int {
        try SystemError.check { buffer.withUnsafeMutableBytes { read(number, $0.baseAddress, $0.count) } }
    }

    /// Writes all the bytes.
    func writeAll(_ bytes: ArraySlice<UInt8>) throws(SystemError) {
        // `withUnsafeBytes` forgets the type of an error.
        try bytes.withUnsafeBytes { bytes in Result { () throws(SystemError) in try writeAll(bytes) } }.get()
    }

    /// Writes all the bytes.
    func writeAll(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let count = try SystemError.check { write(number, part.baseAddress, part.count) }
            rest = rest.dropFirst(count)
        }
    }

    /// Gives the file these permissions, if it may be given any: what belongs to somebody else stays as it is.
    func setPermissions(_ permissions: UInt32) throws(SystemError) {
        do throws(SystemError) {
            try SystemError.check { fchmod(number, mode_t(permissions)) }
        } catch  where error.code == EPERM {
            return
        }
    }
}
