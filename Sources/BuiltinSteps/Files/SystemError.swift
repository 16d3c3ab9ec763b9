#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The number by which the system says why a call failed.
struct SystemError: Error, Hashable, CustomStringConvertible {
    let code: Int32

    /// The error of the call that failed last on this thread.
    static var latest: SystemError { SystemError(code: errno) }

    /// The system's own words, such as `no such file or directory`.
    var description: String {
        let text = String(cString: strerror(code))
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    /// Makes a call, again for as long as signals interrupt it.
    ///
    /// - Throws: The error if the call returns -1.
    @discardableResult
    static func check<Result: SignedInteger>(_ call: () -> Result) throws(SystemError) -> Result {
        while true {
            let result = call()
            if result != -1 { return result }
            if errno != EINTR { throw .latest }
        }
    }
}
