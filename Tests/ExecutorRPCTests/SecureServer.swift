import KargoCore
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Answers each request over TLS on a loopback address with given bytes, and keeps what it was sent.
struct SecureServer: Sendable {
    let port: Int
    private let ledger: Ledger

    /// The requests, headers and body.
    var requests: [String] { ledger.all }

    /// Listens while the body runs; where it stays open, it leaves the connection silent after its reply.
    static func with<Result>(
        identity: Certificate.Pair,
        reply: String,
        staysOpen: Bool = false,
        _ body: (SecureServer) async throws -> Result
    ) async throws -> Result {
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMBytes(identity.certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: identity.key, format: .pem))
            )
        )
        let ledger = Ledger()
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        NIOSSLServerHandler(context: context),
                        ReplyHandler(Array(reply.utf8), ledger, staysOpen: staysOpen)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        let server = SecureServer(port: listener.localAddress?.port ?? 0, ledger)
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(try await body(server))
        } catch {
            outcome = .failure(error)
        }
        try await listener.close()
        return try outcome.get()
    }

    private init(port: Int, _ ledger: Ledger) {
        self.port = port
        self.ledger = ledger
    }
}

/// What a server was sent.
private final class Ledger: Sendable {
    private let requests = Mutex<[String]>([])

    var all: [String] { requests.withLock { $0 } }
    func add(_ request: String) { requests.withLock { $0.append(request) } }
}

/// Answers as soon as a request is there, with its body if it promises one.
private final class ReplyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let reply: [UInt8]
    private let ledger: Ledger
    private let staysOpen: Bool
    private var request: [UInt8] = []

    init(_ reply: [UInt8], _ ledger: Ledger, staysOpen: Bool) {
        self.reply = reply
        self.ledger = ledger
        self.staysOpen = staysOpen
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        request += unwrapInboundIn(data).readableBytesView
        guard LoopbackServer.isComplete(request) else { return }
        ledger.add(String(decoding: request, as: UTF8.self))
        request = []
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: reply)), promise: nil)
        if !staysOpen { context.close(promise: nil) }
    }
}
