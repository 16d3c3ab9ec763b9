import AsyncHTTPClient
import KargoCore
import NIOCore
import NIOHTTP1
import NIOSSL

/// Calls a JSON API of a hosting service.
struct APIClient: Sendable {
    /// Where an API is and how to be let in.
    struct Endpoint: Sendable {
        /// What people call the service.
        var service: String
        /// The URL that all paths are below of.
        var base: RequestURL
        var headers: [(name: String, value: String)] = []
        /// What must not be in a message.
        var secrets: [String] = []
        var trustsAnyCertificate = false
    }

    /// The largest answer.
    static let largestBody = 16 << 20
    /// The most pages of a list.
    static let mostPages = 100
    private static let timeout = TimeAmount.seconds(30)
    private static let mostRedirects = 5

    let endpoint: Endpoint
    private let http: HTTPClient

    /// Makes a client, hands it to the body, and ends its connections when that is done.
    ///
    /// - Parameters:
    ///   - endpoint: Where the API is.
    ///   - proxies: Which proxy it is called through.
    ///   - body: What uses the client.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; ``RequestURL/Malformed`` if the proxy can't be used.
    static func with<Result>(
        _ endpoint: Endpoint,
        proxies: ProxyRules,
        _ body: (APIClient) async throws -> Result
    ) async throws -> Result {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if endpoint.trustsAnyCertificate { tls.certificateVerification = .none }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = timeout
        configuration.timeout.read = timeout
        configuration.connectionPool.retryConnectionEstablishment = false
        if let proxy = try proxies.proxy(for: endpoint.base) {
            configuration.proxy = proxy.configuration(address: proxy.url.host)
        }
        return try await HTTPClient.withHTTPClient(configuration: configuration) { http in
            try await body(APIClient(endpoint: endpoint, http: http))
        }
    }

    /// Makes a call.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - path: The path below the base, each piece of which is encoded here.
    ///   - query: The query.
    ///   - body: What to send as JSON.
    /// - Returns: An answer of success.
    /// - Throws: ``APIFailure`` for every other one; `CancellationError`.
    @discardableResult
    func call(
        _ method: HTTPMethod,
        _ path: [String],
        query: [(String, String)] = [],
        body: JSONValue? = nil
    ) async throws -> APIResponse {
        let pieces = path.map(\.percentEncoded).joined(separator: "/")
        let parameters = query.map { "\($0.percentEncoded)=\($1.percentEncoded)" }.joined(separator: "&")
        let name = "\(endpoint.service): \(method) /\(path.joined(separator: "/"))"
        let url = "\(endpoint.base.text)/\(pieces)\(parameters.isEmpty ? "" : "?\(parameters)")"
        return try await follow(method, url, body: body, name: name)
    }

    /// Reads what an answer points to, such as the next page.
    ///
    /// - Throws: ``APIFailure``, also if it is on another host; `CancellationError`.
    func get(url: String) async throws -> APIResponse {
        let name = "\(endpoint.service): GET the next page"
        return try await follow(.GET, try sameOrigin(url, from: endpoint.base, name: name).text, body: nil, name: name)
    }

    /// Reads a list, page by page, where pages have numbers and the header `Link` tells of the next.
    ///
    /// - Throws: ``APIFailure``; `CancellationError`.
    func pages<Element: Decodable>(
        of type: Element.Type,
        _ path: [String],
        query: [(String, String)]
    ) async throws -> [Element] {
        var elements: [Element] = []
        for page in 1...Self.mostPages {
            let response = try await call(.GET, path, query: query + [("page", "\(page)")])
            elements += try response.decode([Element].self)
            if !response.hasNextPage { break }
        }
        return elements
    }

    // MARK: Exchanges

    /// Follows where the server points, but never to another host: the token is for this one.
    private func follow(_ method: HTTPMethod, _ url: String, body: JSONValue?, name: String) async throws -> APIResponse
    {
        var url = url
        for _ in 0...Self.mostRedirects {
            let response = try await exchange(method, url, body: body, name: name)
            guard let location = response.headers.first(name: "Location"),
                method == .GET ? [301, 302, 307, 308].contains(response.status) : [307, 308].contains(response.status)
            else {
                if let failure = response.failure(hiding: endpoint.secrets) { throw failure }
                return response
            }
            url = try sameOrigin(location, from: try requestURL(url, name: name), name: name).text
        }
        throw APIFailure(code: .malformed, description: "\(name): more than \(Self.mostRedirects) redirects")
    }

    private func requestURL(_ text: String, name: String) throws(APIFailure) -> RequestURL {
        do throws(RequestURL.Malformed) {
            return try RequestURL(text)
        } catch {
            throw APIFailure(code: .malformed, description: "\(name): \(error)")
        }
    }

    private func sameOrigin(_ location: String, from url: RequestURL, name: String) throws(APIFailure) -> RequestURL {
        let next: RequestURL
        do throws(RequestURL.Malformed) {
            next = try url.resolving(location)
        } catch {
            throw APIFailure(code: .malformed, description: "\(name): \(error)")
        }
        // Its description is the origin.
        guard next.description.lowercased() == endpoint.base.description.lowercased() else {
            throw APIFailure(
                code: .malformed,
                description: "\(name): the answer points to \(next), and the token is only for \(endpoint.base)"
            )
        }
        return next
    }

    private func exchange(
        _ method: HTTPMethod,
        _ url: String,
        body: JSONValue?,
        name: String
    ) async throws -> APIResponse {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers = HTTPHeaders(endpoint.headers)
        request.headers.replaceOrAdd(name: "User-Agent", value: "kargo")
        if let body {
            request.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
            request.body = .bytes(Array(body.text().utf8))
        }
        do {
            let response = try await http.execute(request, timeout: Self.timeout)
            let bytes = try await response.body.collect(upTo: Self.largestBody)
            return APIResponse(
                call: name,
                status: Int(response.status.code),
                headers: response.headers,
                body: Array(buffer: bytes)
            )
        } catch {
            try Task.checkCancellation()
            throw APIFailure(
                code: error is NIOTooManyBytesError ? .malformed : .unreachable,
                description: "\(name): \(HTTPSender.reason(error, limit: Self.largestBody))"
            )
        }
    }
}
