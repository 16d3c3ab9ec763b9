import AsyncHTTPClient
import KargoCore
import KubernetesClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Stands between clients and an API server, writes down what is asked, and lets go wrong what a plan says.
final class FaultProxy: Sendable {
    /// What goes wrong.
    let plan: FaultPlan
    /// Where clients find it.
    let port: Int

    private let server: String
    private let client: HTTPClient
    private let log: RequestLog

    private init(port: Int, server: String, plan: FaultPlan, client: HTTPClient, log: RequestLog) {
        self.port = port
        self.server = server
        self.plan = plan
        self.client = client
        self.log = log
    }

    /// Runs a proxy as long as the body lasts.
    static func with<Result: Sendable>(
        kubeconfig: String,
        plan: FaultPlan = FaultPlan(),
        log: RequestLog = RequestLog(),
        _ body: (FaultProxy) async throws -> Result
    ) async throws -> Result {
        let target = try ClusterConfiguration.discover(environment: ["KUBECONFIG": kubeconfig])
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(target.certificateAuthority ?? []))
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        // Each watch has one.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1000
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let running = Mutex<FaultProxy?>(nil)
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(
                try await LoopbackServer.with { head, body, writer in
                    guard let proxy = running.withLock({ $0 }) else { throw CancellationError() }
                    try await proxy.serve(head, body, writer)
                } _: { port in
                    let proxy = FaultProxy(port: port, server: target.server, plan: plan, client: client, log: log)
                    running.withLock { $0 = proxy }
                    return try await body(proxy)
                }
            )
        } catch {
            outcome = .failure(error)
        }
        try await client.shutdown()
        return try outcome.get()
    }

    /// Writes a kubeconfig that leads here instead of to the server.
    func write(kubeconfig: String, to path: String) throws {
        var value = try JSONValue(yaml: String(contentsOf: URL(filePath: kubeconfig), encoding: .utf8))
        value["clusters"] = [
            ["name": "local", "cluster": ["server": .string("http://127.0.0.1:\(port)")]]
        ]
        try Data(value.serialized()).write(to: URL(filePath: path))
    }

    private func serve(_ head: HTTPRequestHead, _ body: ByteBuffer, _ writer: LoopbackServer.Writer) async throws {
        let asked = AskedRequest(method: head.method.rawValue, uri: head.uri)
        log.add(asked)
        let fault = plan.fault(of: asked)
        switch fault {
        case .hangUp: throw CancellationError()
        case .status(let status, let retryAfter):
            let headers = retryAfter.map { [("retry-after", "\($0)")] } ?? []
            return try await LoopbackServer.write(status, Self.refusal(status), headers: headers, to: writer)
        // A slow network: nobody waits here for something else.
        case .delay(let milliseconds): try await Self.pass(.milliseconds(Int64(milliseconds)))
        case .loseAnswer, .cut, nil: break
        }
        var request = HTTPClientRequest(url: server + head.uri)
        request.method = head.method
        request.headers = head.headers
        for name in ["host", "connection", "content-length", "transfer-encoding"] { request.headers.remove(name: name) }
        if body.readableBytes > 0 { request.body = .bytes(body) }
        let response = try await client.execute(request, deadline: .distantFuture)
        if fault == .loseAnswer { throw CancellationError() }
        var headers = response.headers
        if fault != .cut { headers.remove(name: "connection") }
        try await writer.write(.head(HTTPResponseHead(version: .http1_1, status: response.status, headers: headers)))
        for try await var piece in response.body {
            if fault == .cut {
                let half = piece.readSlice(length: piece.readableBytes / 2) ?? ByteBuffer()
                try await writer.write(.body(.byteBuffer(half)))
                throw CancellationError()
            }
            try await writer.write(.body(.byteBuffer(piece)))
        }
        try await writer.write(.end(nil))
    }

    private static func pass(_ time: TimeAmount) async throws {
        try await MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: time) {}.futureResult.get()
    }

    private static func refusal(_ status: Int) -> String {
        let reasons = [
            401: "Unauthorized", 403: "Forbidden", 409: "Conflict", 410: "Expired", 422: "Invalid",
            429: "TooManyRequests", 500: "InternalError",
        ]
        return """
            {"kind":"Status","apiVersion":"v1","status":"Failure","code":\(status),\
            "reason":"\(reasons[status] ?? "ServiceUnavailable")","message":"made up: \(status)"}
            """
    }
}

/// What was asked, each once, and how often.
final class RequestLog: Sendable {
    private let counts = Mutex<[AskedRequest: Int]>([:])

    func add(_ request: AskedRequest) { counts.withLock { $0[request, default: 0] += 1 } }

    /// What was asked.
    var all: Set<AskedRequest> { counts.withLock { Set($0.keys) } }

    /// How often something was asked.
    func count(_ isMeant: (AskedRequest) -> Bool) -> Int {
        counts.withLock { $0.filter { isMeant($0.key) }.reduce(0) { $0 + $1.value } }
    }
}
