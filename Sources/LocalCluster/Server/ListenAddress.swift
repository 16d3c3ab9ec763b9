import NIOCore

/// The IP address that the API is served at.
struct ListenAddress: Sendable, Hashable {
    /// The address in its usual form.
    let text: String

    /// Reads an address.
    ///
    /// - Throws: ``LocalClusterError`` for what is none.
    init(_ text: String) throws(LocalClusterError) {
        guard let address = try? SocketAddress(ipAddress: text, port: 0), let canonical = address.ipAddress else {
            throw LocalClusterError("\"\(text)\" is no IP address to listen at; write one such as 127.0.0.1 or ::")
        }
        self.text = canonical
    }

    /// Whether it stands for all addresses of the machine.
    private var isWildcard: Bool { text == "0.0.0.0" || text == "::" }

    /// Where this machine calls the API: loopback, where that is served.
    var callable: String { isWildcard ? "127.0.0.1" : text }

    /// What the URL of the API has for a host.
    var urlHost: String { callable.contains(":") ? "[\(callable)]" : callable }

    /// The addresses that clients may call.
    ///
    /// - Throws: The machine does not tell its addresses.
    func reachable() throws -> [String] {
        guard isWildcard else { return [text] }
        // A link-local address has its interface's name in it, which no certificate has.
        return try System.enumerateDevices().compactMap { $0.address?.ipAddress }.filter { !$0.contains("%") }
    }
}
