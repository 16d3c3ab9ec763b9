#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Directory {
    /// A path of the directory for a child process to begin in, which it is itself, whatever has taken its place.
    ///
    /// It is good as long as the directory is open.
    var processPath: String {
        #if os(Linux)
        // Looked up by this process, or by its child before it has closed the descriptor.
        return "/proc/self/fd/\(descriptor.number)"
        #else
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard fcntl(descriptor.number, F_GETPATH, &buffer) != -1 else { return "/dev/null" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        #endif
    }
}
