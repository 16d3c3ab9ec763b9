import AsyncHTTPClient
public import KargoCore
import NIOCore
import NIOHTTP1

/// Calls GitHub and the clouds.
public protocol CloudTransport: Sendable {
    /// Sends a request; redirects are not followed.
    ///
    /// - Throws: What kept it from being answered; `CancellationError` when the task was cancelled.
    func send(_ request: CloudRequest) async throws -> CloudResponse
}

/// A request to GitHub or a cloud.
public struct CloudRequest: Sendable, Hashable {
    /// A field of the header.
    public struct Header: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The value.
        public var value: String
    }

    /// The method.
    public var method: String
    /// The whole URL.
    public var url: String
    /// The header.
    public var headers: [Header]
    /// The body.
    public var body: [UInt8]
    /// How long it may take.
    public var timeout: Duration
    /// Whether it is for what tells a machine about itself, which no proxy can reach.
    public var isDirect = false

    init(
        _ method: String,
        _ url: String,
        headers: [(String, String)] = [],
        body: [UInt8] = [],
        timeout: Duration = .seconds(30)
    ) {
        self.method = method
        self.url = url
        self.headers = headers.map(Header.init)
        self.body = body
        self.timeout = timeout
    }

    /// A request to what tells a machine about itself.
    static func ofMachine(_ url: String, headers: [(String, String)], timeout: Duration) -> CloudRequest {
        var request = CloudRequest("GET", url, headers: headers, timeout: timeout)
        request.isDirect = true
        return request
    }
}

/// An answer of GitHub or a cloud.
public struct CloudResponse: Sendable, Hashable {
    /// The status.
    public var status: Int
    /// The body.
    public var body: [UInt8]

    /// Makes an answer.
    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Calls GitHub and the clouds over HTTP.
public struct HTTPCloudTransport: CloudTransport {
    private static let largestAnswer = 1 << 20

    private let proxies: ProxyRules
    private let clients: ClientsByProxy

    /// Makes a transport, hands it to the body and closes its connections when that is done.
    ///
    /// - Parameters:
    ///   - proxies: Which proxies calls go through.
    ///   - body: What makes calls; they follow no redirects.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    public static func with<Result>(
        proxies: ProxyRules,
        _ body: (HTTPCloudTransport) async throws -> Result
    ) async throws -> Result {
        try await ClientsByProxy.with { clients in
            try await body(HTTPCloudTransport(proxies: proxies, clients: clients))
        }
    }

    /// Sends a request.
    public func send(_ request: CloudRequest) async throws -> CloudResponse {
        var message = HTTPClientRequest(url: request.url)
        message.method = HTTPMethod(rawValue: request.method)
        message.headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        message.headers.replaceOrAdd(name: "User-Agent", value: "kargo")
        if !request.body.isEmpty { message.body = .bytes(request.body) }
        let proxy = try request.isDirect ? nil : proxies.proxy(for: RequestURL(request.url))
        let client = await clients.client(for: proxy)
        let response = try await client.execute(message, timeout: TimeAmount(request.timeout))
        let body = try await response.body.collect(upTo: Self.largestAnswer)
        return CloudResponse(status: Int(response.status.code), body: Array(buffer: body))
    }
}
