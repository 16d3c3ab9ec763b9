import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Which requests are sent once more, and when.
struct RetryPolicy: Sendable {
    /// How often a request is sent at most.
    static let attempts = 5
    /// The longest time that a server may ask for and get; with a longer one its answer goes to the caller.
    static let longestPause = Duration.seconds(30)

    let backoff: Backoff

    /// How long to wait before a request that was answered like this is sent again; nil if it is not.
    ///
    /// 429 says that the request was not looked at, so all are sent again; so are they after a failure with which the
    /// server asks for that, as Kubernetes' own client does. After another one nobody knows, so only those are that
    /// change nothing. A refusal of a server that was out of reach a moment ago is in doubt.
    func pause(after response: APIResponse, to request: APIRequest, failures: Int, isBack: Bool) -> Duration? {
        if isBack, response.status == 401 || response.status == 403 {
            return min(backoff.duration(afterFailures: failures), .seconds(1))
        }
        guard failures < Self.attempts - 1 else { return nil }
        switch response.status {
        case 429: break
        case 500... where response.retryAfter != nil: break
        case 500, 502, 503, 504: if request.method != .get { return nil }
        default: return nil
        }
        let pause = response.retryAfter ?? backoff.duration(afterFailures: failures)
        return pause > Self.longestPause ? nil : pause
    }

    /// How long to wait before a request is sent again whose connection was lost; nil if it is not.
    ///
    /// A server may close a connection that was kept for later just when a request is sent on it; so the first time
    /// there is no need to wait. Where no connection can be made, nothing was sent, and all are sent again in the time that
    /// is left.
    func pause(after error: any Error, to request: APIRequest, failures: Int, left: Duration) -> Duration? {
        if left > .zero, Self.isUnreachable(error) {
            return min(backoff.duration(afterFailures: failures), .seconds(1), left)
        }
        guard request.method == .get, failures < Self.attempts - 1, Self.isLostConnection(error) else { return nil }
        return failures == 0 ? .zero : backoff.duration(afterFailures: failures - 1)
    }

    private static func isUnreachable(_ error: any Error) -> Bool {
        switch error {
        case is NIOConnectionError: true
        case let error as IOError: [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT].contains(error.errnoCode)
        case let error as HTTPClientError: error == .connectTimeout || error == .tlsHandshakeTimeout
        case let error as ChannelError: if case .connectTimeout = error { true } else { false }
        case let error as NIOSSLError: if case .handshakeFailed = error { true } else { false }
        default: false
        }
    }

    private static func isLostConnection(_ error: any Error) -> Bool {
        switch error {
        case let error as HTTPClientError: error == .remoteConnectionClosed || error == .uncleanShutdown
        case let error as IOError: error.errnoCode == ECONNRESET || error.errnoCode == EPIPE
        case let error as HTTPParserError: error == .invalidEOFState
        case let error as ChannelError: error == .ioOnClosedChannel || error == .inputClosed || error == .eof
        default: false
        }
    }
}
