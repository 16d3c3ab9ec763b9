import AsyncHTTPClient
import NIOCore
import NIOSSL
import Testing

@testable import KubernetesClient

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite("Requests that are sent once more")
struct RetryPolicyTests {
    private let policy = RetryPolicy(backoff: Backoff(first: .milliseconds(100), longest: .seconds(5)))
    private let write = APIRequest(.post, "/x", body: [])

    private static let outages: [any Error] = [
        IOError(errnoCode: ECONNREFUSED, reason: "connect"), IOError(errnoCode: EHOSTUNREACH, reason: "connect"),
        HTTPClientError.connectTimeout, NIOSSLError.handshakeFailed(.sslError([])),
    ]

    @Test(arguments: outages)
    func `go to a server that is not there every second until the time is up`(error: any Error) {
        for failures in [10, 30, 1000] {
            #expect(policy.pause(after: error, to: write, failures: failures, left: .seconds(9)) == .seconds(1))
        }
        #expect(policy.pause(after: error, to: write, failures: 9, left: .milliseconds(5)) == .milliseconds(5))
        #expect(policy.pause(after: error, to: write, failures: 0, left: .zero) == nil)
    }

    @Test func `are no writes that may have been done`() {
        let error = IOError(errnoCode: ECONNRESET, reason: "read")
        #expect(policy.pause(after: error, to: write, failures: 0, left: .seconds(9)) == nil)
    }

    @Test(arguments: [401, 403])
    func `are those that a server refuses which is back`(status: Int) {
        let answer = APIResponse(status: status, body: [])
        #expect(policy.pause(after: answer, to: write, failures: 100, isBack: true) == .seconds(1))
        #expect(policy.pause(after: answer, to: write, failures: 0, isBack: false) == nil)
    }
}
