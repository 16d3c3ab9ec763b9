import KargoCore
import NIOHTTP1

/// A request to be sent.
struct HTTPCall: Sendable {
    /// What describes the body, and goes with it.
    private static let bodyHeaders = ["Content-Encoding", "Content-Language", "Content-Location", "Content-Type"]
    /// What is for the first host only.
    private static let secretHeaders = [
        "Authorization", "Www-Authenticate", "Cookie", "Cookie2", "Proxy-Authorization",
    ]
    /// What the client itself sets; Go passes over them too.
    private static let ownHeaders = ["Host", "Content-Length", "Transfer-Encoding", "Trailer"]

    private(set) var method: HTTPMethod
    private(set) var url: RequestURL
    private(set) var headers: HTTPHeaders
    private(set) var body: [UInt8]
    private let firstHost: String

    init(method: HTTPMethod, url: RequestURL, headers: [(name: String, value: String)], body: [UInt8]) {
        self.method = method
        self.url = url
        self.headers = HTTPHeaders(headers)
        self.body = body
        firstHost = url.host.lowercased()
        for name in Self.ownHeaders { self.headers.remove(name: name) }
        if !self.headers.contains(name: "User-Agent") { self.headers.add(name: "User-Agent", value: "kargo") }
        authorize()
    }

    /// The request that follows from a response, by the rules of Go's client; nil if the response is the answer.
    ///
    /// - Throws: ``RequestURL/Malformed`` if the response points nowhere.
    func redirected(status: Int, location: String?) throws(RequestURL.Malformed) -> HTTPCall? {
        guard let location, !location.isEmpty else { return nil }
        var next = self
        switch status {
        case 301, 302, 303:
            if method != .GET, method != .HEAD { next.method = .GET }
            next.body = []
            for name in Self.bodyHeaders { next.headers.remove(name: name) }
        case 307, 308: break
        default: return nil
        }
        next.url = try url.resolving(location)
        let host = next.url.host.lowercased()
        if host != firstHost, IPAddress(host) != nil || !host.hasSuffix("." + firstHost) {
            for name in Self.secretHeaders { next.headers.remove(name: name) }
        }
        next.authorize()
        return next
    }

    private mutating func authorize() {
        guard let user = url.user, !headers.contains(name: "Authorization") else { return }
        headers.add(name: "Authorization", value: user.authorization)
    }
}

/// The answer to a request.
struct HTTPReply: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]
}
