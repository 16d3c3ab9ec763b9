import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore

/// Serves `/healthz`, `/readyz` and `/metrics` over plain HTTP, to whoever reaches it.
public struct OperationsServer: Sendable {
    private let operations: ControllerOperations
    private let address: BindAddress
    private let logger: Logger

    /// Makes a server.
    ///
    /// - Parameters:
    ///   - operations: What there is to tell.
    ///   - address: Where it listens.
    ///   - logger: Where it tells what happens.
    public init(_ operations: ControllerOperations, address: BindAddress, logger: Logger) {
        self.operations = operations
        self.address = address
        self.logger = logger
    }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onReady: Called with the port when the server listens.
    /// - Throws: ``BindAddress/Unusable``.
    public func run(onReady: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        // It takes every connection that ends for an error.
        var quiet = logger
        quiet.logLevel = .critical
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in await respond(to: request) },
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(address: .hostname(address.listenHost, port: address.port)),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? address.port) },
            logger: quiet
        )
        do {
            try await application.run()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw BindAddress.Unusable(address: address, reason: "\(error)")
        }
    }

    private func respond(to request: Request) async -> Response {
        guard request.method == .get || request.method == .head else {
            return Self.answer(.methodNotAllowed, "only GET\n", more: [.allow: "GET, HEAD"])
        }
        switch request.uri.path {
        case "/healthz":
            let stuck = await operations.stuckLoops()
            return stuck.isEmpty
                ? Self.answer(.ok, "ok\n")
                : Self.answer(.serviceUnavailable, stuck.map { "\($0) does not turn\n" }.joined())
        case "/readyz":
            guard let missing = operations.missing() else { return Self.answer(.ok, "ok\n") }
            return Self.answer(.serviceUnavailable, missing.map { "\($0)\n" }.joined())
        case "/metrics":
            let text = PrometheusText.render(operations.metrics())
            return Self.answer(.ok, text, more: [.contentType: PrometheusText.contentType])
        default: return Self.answer(.notFound, "there are /healthz, /readyz and /metrics\n")
        }
    }

    private static func answer(
        _ status: HTTPResponse.Status,
        _ text: String,
        more: HTTPFields = [:]
    ) -> Response {
        var headers: HTTPFields = [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"]
        for field in more { headers[field.name] = field.value }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
