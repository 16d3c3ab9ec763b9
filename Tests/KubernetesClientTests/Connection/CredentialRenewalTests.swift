import KargoCore
import KargoTestSupport
import Synchronization
import Testing

@testable import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Renewal of credentials")
struct CredentialRenewalTests {
    private static let plugin = ExecPlugin(
        apiVersion: ExecPlugin.apiVersions[0],
        command: "login",
        source: "f: user \"u\""
    )

    /// A plugin that hands out one token after the other, each for a minute.
    private final class Tokens: Sendable {
        let runs = Mutex(0)
        let time = Mutex(Date(timeIntervalSince1970: 0))

        func next() throws -> ExecCredential {
            let number = runs.withLock { runs in
                runs += 1
                return runs
            }
            let end = KubernetesTime(time.withLock { $0 }.addingTimeInterval(60))
            let output: JSONValue = [
                "kind": "ExecCredential", "apiVersion": .string(ExecPlugin.apiVersions[0]),
                "status": ["token": .string("t\(number)"), "expirationTimestamp": .string("\(end)")],
            ]
            return try ExecCredential(output.serialized(), apiVersion: ExecPlugin.apiVersions[0])
        }
    }

    private func authenticator(_ tokens: Tokens) -> ClusterAuthenticator {
        ClusterAuthenticator(
            ClusterConfiguration(server: "https://x", credentials: .exec(Self.plugin)),
            now: { tokens.time.withLock { $0 } },
            runPlugin: { _ in try tokens.next() }
        )
    }

    @Test func `asks a plugin again when its credentials end`() async throws {
        let tokens = Tokens()
        let authenticator = authenticator(tokens)
        #expect(try await authenticator.proof().authorization == "Bearer t1")
        tokens.time.withLock { $0 += 59 }
        #expect(try await authenticator.proof().authorization == "Bearer t1")
        tokens.time.withLock { $0 += 1 }
        #expect(try await authenticator.proof().authorization == "Bearer t2")
    }

    @Test func `asks a plugin once for many requests that were refused`() async throws {
        let tokens = Tokens()
        let authenticator = authenticator(tokens)
        let proof = try await authenticator.proof()
        for _ in 0..<3 { #expect(await authenticator.isReplaceable(proof)) }
        try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<8 { group.addTask { try await authenticator.proof().authorization } }
            for try await authorization in group { #expect(authorization == "Bearer t2") }
        }
        #expect(await authenticator.isReplaceable(proof))
        #expect(try await authenticator.proof().authorization == "Bearer t2")
    }

    @Test func `goes on for others when a request that waits is cancelled`() async throws {
        let (starts, start) = AsyncStream.makeStream(of: Void.self)
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let tokens = Tokens()
        let authenticator = ClusterAuthenticator(
            ClusterConfiguration(server: "https://x", credentials: .exec(Self.plugin)),
            now: { tokens.time.withLock { $0 } },
            runPlugin: { _ in
                start.yield()
                for await _ in gates { break }
                try Task.checkCancellation()
                return try tokens.next()
            }
        )
        let first = Task { try await authenticator.proof().authorization }
        for await _ in starts { break }
        let second = Task { try await authenticator.proof().authorization }
        first.cancel()
        gate.yield()
        gate.finish()
        #expect(try await second.value?.hasPrefix("Bearer t") == true)
        await #expect(throws: CancellationError.self) { try await first.value }
    }

    @Test func `reads a token file again, and keeps the token while there is none`() async throws {
        try await ScopedDirectory.with { directory in
            let clock = ManualClock()
            let configuration = ClusterConfiguration(
                server: "https://x",
                credentials: .tokenFile(directory.file("token"))
            )
            let authenticator = ClusterAuthenticator(configuration, clock: clock)
            await #expect(throws: KubernetesError.self) { try await authenticator.proof() }
            try directory.write("one\n", to: "token")
            #expect(try await authenticator.proof().authorization == "Bearer one")
            try directory.write("two", to: "token")
            #expect(try await authenticator.proof().authorization == "Bearer one")
            clock.advance(by: .seconds(30))
            #expect(try await authenticator.proof().authorization == "Bearer two")
            try directory.write("", to: "token")
            clock.advance(by: .seconds(60))
            #expect(try await authenticator.proof().authorization == "Bearer two")
        }
    }

    @Test func `sends a refused request again with a new token, but only once`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("old", to: "token")
            let answer: @Sendable (ScriptedServer.Request, Int) -> ScriptedServer.Answer = { request, _ in
                // The token is renewed behind the client's back.
                try? directory.write("new", to: "token")
                return request.headers["authorization"] == ["Bearer new"] && request.uri == "/x"
                    ? .object() : .status(401)
            }
            try await ScriptedServer.with(answer) { server in
                let configuration = ClusterConfiguration(
                    server: server.url,
                    credentials: .tokenFile(directory.file("token"))
                )
                try await ClusterConnection.with(configuration) { api in
                    let answer = try await api.object(APIRequest(.post, "/x", body: []))
                    #expect(answer == [:])
                    #expect(server.requests.count == 2)
                    let error = await #expect(throws: KubernetesError.self) {
                        try await api.object(APIRequest(.get, "/other"))
                    }
                    #expect(error?.code == .unauthorized)
                    #expect(server.requests.count == 3)
                }
            }
        }
    }

    @Test(arguments: [
        ("nothing", "not a JSON object"), (#"{"kind":"ExecCredential"}"#, "not an ExecCredential of"),
        (#"{"kind":"ExecCredential","apiVersion":"v"}"#, "has no status"),
        (#"{"kind":"ExecCredential","apiVersion":"v","status":{}}"#, "neither a token nor"),
        (#"{"kind":"ExecCredential","apiVersion":"v","status":{"clientKeyData":"secret"}}"#, "only one of"),
        (
            #"{"kind":"ExecCredential","apiVersion":"v","status":{"token":"secret","expirationTimestamp":"x"}}"#,
            "expirationTimestamp that is no time"
        ),
    ])
    func `says what is wrong with a plugin's output`(output: String, reason: String) {
        let error = #expect(throws: ExecCredential.Malformed.self) {
            try ExecCredential(Array(output.utf8), apiVersion: "v")
        }
        #expect(error?.description.contains(reason) == true)
        #expect(error?.description.contains("secret") == false)
    }
}
