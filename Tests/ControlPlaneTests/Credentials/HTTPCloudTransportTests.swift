import KargoCore
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import ControlPlane

@Suite("Calls of clouds", .timeLimit(.minutes(1)))
struct HTTPCloudTransportTests {
    /// Answers with what it was asked: method, path, two headers and body; redirects `/away`.
    private final class Echo: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private var head: HTTPRequestHead?
        private var body = ByteBuffer()

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let next): head = next
            case .body(let part): body.writeImmutableBuffer(part)
            case .end:
                guard let head, head.uri != "/never" else { return }
                let text = [
                    head.method.rawValue, head.uri, head.headers.first(name: "x-a") ?? "",
                    head.headers.first(name: "user-agent") ?? "", String(buffer: body),
                ]
                .joined(separator: " ")
                let isAway = head.uri == "/away"
                let response = HTTPResponseHead(
                    version: .http1_1,
                    status: isAway ? .found : .accepted,
                    headers: ["content-length": "\(text.utf8.count)", "location": "/elsewhere"]
                )
                context.write(wrapOutboundOut(.head(response)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }

    private func calling(_ body: (HTTPCloudTransport, _ base: String) async throws -> Void) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Echo())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let outcome: Result<Void, any Error>
        do {
            let port = server.localAddress?.port ?? 0
            outcome = .success(try await HTTPCloudTransport.with { try await body($0, "http://127.0.0.1:\(port)") })
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

    @Test func `end when the time is over`() async throws {
        try await calling { transport, base async throws in
            await #expect(throws: (any Error).self) {
                try await transport.send(CloudRequest("GET", "\(base)/never", timeout: .milliseconds(50)))
            }
        }
    }
}
