import AsyncHTTPClient
import KargoCore
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Sends requests as Go's client does, and never to a link-local address.
struct HTTPSender: Sendable {
    /// Where connections go, and whom they trust.
    struct Route: Sendable {
        /// The proxy that a step names.
        var proxy: HTTPProxy?
        var trustsAnyCertificate = false
    }

    /// The largest answer, and the largest file that is sent, as in Kargo.
    static let largestBody = 2 << 20
    private static let maximumRequests = 10

    /// Why there is no answer.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private enum Exchange<Result: Sendable>: Sendable {
        case answered(Result)
        case redirected(HTTPCall)
    }

    let resolver: HostResolver
    let proxies: ProxyRules
    /// The largest answer that is kept, in bytes.
    var answerLimit = Self.largestBody

    /// Sends a request and follows where the server points.
    ///
    /// - Parameters:
    ///   - call: The request.
    ///   - route: How to get there.
    /// - Returns: The last answer.
    /// - Throws: ``Failure``; `CancellationError`.
    func send(_ call: HTTPCall, by route: Route) async throws -> HTTPReply {
        try await send(call, by: route) { response in
            var headers = response.headers
            headers.remove(name: "Transfer-Encoding")
            headers.remove(name: "Trailer")
            let body = try await response.body.collect(upTo: answerLimit)
            return HTTPReply(status: Int(response.status.code), headers: headers, body: Array(buffer: body))
        }
    }

    /// Sends a request, follows where the server points and has the last answer read as it comes.
    ///
    /// - Parameters:
    ///   - call: The request.
    ///   - route: How to get there.
    ///   - receive: Reads the answer.
    /// - Returns: What `receive` returns.
    /// - Throws: ``Failure``, also in place of most of what `receive` throws; ``FileError``; `CancellationError`.
    func send<Result: Sendable>(
        _ call: HTTPCall,
        by route: Route,
        receive: @Sendable (HTTPClientResponse) async throws -> Result
    ) async throws -> Result {
        var call = call
        for _ in 0..<Self.maximumRequests {
            do {
                switch try await exchange(call, by: route, receive: receive) {
                case .answered(let result): return result
                case .redirected(let next): call = next
                }
            } catch let error as FileError {
                throw error
            } catch {
                try Task.checkCancellation()
                throw Failure(description: "\(call.method) \(call.url): \(Self.reason(error, limit: answerLimit))")
            }
        }
        throw Failure(description: "stopped after \(Self.maximumRequests) redirects")
    }

    private func exchange<Result: Sendable>(
        _ call: HTTPCall,
        by route: Route,
        receive: @Sendable (HTTPClientResponse) async throws -> Result
    ) async throws -> Exchange<Result> {
        let configuration = try await configuration(for: call.url, by: route)
        return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            var request = HTTPClientRequest(url: call.url.text)
            request.method = call.method
            request.headers = call.headers
            if !call.body.isEmpty { request.body = .bytes(call.body) }
            let response = try await client.execute(request, deadline: .distantFuture)
            let status = Int(response.status.code)
            if let next = try call.redirected(status: status, location: response.headers.first(name: "Location")) {
                return .redirected(next)
            }
            return .answered(try await receive(response))
        }
    }

    /// What makes a client for a host, bound to the address that was found to be harmless: a name could mean another
    /// one by the time it is looked up again.
    func configuration(for url: RequestURL, by route: Route) async throws -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if route.trustsAnyCertificate { tls.certificateVerification = .none }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(30)
        configuration.connectionPool.retryConnectionEstablishment = false
        if let proxy = try route.proxy ?? proxies.proxy(for: url) {
            guard !HostResolver.isLinkLocal(url.host) else {
                throw Failure(description: "the address is link-local, and those are never called")
            }
            configuration.proxy = proxy.configuration(address: try await resolver.address(of: proxy.url.host))
        } else {
            configuration.dnsOverride = [url.host: try await resolver.address(of: url.host)]
        }
        return configuration
    }

    /// Why there was no answer.
    static func reason(_ error: any Error, limit: Int = largestBody) -> String {
        switch error {
        case is NIOTooManyBytesError: "the response has more than \(limit) bytes"
        case let error as HTTPClientError: error.shortDescription
        case let error as NIOConnectionError: error.connectionErrors.first.map { "\($0.error)" } ?? "\(error)"
        default: "\(error)"
        }
    }
}
