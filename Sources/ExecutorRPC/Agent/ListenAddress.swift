#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where an agent listens.
enum ListenAddress {
    /// Chooses the address.
    ///
    /// - Parameters:
    ///   - pod: The address of the Pod; empty if it is not known.
    ///   - hasIPv6: Whether the kernel has IPv6 at all; then one socket is for both.
    /// - Returns: The address.
    static func choose(pod: String, hasIPv6: Bool = kernelHasIPv6) -> String {
        if pod.hasPrefix("127.") || pod == "::1" { return pod }
        return hasIPv6 ? "::" : "0.0.0.0"
    }

    private static var kernelHasIPv6: Bool {
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
