import Synchronization

/// Calls one plugin by the rules of executor plugins, whatever carries the request.
///
/// ## Guarantees
/// A method that the plugin answered with 404 is not asked for again, unless it is to be. A request is sent again only if the plugin said
/// that it has no time, or nobody took it; never after an answer was lost on the way.
public final class PluginClient: Sendable {
    private struct State {
        var unsupportedPaths: Set<String> = []
        var hasAnswered = false
    }

    /// How long a plugin that has never answered may take to listen, of a step without a timeout.
    public static let defaultStartLimit = Duration.seconds(30)

    private let transport: any PluginTransport
    private let clock: any Clock<Duration>
    private let jitter: @Sendable () -> Double
    private let remembersUnsupported: Bool
    private let state = Mutex(State())

    /// Makes a client of one plugin.
    ///
    /// - Parameters:
    ///   - transport: What carries the requests.
    ///   - clock: What the pauses are measured with.
    ///   - jitter: A number between 0 and 1 by which each pause varies.
    ///   - remembersUnsupported: Whether 404 holds for good, as in Argo, which asks every plugin for everything. A server
    ///     that is not done with its start may answer so, too.
    public init(
        transport: any PluginTransport,
        clock: any Clock<Duration> = .continuous,
        jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) },
        remembersUnsupported: Bool = true
    ) {
        self.transport = transport
        self.clock = clock
        self.jitter = jitter
        self.remembersUnsupported = remembersUnsupported
    }

    /// Calls a method.
    ///
    /// - Parameters:
    ///   - path: The method's path, such as `/api/v1/step.execute`.
    ///   - body: The JSON document to send.
    ///   - startLimit: How long the plugin may take to listen if it has never answered; use the step's timeout.
    /// - Returns: What came of it; a plugin that fails is no error.
    /// - Throws: `CancellationError` when the task was cancelled.
    public func call(
        path: String,
        body: [UInt8],
        startLimit: Duration = PluginClient.defaultStartLimit
    ) async throws -> PluginCallOutcome {
        let (isUnsupported, hasAnswered) = state.withLock { ($0.unsupportedPaths.contains(path), $0.hasAnswered) }
        if isUnsupported { return .unsupported }
        return try await call(
            PluginCall(pluginHasAnswered: hasAnswered, startLimit: startLimit),
            path: path,
            body: body,
            clock: clock
        )
    }

    private func call<C: Clock>(
        _ call: PluginCall,
        path: String,
        body: [UInt8],
        clock: C
    ) async throws -> PluginCallOutcome where C.Duration == Duration {
        var call = call
        let start = clock.now
        while true {
            let event: PluginCall.Event
            do {
                event = .reply(try await transport.post(path: path, body: body))
            } catch let error as PluginTransportError {
                event = .failure(error)
            }
            let action = call.next(after: event, elapsed: start.duration(to: clock.now), jitter: jitter())
            if call.pluginHasAnswered { state.withLock { $0.hasAnswered = true } }
            switch action {
            case .wait(let pause): try await clock.sleep(for: pause)
            case .finish(let outcome):
                if outcome == .unsupported, remembersUnsupported {
                    state.withLock { _ = $0.unsupportedPaths.insert(path) }
                }
                return outcome
            }
        }
    }
}
