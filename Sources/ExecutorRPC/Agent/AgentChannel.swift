import HummingbirdCore
import KargoCore
import Logging
import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// A connection of the agent's server: TLS 1.3, then HTTP.
struct AgentChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    /// Longer than a controller keeps a connection that it does not use.
    private static let idleTimeout = TimeAmount.seconds(120)

    private let base: HTTP1Channel
    private let context: NIOSSLContext
    private let gate: HandshakeGate

    init(context: NIOSSLContext, gate: HandshakeGate, responder: @escaping HTTPChannelHandler.Responder) {
        self.context = context
        self.gate = gate
        base = HTTP1Channel(responder: responder, configuration: .init(idleTimeout: Self.idleTimeout))
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
                try pipeline.addHandler(HandshakeGuard(gate))
            }
            .flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

/// How many connections may be without their TLS at a time, and for how long.
///
/// Whoever is in the Pod or its network can open connections; without a limit they would take the agent's memory.
final class HandshakeGate: Sendable {
    static let limit = 64

    let timeout: TimeAmount
    private let pending = Mutex(0)

    init(timeout: Duration) {
        self.timeout = TimeAmount(timeout)
    }

    fileprivate func enter() -> Bool {
        pending.withLock { count in
            guard count < Self.limit else { return false }
            count += 1
            return true
        }
    }

    fileprivate func leave() { pending.withLock { $0 -= 1 } }
}

/// Ends a connection whose TLS takes too long, or that is one too many; and one whose client has closed its side, which
/// over TLS waits for that.
private final class HandshakeGuard: ChannelInboundHandler {
    typealias InboundIn = Any

    private let gate: HandshakeGate
    private var hasBegun = false
    private var isPending = false
    private var timeout: Scheduled<Void>?

    init(_ gate: HandshakeGate) {
        self.gate = gate
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { end() }
        if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard !hasBegun else { return }
        hasBegun = true
        guard gate.enter() else {
            context.close(promise: nil)
            return
        }
        isPending = true
        let channel = context.channel
        timeout = context.eventLoop.scheduleTask(in: gate.timeout) { channel.close(promise: nil) }
    }

    private func end() {
        timeout?.cancel()
        timeout = nil
        guard isPending else { return }
        isPending = false
        gate.leave()
    }
}
