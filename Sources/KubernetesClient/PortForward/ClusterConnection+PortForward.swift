import AsyncHTTPClient
import KargoCore
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

extension ClusterConnection {
    typealias PortForwardChannel = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    private static let portForwardProtocol = "v4.channel.k8s.io"
    /// The largest frame that is taken; servers send some 32 KiB at a time.
    private static let largestFrame = 1 << 20
    /// How long the server may take to agree.
    private static let portForwardTimeout = TimeAmount.seconds(10)

    /// What became of the request for a WebSocket.
    private enum Upgrade: Sendable {
        case done(PortForwardChannel)
        case refused(NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>)
    }

    /// Opens a connection to a port of a Pod, through the API server and the kubelet.
    ///
    /// - Parameters:
    ///   - pod: The Pod.
    ///   - port: The port.
    /// - Returns: The WebSocket; see ``PortForwardReader``.
    /// - Throws: ``KubernetesError``.
    func openPortForward(_ pod: ObjectKey, port: Int) async throws -> PortForwardChannel {
        let path = APIResource.pods.path(namespace: pod.namespace, name: pod.name, subresource: "portforward")
        // The kubelet, to which the server hands the request on, refuses one that accepts a certain type only (406).
        let request = APIRequest(.get, path, query: [("ports", String(port))], accept: "*/*")
        let upgrade: Upgrade
        do {
            upgrade = try await self.upgrade(request).get()
        } catch let error as KubernetesError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw KubernetesError(
                .unreachable,
                "the cluster does not forward port \(port) of Pod \(pod.name): \(error)"
            )
        }
        switch upgrade {
        case .done(let channel): return channel
        case .refused(let channel): throw await Self.refusal(channel, request)
        }
    }

    private func upgrade(_ request: APIRequest) async throws -> EventLoopFuture<Upgrade> {
        guard configuration.proxy == nil else {
            throw KubernetesError(
                .configuration,
                "ports can't be forwarded through the proxy of \(configuration.server); take the cluster out of it with "
                    + "NO_PROXY, or reach agents directly"
            )
        }
        let proof = try await authenticator.proof()
        var headers = httpRequest(request, proof).headers
        let tls = try proof.tls ?? configuration.tlsConfiguration()
        let context = try address.isSecure ? NIOSSLContext(configuration: tls) : nil
        let name = configuration.tlsServerName ?? address.host
        headers.add(name: "sec-websocket-protocol", value: Self.portForwardProtocol)
        let head = HTTPRequestHead(
            version: .http1_1,
            method: .GET,
            uri: address.path + request.target,
            headers: headers
        )
        return try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(Self.portForwardTimeout)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context {
                        let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
                        try pipeline.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : name)
                        )
                    }
                    return try Self.upgrade(channel, head)
                }
            }
    }

    private static func upgrade(_ channel: any Channel, _ head: HTTPRequestHead) throws -> EventLoopFuture<Upgrade> {
        let timeout = channel.eventLoop.scheduleTask(in: portForwardTimeout) { channel.close(promise: nil) }
        let upgrader = NIOTypedWebSocketClientUpgrader<Upgrade>(maxFrameSize: largestFrame) { channel, head in
            channel.eventLoop.makeCompletedFuture {
                timeout.cancel()
                guard head.headers["sec-websocket-protocol"] == [portForwardProtocol] else {
                    throw KubernetesError(.badResponse, "the server does not speak \(portForwardProtocol)")
                }
                return .done(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
            }
        }
        let configuration = NIOTypedHTTPClientUpgradeConfiguration(
            upgradeRequestHead: head,
            upgraders: [upgrader]
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                .refused(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
            }
        }
        var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration)
        // The first frames may come in one piece with the answer.
        pipeline.leftOverBytesStrategy = .forwardBytes
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline)
    }

    /// What the server said instead of agreeing.
    private static func refusal(
        _ channel: NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>,
        _ request: APIRequest
    ) async -> KubernetesError {
        var status = 0
        var body: [UInt8] = []
        do {
            try await channel.executeThenClose { inbound, _ in
                for try await part in inbound {
                    switch part {
                    case .head(let head): status = Int(head.status.code)
                    case .body(let piece): body += piece.readableBytesView
                    case .end: return
                    }
                    if body.count > largestFrame { return }
                }
            }
        } catch {
            return KubernetesError(.unreachable, "\(request.path) was not answered: \(error)")
        }
        return KubernetesError(httpStatus: status, status: try? JSONValue(parsing: body), request: request)
    }
}
