import AsyncHTTPClient
import KargoCore
import NIOCore
import NIOHTTP1
import NIOSSL

/// A connection to an API server over HTTP.
public struct ClusterConnection: KubernetesAPI {
    /// The largest answer that is taken whole.
    private static let largestAnswer = 256 * 1024 * 1024
    /// How long an answer may take; watches and logs have no limit.
    private static let timeout = TimeAmount.seconds(60)

    /// What becomes of a request when no server answers at the address.
    public enum Reaching: Sendable {
        /// It is tried for ten seconds, in which a server that is started again is back.
        case patiently
        /// It fails at once.
        case once
    }

    private let client: HTTPClient
    let configuration: ClusterConfiguration

    /// Opens a connection, hands it to the body and closes it.
    ///
    /// - Parameters:
    ///   - configuration: Where the server is and how to be let in.
    ///   - reaching: What becomes of requests when no server answers.
    ///   - body: Uses the connection.
    /// - Returns: What the body returns.
    /// - Throws: ``KubernetesError`` with code `configuration` for a certificate or key that can't be read, and what
    ///   the body throws.
    public static func with<Result>(
        _ configuration: ClusterConfiguration,
        reaching: Reaching = .patiently,
        _ body: (ClusterConnection) async throws -> Result
    ) async throws -> Result {
        var settings = try clientConfiguration(configuration)
        settings.connectionPool.retryConnectionEstablishment = reaching == .patiently
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(try await body(ClusterConnection(client: client, configuration: configuration)))
        } catch {
            outcome = .failure(error)
        }
        try await client.shutdown()
        return try outcome.get()
    }

    private static func clientConfiguration(
        _ configuration: ClusterConfiguration
    ) throws(KubernetesError) -> HTTPClient.Configuration {
        var result = HTTPClient.Configuration(
            tlsConfiguration: try tlsConfiguration(configuration),
            redirectConfiguration: .disallow
        )
        result.timeout = .init(connect: .seconds(10))
        result.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        // One connection per watch and no more round trips than needed: HTTP/1.1 does as well as HTTP/2 here.
        result.httpVersion = .http1Only
        return result
    }

    static func tlsConfiguration(_ configuration: ClusterConfiguration) throws(KubernetesError) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        do {
            if let authority = configuration.certificateAuthority {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authority))
            }
            if case .certificate(let chain, let key) = configuration.credentials {
                tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(chain).map { .certificate($0) }
                tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem))
            }
        } catch {
            throw KubernetesError(
                .configuration,
                "a certificate or key for \(configuration.server) can't be read: \(error)"
            )
        }
        if configuration.skipsVerification { tls.certificateVerification = .none }
        return tls
    }

    /// Sends a request and reads the answer whole.
    public func send(_ request: APIRequest) async throws -> APIResponse {
        do {
            let response = try await client.execute(httpRequest(request), timeout: Self.timeout)
            let body = try await response.body.collect(upTo: Self.largestAnswer)
            return APIResponse(
                status: Int(response.status.code),
                body: Array(buffer: body),
                warnings: response.headers["warning"].compactMap(Self.warning)
            )
        } catch let error as CancellationError {
            throw error
        } catch let error as KubernetesError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw unreachable(error)
        }
    }

    /// Sends a request and hands the answer on as it comes, until the reader has enough.
    public func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
        let response: HTTPClientResponse
        do {
            response = try await client.execute(httpRequest(request), deadline: .distantFuture)
        } catch {
            try Task.checkCancellation()
            throw (error as? KubernetesError) ?? unreachable(error)
        }
        guard (200..<300).contains(response.status.code) else {
            let text = try await response.body.collect(upTo: 1024 * 1024)
            let status = try? JSONValue(parsing: Array(buffer: text))
            throw KubernetesError(httpStatus: Int(response.status.code), status: status, request: request)
        }
        var iterator = response.body.makeAsyncIterator()
        while true {
            let piece: ByteBuffer?
            do {
                piece = try await iterator.next()
            } catch {
                try Task.checkCancellation()
                throw unreachable(error)
            }
            guard let piece, try await body(Array(buffer: piece)) else { return }
        }
    }

    func httpRequest(_ request: APIRequest) throws(KubernetesError) -> HTTPClientRequest {
        var result = HTTPClientRequest(url: configuration.server + request.target)
        result.method = HTTPMethod(rawValue: request.method.rawValue)
        result.headers.add(name: "accept", value: request.accept)
        result.headers.add(name: "user-agent", value: "kargo-extended")
        switch configuration.credentials {
        case .anonymous, .certificate: break
        case .token(let token): result.headers.add(name: "authorization", value: "Bearer \(token)")
        case .tokenFile(let path):
            let text = String(decoding: try ClusterConfiguration.contents(of: path), as: UTF8.self)
            let token = text.filter { !$0.isWhitespace }
            result.headers.add(name: "authorization", value: "Bearer \(token)")
        case .basic(let username, let password): result.setBasicAuth(username: username, password: password)
        }
        if let body = request.body {
            result.headers.add(name: "content-type", value: request.contentType)
            result.body = .bytes(body)
        }
        return result
    }

    private func unreachable(_ error: any Error) -> KubernetesError {
        KubernetesError(.unreachable, "the cluster at \(configuration.server) can't be reached: \(error)")
    }

    /// The text of `299 - "text"`.
    private static func warning(_ header: String) -> String? {
        guard let start = header.firstIndex(of: "\""), header.hasSuffix("\"") else { return nil }
        return String(header[header.index(after: start)...].dropLast()).replacing("\\\"", with: "\"")
    }
}
