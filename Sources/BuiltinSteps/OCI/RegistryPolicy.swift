import KargoCore

/// How a registry is called.
struct RegistryPolicy: Sendable {
    /// How often a request is made that a busy registry refuses.
    static let maximumAttempts = 4
    /// The longest that a registry is waited for because it says so.
    static let longestPause = Duration.seconds(60)

    /// Whether credentials may go over plain HTTP to another machine.
    var allowsCredentialsOverHTTP = false
    /// Waits.
    var sleep: @Sendable (Duration) async throws -> Void = { try await ContinuousClock().sleep(for: $0) }

    /// Reads `ALLOW_CREDENTIALS_OVER_HTTP`.
    init(environment: [String: String]) {
        allowsCredentialsOverHTTP = GoNumber.parseBool(environment["ALLOW_CREDENTIALS_OVER_HTTP"] ?? "") ?? false
    }

    /// Whether a status says that the same request may do better later.
    static func isTransient(_ status: Int) -> Bool { [408, 429, 500, 502, 503, 504].contains(status) }

    /// How long to wait after so many refusals; nil if the registry asks for more time than anybody has.
    static func pause(afterRefusals count: Int, retryAfter: String?) -> Duration? {
        guard let seconds = retryAfter.flatMap({ Int64($0) }), seconds >= 0 else {
            return .seconds(1 << min(max(count - 1, 0), 5))
        }
        return .seconds(seconds) <= longestPause ? .seconds(seconds) : nil
    }

    /// Whether a registry may be called by plain HTTP: one on this machine or, as for other clients, one with a private
    /// address or a name below `.local` or `.localhost`.
    static func allowsPlainHTTP(_ host: String) -> Bool {
        if isThisMachine(host) || host.hasSuffix(".local") { return true }
        guard let address = IPAddress(host) else { return false }
        return [("10.0.0.0", 8), ("172.16.0.0", 12), ("192.168.0.0", 16)]
            .contains { network, length in
                IPAddress(network).map { address.shares(length, bitsWith: $0) } ?? false
            }
    }

    /// Whether what is sent to a host stays on this machine.
    static func isThisMachine(_ host: String) -> Bool {
        host == "localhost" || host.hasSuffix(".localhost") || IPAddress(host)?.isLoopback == true
    }
}
