import HummingbirdCore
import KargoCore
import Logging
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// A connection of the server: its first request decides whether it carries requests, or the bytes of a port.
struct UpgradableChannel: ServerChildChannel {
    typealias Socket = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    /// What a connection turned out to be.
    enum Use: Sendable {
        case requests(HTTP1Channel.Value)
        case port(Socket, ForwardedPort)
        /// The WebSocket was refused, and the refusal sent.
        case nothing
    }

    struct Value: ServerChildChannelValue {
        let use: EventLoopFuture<Use>
        let channel: any Channel
    }

    /// The largest frame that is taken.
    private static let largestFrame = 1 << 20

    let base: HTTP1Channel
    /// Finds the port that a request asks for.
    let findPort: @Sendable (HTTPRequestHead) async -> Result<ForwardedPort, APIFailure>

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let use = channel.eventLoop.makePromise(of: Use.self)
            let handler = FirstRequestHandler(use) { request in
                switch request {
                case .portForward: upgrade(channel)
                default: base.setup(channel: channel, logger: logger).map { .requests($0) }
                }
            }
            try channel.pipeline.syncOperations.addHandler(handler)
            return Value(use: use.futureResult, channel: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            // A client that has connected and asks for nothing must not hold the server up.
            let use = try await withTaskCancellationHandler {
                try await value.use.get()
            } onCancel: {
                value.channel.close(promise: nil)
            }
            switch use {
            case .requests(let requests): await base.handle(value: requests, logger: logger)
            case .port(let socket, let port): try await PortForwarding.run(socket, to: port)
            case .nothing: break
            }
        } catch {
            logger.trace("a connection broke", metadata: ["error": "\(error)"])
        }
    }

    /// Puts HTTP in place that is good for one upgrade and nothing else; what it comes to is known later.
    private func upgrade(_ channel: any Channel) -> EventLoopFuture<Use> {
        let port = channel.eventLoop.makePromise(of: Result<ForwardedPort, APIFailure>.self)
        channel.closeFuture.whenComplete { _ in port.fail(ChannelError.eof) }
        let upgrader = NIOTypedWebSocketServerUpgrader<Use>(
            maxFrameSize: Self.largestFrame,
            shouldUpgrade: { channel, head in
                port.completeWithTask { await findPort(head) }
                return port.futureResult.map { result -> HTTPHeaders? in
                    guard case .success = result else { return nil }
                    return ["sec-websocket-protocol": ForwardedPort.subprotocol]
                }
            },
            upgradePipelineHandler: { channel, _ in
                port.futureResult.flatMapThrowing { result in
                    .port(try Socket(wrappingChannelSynchronously: channel), try result.get())
                }
            }
        )
        let configuration = NIOTypedHTTPServerUpgradeConfiguration(upgraders: [upgrader]) { channel in
            // Whoever asks in a way that the upgrader does not even look at gets no answer from it.
            port.succeed(.failure(.badRequest("the request for a WebSocket makes no sense")))
            return port.futureResult.flatMap { result in
                guard case .failure(let failure) = result else {
                    return channel.eventLoop.makeSucceededFuture(.nothing)
                }
                return Self.refuse(channel, failure)
            }
        }
        do {
            return try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                configuration: NIOUpgradableHTTPServerPipelineConfiguration(upgradeConfiguration: configuration)
            )
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
    }

    private static func refuse(_ channel: any Channel, _ failure: APIFailure) -> EventLoopFuture<Use> {
        let text = failure.status.serialized()
        let head = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: failure.code),
            headers: [
                "content-type": "application/json", "content-length": "\(text.count)", "connection": "close",
            ]
        )
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: text))), promise: nil)
        return channel.writeAndFlush(HTTPServerResponsePart.end(nil))
            .flatMap { channel.close() }
            .map { .nothing }
    }
}

/// Holds the first bytes of a connection back until it is known who is to have them.
private final class FirstRequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let use: EventLoopPromise<UpgradableChannel.Use>
    private let prepare: (FirstRequest) -> EventLoopFuture<UpgradableChannel.Use>
    private var bytes = ByteBuffer()
    private var isDecided = false

    init(
        _ use: EventLoopPromise<UpgradableChannel.Use>,
        prepare: @escaping (FirstRequest) -> EventLoopFuture<UpgradableChannel.Use>
    ) {
        self.use = use
        self.prepare = prepare
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes.writeImmutableBuffer(unwrapInboundIn(data))
        guard !isDecided else { return }
        let request = FirstRequest(bytes.readableBytesView)
        guard request != .undecided else { return }
        isDecided = true
        // The handlers are there when this returns; of an upgrade the outcome is not.
        prepare(request).cascade(to: use)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
        context.fireChannelRead(wrapInboundOut(bytes))
        context.fireChannelReadComplete()
        bytes.clear()
        context.leavePipeline(removalToken: removalToken)
    }

    func channelInactive(context: ChannelHandlerContext) {
        use.fail(ChannelError.eof)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        if !isDecided { use.fail(ChannelError.eof) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // As the handlers of requests do.
        if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        if event is ChannelShouldQuiesceEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
