import AsyncHTTPClient
import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ClusterConfiguration {
    /// A proxy through which an API server is reached.
    public struct Proxy: Sendable, Hashable {
        /// How a proxy is spoken to.
        public enum Kind: Sendable, Hashable {
            /// By HTTP's CONNECT.
            case http
            /// By SOCKS 5.
            case socks
        }

        /// How it is spoken to.
        public var kind: Kind
        /// Its name or address, without brackets.
        public var host: String
        /// Its port.
        public var port: Int
        /// Who asks, of an HTTP proxy that wants to know.
        public var username: String?
        /// What goes with ``username``.
        public var password: String?

        /// Reads the URL of a proxy.
        ///
        /// - Parameters:
        ///   - text: The URL, by `http` or `socks5`.
        ///   - source: Where it is written, for the message of an error.
        /// - Throws: ``KubernetesError`` with code `configuration`, without the password.
        init(_ text: String, source: String) throws(KubernetesError) {
            let failure = { (reason: String) in KubernetesError(.configuration, "\(source) \(reason)") }
            guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty else {
                throw failure("is no URL such as http://proxy.example.com:3128")
            }
            switch url.scheme?.lowercased() {
            case "http": kind = .http
            case "socks5", "socks5h": kind = .socks
            case let scheme: throw failure("must be called by http or socks5, not \(scheme ?? "nothing")")
            }
            self.host = host.filter { $0 != "[" && $0 != "]" }
            port = url.port ?? (kind == .http ? 80 : 1080)
            guard (1...65535).contains(port) else { throw failure("has a port that is not in 1...65535") }
            username = url.user
            password = url.password
            if kind == .socks, username != nil {
                throw failure("names a user; SOCKS proxies that ask for one are not supported")
            }
        }

        /// The proxy as the HTTP client takes it.
        var forClient: HTTPClient.Configuration.Proxy {
            switch (kind, username) {
            case (.socks, _): .socksServer(host: host, port: port)
            case (.http, nil): .server(host: host, port: port)
            case (.http, let username?):
                .server(
                    host: host,
                    port: port,
                    authorization: .basic(username: username, password: password ?? "")
                )
            }
        }
    }

    /// Takes over the proxy that the environment names for the server, if no other one is known.
    mutating func findProxy(in environment: [String: String]) throws(KubernetesError) {
        guard proxy == nil, let address = try? ServerAddress(server) else { return }
        let rules = ProxyRules(environment: environment)
        if let text = rules.proxy(host: address.host, port: address.port, isSecure: address.isSecure) {
            proxy = try Proxy(text, source: address.isSecure ? "HTTPS_PROXY" : "HTTP_PROXY")
        }
    }
}

/// The address of an API server, taken apart.
struct ServerAddress: Sendable, Hashable {
    /// Why a text is no address.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    let isSecure: Bool
    /// The name or the address, without brackets.
    let host: String
    let port: Int
    /// What stands before the paths of the API; empty, or with a slash in front and none behind.
    let path: String

    init(_ text: String) throws(Malformed) {
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty else {
            throw Malformed(description: "\"\(text)\" is no URL such as https://127.0.0.1:6443")
        }
        switch url.scheme?.lowercased() {
        case "https": isSecure = true
        case "http": isSecure = false
        case let scheme:
            throw Malformed(description: "\"\(text)\" must begin with https:// or http://, not \(scheme ?? "nothing")")
        }
        self.host = host.filter { $0 != "[" && $0 != "]" }
        port = url.port ?? (isSecure ? 443 : 80)
        var path = url.percentEncodedPath
        while path.last == "/" { path.removeLast() }
        self.path = path
    }

    /// What stands in `Host`.
    var authority: String { Self.bracketed(host) + (port == (isSecure ? 443 : 80) ? "" : ":\(port)") }

    /// The URL before the paths of the API, with another host if one is given.
    func url(host other: String? = nil) -> String {
        "\(isSecure ? "https" : "http")://\(Self.bracketed(other ?? host)):\(port)\(path)"
    }

    private static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }
}
