import ArgoCompat
import AsyncHTTPClient
import ExecutorRPC
import KargoCore
import NIOCore
import Testing

/// Plugins that do what no server should.
@Suite("Hostile plugin", .timeLimit(.minutes(1)))
struct HostilePluginTests {
    private static let answer = #"{"status":"Succeeded"}"#

    private static func whole(_ body: String, headers: String = "") -> String {
        "HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
    }

    /// Asks a plugin as an agent does.
    private func withDispatcher<Answer>(
        _ server: HostileServer,
        _ body: (StepDispatcher) async throws -> Answer
    ) async throws -> Answer {
        let client = HTTPPluginTransport.makeClient()
        let transport = try HTTPPluginTransport(
            address: "http://127.0.0.1:\(server.port)",
            token: "secret",
            client: client
        )
        let plugin = PluginClient(transport: transport)
        let outcome: Result<Answer, any Error>
        do {
            outcome = .success(try await body(StepDispatcher(registry: StepRegistry(), plugins: ["probe": plugin])))
        } catch {
            outcome = .failure(error)
        }
        try await client.shutdown()
        return try outcome.get()
    }

    private func result(
        _ attack: @escaping @Sendable (Int, HostileServer.Writer) async throws -> Void
    ) async throws -> StepResult {
        try await HostileServer.with(attack) { server in
            try await withDispatcher(server) { try await $0.run(StepFixtures.step("probe"), timeout: nil) }
        }
    }

    /// What a plugin may send before it says no more.
    private static let beginnings = [
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nx-slow: ye", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
    ]

    @Test(arguments: beginnings)
    func `that never ends its answer is left when the step is cancelled`(beginning: String) async throws {
        try await HostileServer.with { _, writer in
            try await writer.write(ByteBuffer(string: beginning))
        } _: { server in
            try await withDispatcher(server) { dispatcher in
                await withTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        do {
                            _ = try await dispatcher.run(StepFixtures.step("probe"), timeout: nil)
                            return false
                        } catch {
                            return error is CancellationError
                        }
                    }
                    await server.waitForRequests(1)
                    group.cancelAll()
                    let wasCancelled = await group.next()
                    #expect(wasCancelled == true)
                }
                await server.waitForClosing(1)
            }
        }
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\n", "x-endless: \(String(repeating: "x", count: 1000))\r\n"),
            ("HTTP/1.1 200 OK\r\nx-endless: ", String(repeating: "x", count: 1000)),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
                "400\r\n\(String(repeating: " ", count: 1024))\r\n"
            ),
            ("HTTP/1.1 200 OK\r\n\r\n", String(repeating: " ", count: 1024)),
        ]
    )
    func `that sends without an end is not listened to`(beginning: String, piece: String) async throws {
        let result = try await result { _, writer in
            try await writer.write(ByteBuffer(string: beginning))
            while true { try await writer.write(ByteBuffer(string: piece)) }
        }
        #expect(result.status == .errored, "\(result)")
    }

    @Test(
        arguments: [
            "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", "HTTP/1.1 200 OK\r\nx-cut: ",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n16\r\n{\"status\":\"Succeeded\"}\r\n",
        ]
    )
    func `that hangs up in the middle has not answered`(beginning: String) async throws {
        let result = try await result { _, writer in
            try await writer.write(ByteBuffer(string: beginning))
            throw CancellationError()
        }
        #expect(result.status == .errored, "\(result)")
    }

    @Test(
        arguments: [
            "{\"status\":\"Succeeded\"", "{\"status\":\"Succeeded\"} and more", "\u{1f}\u{8b}\u{8}",
            String(repeating: "[", count: 200_000), String(repeating: "{\"a\":", count: 100_000),
            "{\"status\":\"Succeeded\",\"output\":\(String(repeating: "[", count: 100_000))",
            "{\"status\":\"Succeeded\",\"output\":[1]}", "{\"status\":\"Succeeded\",\"retryAfter\":{}}",
            "{\"status\":\"Running\",\"retryAfter\":\"forever\"}", "{\"status\":\"succeeded\"}", "NaN", "\"Succeeded\"",
        ]
    )
    func `that answers nonsense fails its step`(body: String) async throws {
        let reply = Self.whole(body)
        let result = try await result { _, writer in try await writer.write(ByteBuffer(string: reply)) }
        #expect(result.status == .errored, "\(result)")
    }

    @Test func `that packs its answer is not unpacked`() async throws {
        let reply = Self.whole("\u{1f}\u{8b}", headers: "content-encoding: gzip\r\n")
        let result = try await result { _, writer in try await writer.write(ByteBuffer(string: reply)) }
        #expect(result.status == .errored, "\(result)")
    }

    @Test func `that answers after the step was cancelled answers nobody`() async throws {
        let (late, signal) = AsyncStream.makeStream(of: Void.self)
        try await HostileServer.with { number, writer in
            if number == 1 { for await _ in late { break } }
            let output = "{\"status\":\"Succeeded\",\"output\":{\"number\":\(number)}}"
            try await writer.write(ByteBuffer(string: Self.whole(output)))
        } _: { server in
            try await withDispatcher(server) { dispatcher in
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try? await dispatcher.run(StepFixtures.step("probe"), timeout: nil) }
                    await server.waitForRequests(1)
                    group.cancelAll()
                }
                signal.yield()
                let result = try await dispatcher.run(StepFixtures.step("probe"), timeout: nil)
                #expect(result == .succeeded(output: ["number": 2]))
            }
        }
    }

    @Test func `that answers twice answers once`() async throws {
        try await HostileServer.with { number, writer in
            let output = Self.whole("{\"status\":\"Succeeded\",\"output\":{\"number\":\(number)}}")
            let more = Self.whole("{\"status\":\"Succeeded\",\"output\":{\"number\":\"forged\"}}")
            try await writer.write(ByteBuffer(string: output + more))
        } _: { server in
            try await withDispatcher(server) { dispatcher in
                for number in 1...3 as ClosedRange<Int64> {
                    let result = try await dispatcher.run(StepFixtures.step("probe"), timeout: nil)
                    // Nobody reads what came too much, or it is found out at once.
                    let isRight = result == .succeeded(output: ["number": .int(number)]) || result.status == .errored
                    #expect(isRight, "\(result)")
                }
            }
        }
    }
}
