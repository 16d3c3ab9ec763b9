#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Finds out whether somebody listens on a port, by trying to take it.
enum ListeningTrial {
    /// Whether the port is free on all addresses of both families.
    static func isFreeEverywhere(_ port: UInt16) -> Bool { isFree(port, on: "0.0.0.0") && isFreeOnSixth(port) }

    /// Whether the port is free on an IPv4 address.
    static func isFree(_ port: UInt16, on address: String) -> Bool {
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        guard inet_pton(AF_INET, address, &target.sin_addr) == 1 else { return false }
        return isFree(AF_INET, target)
    }

    private static func isFreeOnSixth(_ port: UInt16) -> Bool {
        var target = sockaddr_in6()
        target.sin6_family = sa_family_t(AF_INET6)
        target.sin6_port = port.bigEndian
        return isFree(AF_INET6, target)
    }

    private static func isFree(_ family: Int32, _ target: some Any) -> Bool {
        #if os(Linux)
        let number = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let number = socket(family, SOCK_STREAM, 0)
        #endif
        // A machine without that family has nobody who listens there.
        guard number >= 0 else { return true }
        let trial = Descriptor(number)
        var yes: Int32 = 1
        let length = socklen_t(MemoryLayout<Int32>.size)
        // Connections of a program that has ended do not keep a new one from listening.
        setsockopt(trial.number, SOL_SOCKET, SO_REUSEADDR, &yes, length)
        if family == AF_INET6 { setsockopt(trial.number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, length) }
        let result = withUnsafeBytes(of: target) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { address in
                bind(trial.number, address.baseAddress, socklen_t(bytes.count))
            }
        }
        return result == 0 || errno != EADDRINUSE
    }
}
