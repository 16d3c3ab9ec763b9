import KargoCore

/// Where an agent listens.
enum ListenAddress {
    /// Chooses the address.
    ///
    /// - Parameters:
    ///   - pod: The address of the Pod; empty if it is not known.
    ///   - hasIPv6: Whether the kernel has IPv6 at all; then one socket is for both.
    /// - Returns: The address.
    static func choose(pod: String, hasIPv6: Bool = IPAddress.kernelHasIPv6) -> String {
        if pod.hasPrefix("127.") || pod == "::1" { return pod }
        return hasIPv6 ? "::" : "0.0.0.0"
    }
}
