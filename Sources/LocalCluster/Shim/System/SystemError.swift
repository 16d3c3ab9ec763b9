#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Why the operating system did not do what it was asked.
struct SystemError: Error, Hashable, CustomStringConvertible {
    /// The `errno`.
    var code: Int32
    /// What was asked, such as `open /etc/passwd`.
    var action: String

    /// What the operating system calls the reason.
    var reason: String {
        var text = [CChar](repeating: 0, count: 256)
        guard strerror_r(code, &text, text.count) == 0 else { return "error \(code)" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    var description: String { "can't \(action): \(reason)" }

    /// Calls, again while it is interrupted, and returns what the call returned.
    ///
    /// - Throws: The error that the call left in `errno`, where it returned a negative number.
    @discardableResult
    static func check<Result: SignedInteger>(
        _ action: @autoclosure () -> String,
        _ call: () -> Result
    ) throws(SystemError) -> Result {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw SystemError(code: code, action: action()) }
        }
    }
}
