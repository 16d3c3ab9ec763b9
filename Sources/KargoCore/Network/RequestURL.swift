#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Where a request goes.
public struct RequestURL: Sendable, Hashable, CustomStringConvertible {
    /// Why a text is no such place.
    public struct Malformed: Error, Hashable, CustomStringConvertible {
        /// The reason, without passwords.
        public let description: String

        /// Makes an error.
        public init(description: String) { self.description = description }
    }

    /// The place as it is asked for, without user and fragment.
    public let url: URL
    /// Whether it is asked for by TLS.
    public let isSecure: Bool
    /// The name or the address, without brackets.
    public let host: String
    /// The port, also if it is the scheme's own.
    public let port: Int
    /// Who asks, if the text said so: `http://user:password@host`.
    public let user: Credentials?

    /// A user and a password.
    public struct Credentials: Sendable, Hashable {
        /// The user.
        public let name: String
        /// The password.
        public let password: String

        /// Makes credentials.
        public init(name: String, password: String) {
            self.name = name
            self.password = password
        }

        /// What HTTP calls basic authentication.
        public var authorization: String { "Basic " + Data("\(name):\(password)".utf8).base64EncodedString() }
    }

    /// Reads an absolute URL.
    ///
    /// - Throws: ``Malformed`` if it is none, or not for HTTP. The message holds no password.
    public init(_ text: String) throws(Malformed) {
        guard let url = URL(string: text) else { throw Malformed(description: "the URL is malformed") }
        try self.init(url)
    }

    /// Reads an absolute URL.
    ///
    /// - Throws: ``Malformed`` if it is not for HTTP. The message holds no password.
    public init(_ url: URL) throws(Malformed) {
        guard var components = URLComponents(url: url, resolvingAgainstBaseURL: true) else {
            throw Malformed(description: "the URL is malformed")
        }
        switch components.scheme?.lowercased() {
        case "http": isSecure = false
        case "https": isSecure = true
        case let scheme:
            throw Malformed(description: "the scheme of the URL must be http or https, not \"\(scheme ?? "")\"")
        }
        user = components.user.map { Credentials(name: $0, password: components.password ?? "") }
        components.user = nil
        components.password = nil
        components.fragment = nil
        let written = (components.percentEncodedHost ?? "").filter { $0 != "[" && $0 != "]" }
        // No percent encoding: what the guard looks at must be the very name that is connected to.
        guard !written.isEmpty, written.utf8.allSatisfy(\.isOfHostName) else {
            throw Malformed(description: "the host of the URL must be a name in ASCII or an IP address")
        }
        host = written
        port = components.port ?? (isSecure ? 443 : 80)
        guard (1...65535).contains(port), let plain = components.url else {
            throw Malformed(description: "the port of the URL must be in 1...65535")
        }
        self.url = plain
    }

    /// The place that a response points to, seen from here.
    ///
    /// - Throws: ``Malformed`` if there is no such place.
    public func resolving(_ location: String) throws(Malformed) -> RequestURL {
        guard let url = URL(string: location, relativeTo: url) else {
            throw Malformed(description: "the location that the server redirects to is malformed")
        }
        return try RequestURL(url.absoluteURL)
    }

    /// The URL as a client takes it.
    public var text: String { url.absoluteString }

    /// The URL without user, password and query, which may be secrets.
    public var description: String {
        "\(isSecure ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}

extension UInt8 {
    fileprivate var isOfHostName: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }
}
