import ArgoCompat
import KargoTestSupport
import Synchronization
import Testing

/// A plugin whose answers a test has written down.
private final class ScriptedTransport: PluginTransport {
    typealias Answer = Result<PluginReply, PluginTransportError>
    private let state: Mutex<(answers: [Answer], calls: [String])>

    init(_ answers: [Answer]) {
        state = Mutex((answers, []))
    }

    var calls: [String] { state.withLock(\.calls) }

    func post(path: String, body: [UInt8]) async throws -> PluginReply {
        try state.withLock { state in
            state.calls.append("\(path) \(String(decoding: body, as: UTF8.self))")
            return state.answers.isEmpty ? .failure(.failed("nothing left")) : state.answers.removeFirst()
        }
        .get()
    }
}

@Suite("Calling a plugin")
struct PluginClientTests {
    private let path = "/api/v1/step.execute"
    private let ok = ScriptedTransport.Answer.success(PluginReply(status: 200, body: Array("{}".utf8)))
    private let busy = ScriptedTransport.Answer.success(PluginReply(status: 503, body: Array("later\nplease".utf8)))
    private let refused = ScriptedTransport.Answer.failure(.connectionRefused)

    private func client(
        _ answers: [ScriptedTransport.Answer],
        clock: ManualClock = ManualClock()
    ) -> (PluginClient, ScriptedTransport) {
        let transport = ScriptedTransport(answers)
        return (PluginClient(transport: transport, clock: clock, jitter: { 0 }), transport)
    }

    @Test func `returns the answer of a plugin that answers 200`() async throws {
        let (client, transport) = client([ok])
        #expect(try await client.call(path: path, body: Array("x".utf8)) == .answered(Array("{}".utf8)))
        #expect(transport.calls == ["/api/v1/step.execute x"])
    }

    @Test func `asks no more for a method that was answered with 404`() async throws {
        let (client, transport) = client([.success(PluginReply(status: 404)), ok])
        #expect(try await client.call(path: path, body: []) == .unsupported)
        #expect(try await client.call(path: path, body: []) == .unsupported)
        #expect(transport.calls.count == 1)
        #expect(try await client.call(path: "/other", body: []) == .answered(Array("{}".utf8)))
    }

    @Test func `tries again after 503 with growing pauses, three times in all`() async throws {
        let clock = ManualClock()
        let (client, transport) = client([busy, busy, busy], clock: clock)
        async let outcome = client.call(path: path, body: [])
        var pauses: [Duration?] = []
        for _ in 0..<2 {
            await clock.waitForSleepers()
            pauses.append(clock.nextWakeUp)
            clock.advance(by: clock.nextWakeUp ?? .zero)
        }
        #expect(try await outcome == .busy(reason: "answered 503: later", retryAfter: .seconds(2)))
        #expect(pauses == [.milliseconds(250), .milliseconds(500)])
        #expect(transport.calls.count == 3)
    }

    @Test func `returns the answer that follows a 503`() async throws {
        let clock = ManualClock()
        let (client, _) = client([busy, ok], clock: clock)
        async let outcome = client.call(path: path, body: [])
        await clock.waitForSleepers()
        clock.advance(by: .seconds(1))
        #expect(try await outcome == .answered(Array("{}".utf8)))
    }

    @Test func `waits for a plugin that has never answered to listen`() async throws {
        let clock = ManualClock()
        let (client, transport) = client(Array(repeating: refused, count: 10) + [ok], clock: clock)
        async let outcome = client.call(path: path, body: [])
        for _ in 0..<10 {
            await clock.waitForSleepers()
            clock.advance(by: clock.nextWakeUp ?? .zero)
        }
        #expect(try await outcome == .answered(Array("{}".utf8)))
        #expect(transport.calls.count == 11)
    }

    @Test func `gives up on a plugin that never listens`() async throws {
        let clock = ManualClock()
        let (client, _) = client(Array(repeating: refused, count: 1000), clock: clock)
        async let outcome = client.call(path: path, body: [], startLimit: .seconds(5))
        while clock.now.offset < .seconds(5) {
            await clock.waitForSleepers()
            clock.advance(by: clock.nextWakeUp ?? .zero)
        }
        #expect(try await outcome == .failed("did not listen on its port within 5 s"))
        #expect(clock.now.offset == .seconds(5))
    }

    @Test func `counts refused connections once the plugin has answered`() async throws {
        let clock = ManualClock()
        let (client, transport) = client([ok, refused, refused, refused], clock: clock)
        _ = try await client.call(path: path, body: [])
        async let outcome = client.call(path: path, body: [])
        for _ in 0..<2 {
            await clock.waitForSleepers()
            clock.advance(by: .seconds(1))
        }
        #expect(try await outcome == .busy(reason: "refused the connection", retryAfter: .seconds(2)))
        #expect(transport.calls.count == 4)
    }

    @Test(arguments: [
        (PluginReply(status: 500, body: Array("boom\ntrace".utf8)), "answered 500: boom"),
        (PluginReply(status: 403), "answered 403"),
        (PluginReply(status: 302), "answered 302"),
    ])
    func `takes any other status for a failure and does not repeat it`(reply: PluginReply, reason: String) async throws
    {
        let (client, transport) = client([.success(reply), ok])
        #expect(try await client.call(path: path, body: []) == .failed(reason))
        #expect(transport.calls.count == 1)
    }

    @Test func `does not repeat a request whose answer was lost`() async throws {
        let (client, transport) = client([.failure(.failed("closed the connection")), ok])
        #expect(try await client.call(path: path, body: []) == .failed("closed the connection"))
        #expect(transport.calls.count == 1)
    }

    @Test func `ends when the task is cancelled`() async {
        let clock = ManualClock()
        let (client, _) = client([refused, refused], clock: clock)
        let task = Task { try await client.call(path: path, body: []) }
        await clock.waitForSleepers()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
