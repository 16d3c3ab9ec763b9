import HummingbirdCore
import KargoCore
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// A connection of the agent's server: TLS 1.3, then HTTP.
struct AgentChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    /// Longer than a controller keeps a connection that it does not use.
    private static let idleTimeout = TimeAmount.seconds(120)

    private let base: HTTP1Channel
    private let context: NIOSSLContext
    private let gate: StrangerGate

    /// Makes a connection.
    ///
    /// - Parameters:
    ///   - context: What TLS is done with.
    ///   - gate: Lets in whoever has not proved yet that he is the controller.
    ///   - isAuthorized: Whether a request proves that.
    ///   - responder: Answers requests.
    init(
        context: NIOSSLContext,
        gate: StrangerGate,
        isAuthorized: @escaping @Sendable (Request) -> Bool,
        responder: @escaping HTTPChannelHandler.Responder
    ) {
        self.context = context
        self.gate = gate
        base = HTTP1Channel(
            responder: { request, writer, channel in
                if isAuthorized(request) { channel.pipeline.fireUserInboundEventTriggered(StrangerGuard.Known()) }
                try await responder(request, writer, channel)
            },
            configuration: .init(idleTimeout: Self.idleTimeout)
        )
    }

    /// What TLS is done with.
    static func makeContext(_ identity: Certificate.Pair) throws -> NIOSSLContext {
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(identity.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: identity.key, format: .pem))
        )
        tls.minimumTLSVersion = .tlsv13
        return try NIOSSLContext(configuration: tls)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop
            .makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandler(NIOSSLServerHandler(context: context))
                try pipeline.addHandler(StrangerGuard(gate))
            }
            .flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

/// How many connections may be without a request of the controller at a time, and for how long.
///
/// Whoever is in the Pod or its network can open connections; without a limit they would take the agent's memory. The
/// oldest makes room for the next one, so that they don't keep the controller out.
final class StrangerGate: Sendable {
    static let limit = 64

    let timeout: TimeAmount
    private let strangers = Mutex<[any Channel]>([])

    init(timeout: Duration) {
        self.timeout = TimeAmount(timeout)
    }

    fileprivate func enter(_ channel: any Channel) {
        let oldest = strangers.withLock { strangers in
            strangers.append(channel)
            return strangers.count > Self.limit ? strangers.removeFirst() : nil
        }
        oldest?.close(promise: nil)
    }

    fileprivate func leave(_ channel: any Channel) { strangers.withLock { $0.removeAll { $0 === channel } } }
}

/// Ends a connection that takes too long to prove that it is the controller's; and one whose client has closed its side,
/// which over TLS waits for that.
private final class StrangerGuard: ChannelInboundHandler {
    typealias InboundIn = Any

    /// The connection is the controller's.
    struct Known: Sendable {}

    private let gate: StrangerGate
    private var hasBegun = false
    private var timeout: Scheduled<Void>?

    init(_ gate: StrangerGate) {
        self.gate = gate
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { end(context) }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(context)
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is Known { end(context) }
        if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard !hasBegun else { return }
        hasBegun = true
        let channel = context.channel
        timeout = context.eventLoop.scheduleTask(in: gate.timeout) { channel.close(promise: nil) }
        gate.enter(channel)
    }

    private func end(_ context: ChannelHandlerContext) {
        guard let timeout else { return }
        timeout.cancel()
        self.timeout = nil
        gate.leave(context.channel)
    }
}
