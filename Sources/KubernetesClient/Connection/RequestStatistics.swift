import Synchronization

/// How many requests a ``ClusterConnection`` has sent, watches and repetitions included.
public final class RequestStatistics: Sendable {
    /// What requests are told apart by.
    public struct Kind: Sendable, Hashable {
        /// The method.
        public let method: APIRequest.Method
        /// The HTTP status of the answer; nil if there was none.
        public let status: Int?
    }

    /// The server, by its host and port.
    public let host: String
    private let state = Mutex<[Kind: Int]>([:])

    init(host: String) { self.host = host }

    /// How many there were of each kind.
    public var counts: [Kind: Int] { state.withLock { $0 } }

    func count(_ method: APIRequest.Method, _ status: Int?) {
        state.withLock { $0[Kind(method: method, status: status), default: 0] += 1 }
    }
}
