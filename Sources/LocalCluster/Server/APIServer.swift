import AsyncAlgorithms
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import KargoCore
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// Serves the API over HTTPS.
struct APIServer: Sendable {
    let handler: APIHandler
    let identity: RenewedIdentity
    let address: ListenAddress
    let port: Int
    let limits: RequestLimits
    let logger: Logger

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onReady: Called with the port when the server listens.
    /// - Throws: The port is taken.
    func run(onReady: @escaping @Sendable (Int) async -> Void) async throws {
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(identity.current.certificate)
                .map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: identity.current.key, format: .pem))
        )
        tls.sslContextCallback = { [identity] _, promise in promise.succeed(identity.credentials()) }
        tls.minimumTLSVersion = .tlsv12
        // It takes every connection that ends for an error.
        var quiet = logger
        quiet.logLevel = .critical
        let requests = RequestGate(limit: limits.concurrentRequests)
        let streams = RequestGate(limit: limits.concurrentStreams)
        let application = Application(
            responder: CallbackResponder<Context> { request, context in
                let answer = await answer(to: request, requests)
                return response(answer, channel: context.channel, streams)
            },
            server: try .tls(
                HTTPServerBuilder { responder in
                    let http = HTTP1Channel.Configuration(additionalChannelHandlers: [EndOfInputHandler()])
                    return UpgradableChannel(base: HTTP1Channel(responder: responder, configuration: http)) {
                        forwardedPort($0)
                    }
                },
                tlsConfiguration: tls
            ),
            configuration: ApplicationConfiguration(address: .hostname(address.text, port: port)),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? port) },
            logger: quiet
        )
        try await application.run()
    }

    private func answer(to request: Request, _ gate: RequestGate) async -> APIAnswer {
        guard let caller = caller(authorization: request.headers[.authorization]) else {
            return .failure(APIFailure(401, "Unauthorized", "Unauthorized"))
        }
        guard gate.enter() else { return .failure(.tooManyRequests) }
        defer { gate.leave() }
        let effective: Caller
        let body: [UInt8]
        do {
            effective = try caller.impersonating(request.headers.map { ($0.name.rawName, $0.value) })
            body = Array(buffer: try await request.body.collect(upTo: limits.bodySize))
        } catch is NIOTooManyBytesError {
            return .failure(.tooLarge(limit: limits.bodySize))
        } catch let failure as APIFailure {
            return .failure(failure)
        } catch {
            return .failure(.badRequest("the body of the request is broken: \(error)"))
        }
        let (path, query) = RequestTarget.split(request.uri.description)
        return await handler.answer(
            APICall(
                method: request.method.rawValue,
                path: path,
                query: query,
                accept: request.headers[.accept] ?? "",
                contentType: request.headers[.contentType] ?? "",
                ifNoneMatch: request.headers[.ifNoneMatch],
                body: body,
                caller: effective,
                userAgent: request.headers[.userAgent] ?? ""
            )
        )
    }

    /// Who is calling; nil for a token that is worth nothing.
    private func caller(authorization: String?) -> Caller? {
        guard let header = authorization, header.hasPrefix("Bearer ") else { return nil }
        return try? handler.authenticator.caller(withToken: String(header.dropFirst("Bearer ".count))).caller
    }

    /// The port that a request for a WebSocket asks for.
    private func forwardedPort(_ head: HTTPRequestHead) -> Result<ForwardedPort, APIFailure> {
        guard caller(authorization: head.headers.first(name: "authorization")) != nil else {
            return .failure(APIFailure(401, "Unauthorized", "Unauthorized"))
        }
        let (path, query) = RequestTarget.split(head.uri)
        // A kubelet has no representation of a port.
        let accepted = head.headers["accept"]
        guard accepted.isEmpty || accepted.contains(where: { $0.contains("*/*") }) else {
            return .failure(APIFailure(406, "NotAcceptable", "a forwarded port is of no media type; accept */*"))
        }
        do {
            let subprotocols = head.headers[canonicalForm: "sec-websocket-protocol"].map(String.init)
            return .success(try handler.forwardedPort(path, query, subprotocols: subprotocols))
        } catch let failure as APIFailure {
            return .failure(failure)
        } catch {
            return .failure(APIFailure(500, "InternalError", "Internal error occurred: \(error)"))
        }
    }

    private func response(_ answer: APIAnswer, channel: any Channel, _ streams: RequestGate) -> Response {
        var answer = answer
        if case .stream = answer.body, streams.isFull { answer = .failure(.tooManyRequests) }
        var headers = HTTPFields()
        headers[.contentType] = answer.contentType
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
        }
        let status = HTTPResponse.Status(code: answer.status)
        switch answer.body {
        case .whole(let bytes):
            return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .stream(let produce):
            let body = ResponseBody { writer in
                var outlet = writer
                streams.enterAnyway()
                defer { streams.leave() }
                let pieces = AsyncThrowingChannel<[UInt8], any Error>()
                channel.closeFuture.whenComplete { _ in pieces.finish() }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        do {
                            try await produce { await pieces.send($0) }
                            pieces.finish()
                        } catch {
                            pieces.fail(error)
                        }
                    }
                    // Where the connection is gone, nobody may write for long.
                    defer { group.cancelAll() }
                    for try await bytes in pieces { try await outlet.write(ByteBuffer(bytes: bytes)) }
                }
                try await outlet.finish(nil)
            }
            return Response(status: status, headers: headers, body: body)
        }
    }

    /// A request with the connection it came on.
    private struct Context: RequestContext {
        var coreContext: CoreRequestContextStorage
        let channel: any Channel

        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
            channel = source.channel
        }
    }
}

/// Closes a connection whose client has closed its side, which over TLS waits for that.
private final class EndOfInputHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = Any

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}

/// The path and the query of a request, decoded.
enum RequestTarget {
    static func split(_ target: String) -> (path: String, query: [String: String]) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var query: [String: String] = [:]
        if parts.count == 2 {
            for pair in parts[1].split(separator: "&") {
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let value = sides.count == 2 ? sides[1].replacing("+", with: " ") : ""
                query[decode(sides[0])] = decode(Substring(value))
            }
        }
        return (decode(parts[0]), query)
    }

    /// A text without the escapes of URLs.
    static func decode(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                rest.count >= 2
            {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
