import KargoCore
import Synchronization

/// How much the server takes on; what is beyond is refused with an error that says so.
public struct RequestLimits: Sendable, Hashable {
    /// The largest body of a request in bytes, as on a Kubernetes API server.
    public var bodySize: Int
    /// How many requests may be at work at once, without watches and logs.
    public var concurrentRequests: Int
    /// How many watches and logs may be open at once.
    public var concurrentStreams: Int

    /// Makes limits.
    public init(bodySize: Int = 3 << 20, concurrentRequests: Int = 600, concurrentStreams: Int = 5000) {
        self.bodySize = bodySize
        self.concurrentRequests = concurrentRequests
        self.concurrentStreams = concurrentStreams
    }
}

/// Counts what is at work.
final class RequestGate: Sendable {
    private let limit: Int
    private let count = Mutex(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// Lets one more in, if there is room.
    func enter() -> Bool {
        count.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
    }

    /// Whether there is no room.
    var isFull: Bool { count.withLock { $0 >= limit } }

    /// Lets one more in, room or not.
    func enterAnyway() { count.withLock { $0 += 1 } }

    func leave() { count.withLock { $0 -= 1 } }
}

extension APIFailure {
    /// There is no room for the request at the moment.
    static let tooManyRequests = APIFailure(
        429,
        "TooManyRequests",
        "the server has too many requests at work; please try again later",
        details: [:],
        retryAfter: 1
    )

    /// The body of a request is larger than it may be.
    static func tooLarge(limit: Int) -> APIFailure {
        APIFailure(413, "RequestEntityTooLarge", "Request entity too large: limit is \(limit)")
    }
}
