/// Which proxy a request goes through, by the variables that Go reads.
public struct ProxyRules: Sendable {
    private let proxies: (http: String?, https: String?)
    private let exceptions: [Exception]
    private let hasNone: Bool

    /// Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, or the same in lower case.
    public init(environment: [String: String]) {
        let value = { (name: String) in
            [name, name.lowercased()].compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        proxies = (value("HTTP_PROXY"), value("HTTPS_PROXY"))
        let entries = (value("NO_PROXY") ?? "").lowercased().split(separator: ",").map { $0.trimmingBlanks }
        hasNone = entries.contains("*")
        exceptions = entries.filter { !$0.isEmpty }.map(Exception.init)
    }

    /// The proxy for a URL.
    ///
    /// Nothing on this machine is asked for through one, whatever the variables say.
    ///
    /// - Throws: ``RequestURL/Malformed`` if there is one that can't be used.
    public func proxy(for url: RequestURL) throws(RequestURL.Malformed) -> HTTPProxy? {
        guard let text = proxy(host: url.host, port: url.port, isSecure: url.isSecure) else { return nil }
        return try HTTPProxy(text)
    }

    /// The URL of the proxy to a place; nil for none.
    ///
    /// - Parameters:
    ///   - host: The name or the address, without brackets.
    ///   - port: The port.
    ///   - isSecure: Whether the place is called by `https`.
    /// - Returns: The URL, with a scheme.
    public func proxy(host: String, port: Int, isSecure: Bool) -> String? {
        guard let text = isSecure ? proxies.https : proxies.http, !hasNone else { return nil }
        let host = host.lowercased()
        if host == "localhost" || IPAddress(host)?.isLoopback == true { return nil }
        if exceptions.contains(where: { $0.covers(host, port: port) }) { return nil }
        return text.contains("://") ? text : "http://" + text
    }

    /// An entry of `NO_PROXY`.
    private struct Exception: Sendable {
        private enum Kind {
            case network(IPAddress, length: Int)
            /// A domain, and whether it itself is covered or only what is below it.
            case domain(Substring, isCovered: Bool)
        }

        private let kind: Kind
        private let port: Int?

        init(_ entry: Substring) {
            let parts = entry.split(separator: "/", maxSplits: 1)
            if parts.count == 2, let address = IPAddress(parts[0]), let length = Int(parts[1]) {
                kind = .network(address, length: length)
                port = nil
                return
            }
            var name = entry
            var port: Int?
            if IPAddress(entry) == nil, let colon = entry.lastIndex(of: ":"),
                let number = Int(entry[entry.index(after: colon)...])
            {
                port = number
                name = entry[..<colon]
            }
            if name.first == "[", name.last == "]" { name = name.dropFirst().dropLast() }
            self.port = port
            if let address = IPAddress(name) {
                kind = .network(address, length: address.bytes.count * 8)
            } else {
                if name.hasPrefix("*.") { name = name.dropFirst() }
                kind = .domain(name.first == "." ? name.dropFirst() : name, isCovered: name.first != ".")
            }
        }

        func covers(_ host: String, port: Int) -> Bool {
            if let expected = self.port, expected != port { return false }
            switch kind {
            case .network(let network, let length):
                return IPAddress(host)?.shares(length, bitsWith: network) ?? false
            case .domain(let domain, let isCovered):
                return isCovered && host == domain || host.hasSuffix("." + domain)
            }
        }
    }
}

/// A proxy to which connections are tunnelled.
public struct HTTPProxy: Sendable, Hashable {
    /// Where it is, and who may use it.
    public let url: RequestURL

    /// Reads the URL of a proxy.
    ///
    /// - Throws: ``RequestURL/Malformed`` if it can't be used: it must be called by plain HTTP.
    public init(_ text: String) throws(RequestURL.Malformed) {
        do throws(RequestURL.Malformed) {
            url = try RequestURL(text)
        } catch {
            throw RequestURL.Malformed(description: "the proxy can't be used: \(error)")
        }
        if url.isSecure {
            throw RequestURL.Malformed(description: "the proxy can't be used: it must be called by http, not https")
        }
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return self[first...last]
    }
}
