import ArgoCompat
import ExecutorRPC
import KargoCore
import KargoTestSupport
import Synchronization
import Testing

@Suite("Step dispatcher", .timeLimit(.minutes(1)))
struct StepDispatcherTests {
    /// A builtin step that does what its configuration says.
    private struct Builtin: StepRunner {
        static let kind = "builtin"

        func run(_ step: StepContext) async throws -> StepResult {
            switch step.config["does"] {
            case "throw": throw FieldError(path: FieldPath("config"), message: "is wrong")
            case "cancel": throw CancellationError()
            default: return .succeeded(output: ["alias": .string(step.alias)])
            }
        }
    }

    /// A plugin that gives its answers in order and keeps what it was asked.
    private final class Plugin: PluginTransport {
        private let state: Mutex<(answers: [PluginReply], bodies: [JSONValue], paths: [String])>

        init(_ answers: PluginReply...) {
            state = Mutex((answers, [], []))
        }

        convenience init(_ answer: JSONValue) {
            self.init(PluginReply(status: 200, body: answer.serialized()))
        }

        var bodies: [JSONValue] { state.withLock(\.bodies) }
        var paths: [String] { state.withLock(\.paths) }

        func post(path: String, body: [UInt8]) async throws -> PluginReply {
            let value = try JSONValue(parsing: body)
            return try state.withLock { state in
                state.paths.append(path)
                state.bodies.append(value)
                guard !state.answers.isEmpty else { throw PluginTransportError.connectionRefused }
                return state.answers.removeFirst()
            }
        }
    }

    private let clock = ManualClock()

    private func dispatcher(_ plugin: Plugin = Plugin(), kinds: [String] = ["probe"]) -> StepDispatcher {
        var registry = StepRegistry()
        registry.register(Builtin())
        let client = PluginClient(transport: plugin, clock: clock, jitter: { 0 }, remembersUnsupported: false)
        return StepDispatcher(
            registry: registry,
            plugins: Dictionary(uniqueKeysWithValues: kinds.map { ($0, client) })
        )
    }

    @Test func `runs a builtin kind itself`() async throws {
        let plugin = Plugin()
        var step = StepFixtures.step("builtin")
        step.alias = "one"
        #expect(
            try await dispatcher(plugin).run(step, timeout: nil) == .succeeded(output: ["alias": "one"])
        )
        #expect(plugin.bodies.isEmpty)
    }

    @Test func `makes a result of what a builtin step throws`() async throws {
        let step = StepFixtures.step("builtin", config: ["does": "throw"])
        #expect(try await dispatcher().run(step, timeout: nil) == .errored("config: is wrong"))
    }

    @Test func `passes a cancellation on`() async {
        let step = StepFixtures.step("builtin", config: ["does": "cancel"])
        await #expect(throws: CancellationError.self) { try await dispatcher().run(step, timeout: nil) }
    }

    @Test func `does not know other kinds`() async throws {
        let result = try await dispatcher().run(StepFixtures.step("other"), timeout: nil)
        #expect(result == .erroredForGood("no step kind \"other\" is known to the agent"))
    }

    @Test func `asks the plugin that has the kind`() async throws {
        let plugin = Plugin(["status": "Succeeded", "output": ["n": 1]])
        let step = StepFixtures.fullStep
        let result = try await dispatcher(plugin, kinds: ["mkdir"]).run(step, timeout: nil)
        #expect(result == .succeeded(output: ["n": 1]))
        #expect(plugin.paths == ["/api/v1/step.execute"])
        #expect(plugin.bodies == [try JSONValueEncoder().encode(StepExecuteRequest(step))])
    }

    @Test func `asks a plugin again that did not know the method, in the next attempt`() async throws {
        let done = PluginReply(status: 200, body: Array(#"{"status":"Succeeded"}"#.utf8))
        let plugin = Plugin(PluginReply(status: 404), done)
        let dispatcher = dispatcher(plugin)
        let result = try await dispatcher.run(StepFixtures.step(), timeout: nil)
        #expect(result == .errored("the plugin answered 404: it does not implement POST /api/v1/step.execute"))
        #expect(try await dispatcher.run(StepFixtures.step(), timeout: nil) == .succeeded())
    }

    @Test func `comes back later to a plugin that has no time`() async throws {
        let busy = PluginReply(status: 503, body: Array("starting".utf8))
        let plugin = Plugin(busy, busy, busy)
        let dispatcher = dispatcher(plugin)
        async let result = dispatcher.run(StepFixtures.step(), timeout: nil)
        for _ in 0..<2 {
            await clock.waitForSleepers()
            clock.advance(by: .seconds(2))
        }
        #expect(
            try await result
                == .running("the plugin has no time: it answered 503: starting", retryAfter: .seconds(2))
        )
    }

    @Test func `waits as long as the step may take for a plugin that does not listen yet`() async throws {
        let dispatcher = dispatcher()
        async let result = dispatcher.run(StepFixtures.step(), timeout: .seconds(7))
        await clock.waitForSleepers()
        clock.advance(by: .seconds(7))
        #expect(try await result == .errored("the plugin did not listen on its port within 7 s"))
    }

    @Test func `tells what else a plugin answers`() async throws {
        let plugin = Plugin(PluginReply(status: 500, body: Array("out of disk\nmore".utf8)))
        let result = try await dispatcher(plugin).run(StepFixtures.step(), timeout: nil)
        #expect(result == .errored("the plugin answered 500: out of disk"))
    }

    @Test(arguments: ["", "no JSON", "[]", #"{"status": 5}"#, "\u{0}\u{1}"])
    func `does not try again after an answer that makes no sense`(body: String) async throws {
        let plugin = Plugin(PluginReply(status: 200, body: Array(body.utf8)))
        let result = try await dispatcher(plugin).run(StepFixtures.step(), timeout: nil)
        #expect(result.status == .errored)
        guard case .terminal(let message) = result.failure else {
            Issue.record("\(result) is not for good")
            return
        }
        #expect(message.hasPrefix("the plugin's answer makes no sense: "))
    }
}
