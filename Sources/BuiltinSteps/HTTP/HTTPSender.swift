import AsyncHTTPClient
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

    private enum Exchange {
        case answered(HTTPReply)
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
        var call = call
        for _ in 0..<Self.maximumRequests {
            do {
                switch try await exchange(call, by: route) {
                case .answered(let reply): return reply
                case .redirected(let next): call = next
                }
            } catch {
                try Task.checkCancellation()
                throw Failure(description: "\(call.method) \(call.url): \(reason(error))")
            }
        }
        throw Failure(description: "stopped after \(Self.maximumRequests) redirects")
    }

    private func exchange(_ call: HTTPCall, by route: Route) async throws -> Exchange {
        let configuration = try await configuration(for: call, by: route)
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
            var headers = response.headers
            headers.remove(name: "Transfer-Encoding")
            headers.remove(name: "Trailer")
            let body = try await response.body.collect(upTo: answerLimit)
            return .answered(HTTPReply(status: status, headers: headers, body: Array(buffer: body)))
        }
    }

    /// A client for one request, bound to the address that was found to be harmless: a name could mean another one by
    /// the time it is looked up again.
    private func configuration(for call: HTTPCall, by route: Route) async throws -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if route.trustsAnyCertificate { tls.certificateVerification = .none }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(30)
        configuration.connectionPool.retryConnectionEstablishment = false
        if let proxy = try route.proxy ?? proxies.proxy(for: call.url) {
            guard !HostResolver.isLinkLocal(call.url.host) else {
                throw Failure(description: "the address is link-local, and those are never called")
            }
            configuration.proxy = proxy.configuration(address: try await resolver.address(of: proxy.url.host))
        } else {
            configuration.dnsOverride = [call.url.host: try await resolver.address(of: call.url.host)]
        }
        return configuration
    }

    private func reason(_ error: any Error) -> String {
        switch error {
        case is NIOTooManyBytesError: "the response has more than \(answerLimit) bytes"
        case let error as HTTPClientError: error.shortDescription
        case let error as NIOConnectionError: error.connectionErrors.first.map { "\($0.error)" } ?? "\(error)"
        default: "\(error)"
        }
    }
}
