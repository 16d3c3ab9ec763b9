/// The rules of one call of a plugin, as a value that decides and does nothing.
///
/// They are those of Argo Workflows and kargo-extended: 200 is an answer; 404 says that the plugin does not know the
/// method; 503 and a refused connection are tried again, three times in all; anything else is an error. In addition a
/// plugin that has never answered is given time to start: until then a refused connection is waited for and does not
/// count.
struct PluginCall {
    /// What to do next.
    enum Action: Equatable {
        /// Wait, then send the request again.
        case wait(Duration)
        /// The call is over.
        case finish(PluginCallOutcome)
    }

    /// What came of a request.
    enum Event {
        case reply(PluginReply)
        case failure(PluginTransportError)
    }

    static let attempts = 3
    static let firstBackoff = Duration.milliseconds(250)
    static let longestBackoff = Duration.seconds(2)
    /// When to call again a plugin that has no time now.
    static let busyRetry = Duration.seconds(2)
    /// The pauses between tries while the plugin starts.
    static let startPauses = Duration.milliseconds(50)...Duration.seconds(1)

    /// How long a plugin that has never answered may take to listen, from the beginning of the call.
    let startLimit: Duration
    private(set) var pluginHasAnswered: Bool
    private var failedAttempts = 0
    private var startPause = startPauses.lowerBound

    init(pluginHasAnswered: Bool, startLimit: Duration) {
        self.pluginHasAnswered = pluginHasAnswered
        self.startLimit = startLimit
    }

    /// Decides what to do after a request.
    ///
    /// - Parameters:
    ///   - event: What came of the request.
    ///   - elapsed: How long the call has taken.
    ///   - jitter: A number between 0 and 1, by which a pause varies.
    /// - Returns: What to do.
    mutating func next(after event: Event, elapsed: Duration, jitter: Double) -> Action {
        switch event {
        case .reply(let reply):
            pluginHasAnswered = true
            switch reply.status {
            case 200: return .finish(.answered(reply.body))
            case 404: return .finish(.unsupported)
            case 503: return retry(reason: "answered 503\(Self.excerpt(of: reply.body))", jitter: jitter)
            default: return .finish(.failed("answered \(reply.status)\(Self.excerpt(of: reply.body))"))
            }
        case .failure(.connectionRefused):
            guard !pluginHasAnswered else { return retry(reason: "refused the connection", jitter: jitter) }
            guard elapsed < startLimit else {
                return .finish(.failed("did not listen on its port within \(startLimit.wholeSeconds) s"))
            }
            defer { startPause = min(startPause * 2, Self.startPauses.upperBound) }
            return .wait(min(startPause, startLimit - elapsed))
        case .failure(.failed(let reason)):
            return .finish(.failed(reason))
        }
    }

    private mutating func retry(reason: String, jitter: Double) -> Action {
        failedAttempts += 1
        guard failedAttempts < Self.attempts else { return .finish(.busy(reason: reason, retryAfter: Self.busyRetry)) }
        let backoff = min(Self.firstBackoff * (1 << (failedAttempts - 1)), Self.longestBackoff)
        return .wait(backoff * (1 + 0.1 * jitter))
    }

    /// The beginning of a body, for a message.
    private static func excerpt(of body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(200), as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
        return text.isEmpty ? "" : ": \(text)"
    }
}

/// What came of a call.
public enum PluginCallOutcome: Sendable, Hashable {
    /// The plugin answered; this is the body.
    case answered([UInt8])
    /// The plugin does not know the method.
    case unsupported
    /// The plugin has no time now.
    case busy(reason: String, retryAfter: Duration)
    /// The plugin failed; the reason goes on the sentence "the plugin …".
    case failed(String)
}

extension Duration {
    fileprivate var wholeSeconds: Int64 { components.seconds }
}
