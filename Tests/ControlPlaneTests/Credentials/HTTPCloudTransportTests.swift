import KargoCore
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import ControlPlane

@Suite("Calls of clouds", .timeLimit(.minutes(1)))
struct HTTPCloudTransportTests {
    /// Remembers the tunnels that a proxy was asked for.
    private final class Tunnels: Sendable {
        private let log = Mutex<[String]>([])

        var all: [String] { log.withLock(\.self) }

        func add(_ tunnel: String) { log.withLock { $0.append(tunnel) } }
    }

    /// Answers with what it was asked: method, path, two headers and body; redirects `/away`; as a proxy it refuses.
    private final class Echo: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let log: Tunnels
        private var head: HTTPRequestHead?
        private var body = ByteBuffer()

        init(log: Tunnels) { self.log = log }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let next): head = next
            case .body(let part): body.writeImmutableBuffer(part)
            case .end:
                guard let head, head.uri != "/never" else { return }
                if head.method == .CONNECT {
                    log.add("\(head.uri) \(head.headers.first(name: "proxy-authorization") ?? "-")")
                }
                let text = [
                    head.method.rawValue, head.uri, head.headers.first(name: "x-a") ?? "",
                    head.headers.first(name: "user-agent") ?? "", String(buffer: body),
                ]
                .joined(separator: " ")
                let status: HTTPResponseStatus =
                    head.method == .CONNECT ? .forbidden : head.uri == "/away" ? .found : .accepted
                let response = HTTPResponseHead(
                    version: .http1_1,
                    status: status,
                    headers: ["content-length": "\(text.utf8.count)", "location": "/elsewhere"]
                )
                context.write(wrapOutboundOut(.head(response)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }

    private func calling(
        proxies: @Sendable (_ address: String) -> [String: String] = { _ in [:] },
        tunnels: Tunnels = Tunnels(),
        _ body: (HTTPCloudTransport, _ base: String) async throws -> Void
    ) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Echo(log: tunnels))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let outcome: Result<Void, any Error>
        do {
            let port = server.localAddress?.port ?? 0
            let address = "127.0.0.1:\(port)"
            let rules = ProxyRules(environment: proxies(address))
            outcome = .success(
                try await HTTPCloudTransport.with(proxies: rules) { try await body($0, "http://\(address)") }
            )
        } catch {
            outcome = .failure(error)
        }
        try await server.close()
        try outcome.get()
    }

    @Test func `send what they are given, and follow nothing`() async throws {
        try await calling { transport, base async throws in
            let request = CloudRequest("POST", "\(base)/a?b=c%2Fd", headers: [("X-A", "1")], body: Array("x=y".utf8))
            #expect(
                try await transport.send(request)
                    == CloudResponse(status: 202, body: Array("POST /a?b=c%2Fd 1 kargo x=y".utf8))
            )
            #expect(try await transport.send(CloudRequest("GET", "\(base)/away")).status == 302)
        }
    }

    @Test(
        arguments: [
            ("https://sts.test/a", "sts.test:443 Basic dXNlcjpwYXNz"), ("http://plain.test/", "plain.test:80 -"),
            ("http://plain.test:8080/", "plain.test:8080 -"), ("https://near.test/", nil), ("BASE/a", nil),
        ] as [(String, String?)]
    )
    func `go through proxies`(url: String, tunnel: String?) async throws {
        let tunnels = Tunnels()
        let variables = { @Sendable (address: String) in
            ["HTTPS_PROXY": "http://user:pass@\(address)", "http_proxy": address, "NO_PROXY": "near.test"]
        }
        try await calling(proxies: variables, tunnels: tunnels) { transport, base async throws in
            let request = CloudRequest("GET", url.replacing("BASE", with: base))
            if url.hasPrefix("BASE") {
                #expect(try await transport.send(request).status == 202)
            } else {
                await #expect(throws: (any Error).self) { try await transport.send(request) }
            }
        }
        #expect(tunnels.all == [tunnel].compactMap(\.self))
    }

    @Test func `reach what tells a machine about itself without proxies`() async throws {
        let tunnels = Tunnels()
        let variables = { @Sendable (address: String) in ["HTTP_PROXY": address] }
        try await calling(proxies: variables, tunnels: tunnels) { transport, _ async throws in
            let direct = CloudRequest.ofMachine("http://metadata.invalid/", headers: [], timeout: .seconds(5))
            await #expect(throws: (any Error).self) { try await transport.send(direct) }
            #expect(tunnels.all == [])
            await #expect(throws: (any Error).self) {
                try await transport.send(CloudRequest("GET", "http://metadata.invalid/"))
            }
            #expect(tunnels.all == ["metadata.invalid:80 -"])
        }
    }

    @Test func `are not made where the proxy can't be used`() async throws {
        let variables = { @Sendable (_: String) in ["HTTPS_PROXY": "socks5://127.0.0.1:1"] }
        try await calling(proxies: variables) { transport, _ async throws in
            await #expect(throws: RequestURL.Malformed.self) {
                try await transport.send(CloudRequest("GET", "https://sts.test/"))
            }
        }
    }

    @Test func `end when the time is over`() async throws {
        try await calling { transport, base async throws in
            await #expect(throws: (any Error).self) {
                try await transport.send(CloudRequest("GET", "\(base)/never", timeout: .milliseconds(50)))
            }
        }
    }
}
