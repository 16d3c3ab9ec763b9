import KargoCore
import KargoTestSupport
import KubernetesClient
import Logging
import Subprocess
import Synchronization
import Testing

@testable import LocalCluster

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A cluster that runs longer than its certificates last.
@Suite(.tags(.integration), .timeLimit(.minutes(1)))
struct CertificateRenewalIntegrationTests {
    /// The time of day, which a test moves.
    private final class Calendar: Sendable {
        private let date = Mutex(Date())

        var now: Date { date.withLock { $0 } }

        func advance(days: Double) { date.withLock { $0 += days * 86_400 } }
    }

    /// The end of the certificate that a new connection is shown.
    private func expiry(_ access: LocalCluster.Access) async throws -> Date {
        let script = """
            import ssl, sys, urllib.parse
            address = urllib.parse.urlparse(sys.argv[1])
            print(ssl.get_server_certificate((address.hostname, address.port)))
            """
        let outcome = try await Subprocess.run(
            .name("python3"),
            arguments: ["-c", script, access.address],
            output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16)
        )
        return Certificate.expiry(of: Array(outcome.standardOutput.utf8))
    }

    private func authority(_ access: LocalCluster.Access) throws -> [UInt8]? {
        try ClusterConfiguration.discover(environment: ["KUBECONFIG": access.kubeconfig]).certificateAuthority
    }

    @Test func `shows new ones to new connections, and tells clients of a new authority`() async throws {
        try await ScopedDirectory.with { directory in
            let calendar = Calendar()
            var cluster = LocalCluster(
                LocalCluster.Configuration(dataDirectory: directory.file("data"), node: .none),
                logger: Logger(label: "cluster") { _ in SwiftLogNoOpLogHandler() }
            )
            cluster.now = { calendar.now }
            try await cluster.run { access in
                let (first, firstAuthority) = (try await expiry(access), try authority(access))
                #expect(first > calendar.now + 364 * 86_400)
                calendar.advance(days: 300)
                #expect(try await expiry(access) == first)
                calendar.advance(days: 40)
                let second = try await expiry(access)
                #expect(second > first)
                #expect(second > calendar.now + 364 * 86_400)
                #expect(try authority(access) == firstAuthority)
                calendar.advance(days: 3300)
                #expect(try await expiry(access) > calendar.now + 364 * 86_400)
                let newAuthority = try #require(try authority(access))
                #expect(newAuthority != firstAuthority)
                #expect(Certificate.expiry(of: newAuthority) > calendar.now + 3000 * 86_400)
            }
        }
    }
    /// Whether there is an openssl on the PATH.
    private static let hasOpenSSL = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .contains { FileManager.default.isExecutableFile(atPath: "\($0)/openssl") }

    @Test(.enabled(if: hasOpenSSL), arguments: ["old.crt", "ca.crt"])
    func `a client that has the old authority or the new one trusts the server`(authority: String) async throws {
        try await ScopedDirectory.with { directory in
            let start = Date(timeIntervalSince1970: 1_800_000_000)
            let first = try ServerIdentity.load(directory: directory.path, now: start)
            try PrivateFiles(directory: directory.path).write(first.authority, to: "old.crt")
            let moment = start + 3630 * 86_400
            #expect(try ServerIdentity.load(directory: directory.path, now: moment).authority != first.authority)
            let outcome = try await Subprocess.run(
                .name("openssl"),
                arguments: [
                    "verify", "-attime", "\(Int(moment.timeIntervalSince1970))", "-CAfile", directory.file(authority),
                    directory.file("server.crt"),
                ],
                output: .string(limit: 1 << 16),
                error: .string(limit: 1 << 16)
            )
            #expect(outcome.terminationStatus.isSuccess, "\(outcome.standardOutput) \(outcome.standardError)")
        }
    }
}
