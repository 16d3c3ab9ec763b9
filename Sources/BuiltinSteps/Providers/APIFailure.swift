/// A call of an API that did not do what it should.
struct APIFailure: Error, Hashable, CustomStringConvertible {
    enum Code: Sendable, Hashable {
        /// There was no answer.
        case unreachable
        /// There were too many calls; when to make the next one, if the service said so.
        case limited(retryAfter: Duration?)
        /// A status of 5xx.
        case unavailable
        /// Any other status that is no success.
        case refused(status: Int)
        /// An answer that is not what the API promises.
        case malformed
    }

    let code: Code
    /// What was called and what came of it, without secrets.
    let description: String
    /// What the service itself said, without secrets.
    var reason = ""

    /// The status of a refusal.
    var status: Int? {
        if case .refused(let status) = code { status } else { nil }
    }

    /// Whether the same call may do better later.
    var isTransient: Bool {
        switch code {
        case .unreachable, .limited, .unavailable: true
        case .refused(let status): status == 408
        case .malformed: false
        }
    }
}
