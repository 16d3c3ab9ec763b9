import KargoCore

/// Where a server listens, as Go's servers are told: `:9090`, `127.0.0.1:9090`, `[::1]:9090`.
public struct BindAddress: Sendable, Hashable, CustomStringConvertible {
    /// An address that can't be listened on.
    public struct Unusable: Error, CustomStringConvertible {
        let address: BindAddress
        let reason: String

        /// Which address, why, and what to do.
        public var description: String {
            "METRICS_BIND_ADDRESS is \"\(address)\", which can't be listened on: \(reason); name another one, or 0 for none"
        }
    }

    /// The host; empty for all addresses of the machine.
    public let host: String
    /// The port; zero for any that is free.
    public let port: Int

    /// Reads an address; nil if it is none.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        self.host = String(host)
        self.port = Int(port)
    }

    /// The address as it is written.
    public var description: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    /// Where the server is called.
    ///
    /// - Parameter port: The port that it has.
    /// - Returns: The URL, which ends with the port.
    public func url(port: Int) -> String {
        let host = host.isEmpty || host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// What a socket is bound to; one for IPv6 takes IPv4 too.
    var listenHost: String {
        if !host.isEmpty { return host }
        return IPAddress.kernelHasIPv6 ? "::" : "0.0.0.0"
    }
}
