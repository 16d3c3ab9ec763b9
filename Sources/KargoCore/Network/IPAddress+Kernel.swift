#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension IPAddress {
    /// Whether the kernel has IPv6 at all; then one socket that listens on `::` is for both.
    public static var kernelHasIPv6: Bool {
        #if canImport(Darwin)
        let descriptor = socket(AF_INET6, SOCK_STREAM, 0)
        #else
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }
}
