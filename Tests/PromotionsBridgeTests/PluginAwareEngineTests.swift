import AgentPod
import KargoCore
import KargoTestSupport
import PromotionsBridge
import StepPluginRegistry
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Engine for builtin steps and plugins", .timeLimit(.minutes(1)))
struct PluginAwareEngineTests {
    private static let engineKey = "kargo-extended.code.org/engine"

    private func withEngine(
        _ plugins: FixedPlugins = FixedPlugins(),
        agents: FakeAgents = FakeAgents(),
        data: InMemoryExpressionData = InMemoryExpressionData(),
        _ body: (EngineFixture) async throws -> Void
    ) async throws {
        try await ScopedDirectory.with { directory in
            try await body(EngineFixture(directory, plugins: plugins, agents: agents, data: data))
        }
    }

    // MARK: Where steps run

    @Test func `runs a Promotion of builtin kinds here`() async throws {
        try await withEngine { fixture in
            let result = try await fixture.run(EngineFixture.promotion("builtin", "builtin"))
            #expect(result.outcome == .finished(phase: .succeeded, message: ""))
            #expect(
                fixture.diary.all == [
                    "annotate \(Self.engineKey)={\"engine\":\"local\"}", "record 0", "run step-1", "record 1 step-1",
                    "run step-2",
                ]
            )
            #expect(fixture.agents.calls == [])
            let root = fixture.directory.file("promotion-uid-1")
            #expect(
                result.progress.state["step-2"]
                    == ["workDir": .string("\(root)/workspace"), "privateDir": .string("\(root)/private")]
            )
        }
    }

    @Test func `runs a Promotion with a plugin's kind in an agent`() async throws {
        let plugin = FixedPlugins.plugin("tools", kinds: ["b", "a", "unused"])
        try await withEngine(.having(plugin)) { fixture in
            let result = try await fixture.run(EngineFixture.promotion("b", "builtin", "a"))
            #expect(result.outcome == .finished(phase: .succeeded, message: ""))
            let pin =
                #"{"engine":"agent","mac":"…","plugins":{"tools":{"digest":"sha256:1","kinds":["a","b"],"namespace":"demo"}}}"#
            #expect(fixture.diary.all.first == "annotate \(Self.engineKey)=\(pin)")
            #expect(
                fixture.agents.calls == [
                    "prepare demo/tools", "execute step-1 in /workspace", "execute step-2 in /workspace",
                    "execute step-3 in /workspace",
                ]
            )
            #expect(result.progress.state["step-2"] == ["kind": "builtin"])
        }
    }

    @Test func `records several plugins each with its own kinds`() async throws {
        let source = FixedPlugins.having(
            FixedPlugins.plugin("one", kinds: ["a"]),
            FixedPlugins.plugin("two", kinds: ["b"], digest: "sha256:2")
        )
        try await withEngine(source) { fixture in
            _ = try await fixture.run(EngineFixture.promotion("a", "b"))
            #expect(fixture.agents.calls.first == "prepare demo/one,demo/two")
        }
    }

    // MARK: The decision stands

    @Test func `stays where it was though plugins come`() async throws {
        let source = FixedPlugins.having(FixedPlugins.plugin("tools", kinds: ["a"]))
        try await withEngine(source) { fixture in
            let promotion = try EngineFixture.promotion("builtin", "a", pin: EnginePin(engine: .local))
            let (phase, message) = try await fixture.outcome(promotion)
            #expect(phase == .errored)
            #expect(
                message
                    == "step kind \"a\" of plugin \"tools\" came after the Promotion had begun; promote again"
            )
            #expect(fixture.agents.calls == [])
            #expect(!fixture.diary.all.contains { $0.hasPrefix("annotate") })
        }
    }

    private static let pin = EnginePin(
        engine: .agent,
        plugins: ["tools": .init(namespace: "demo", kinds: ["a"], digest: "sha256:1")]
    )

    @Test func `stays in its agent though the plugin is gone`() async throws {
        try await withEngine { fixture in
            let (phase, _) = try await fixture.outcome(try EngineFixture.promotion("a", pin: Self.pin))
            #expect(phase == .succeeded)
            #expect(
                fixture.agents.calls == [
                    "prepare  but plugin \"tools\" in namespace demo was removed while the Promotion ran",
                    "execute step-1 in /workspace",
                ]
            )
        }
    }

    @Test func `makes no new agent of a plugin that was changed`() async throws {
        let source = FixedPlugins.having(FixedPlugins.plugin("tools", kinds: ["a"], digest: "sha256:2"))
        try await withEngine(source) { fixture in
            _ = try await fixture.run(try EngineFixture.promotion("a", pin: Self.pin))
            #expect(
                fixture.agents.calls.first
                    == "prepare demo/tools but plugin \"tools\" in namespace demo was changed while the Promotion ran"
            )
            #expect(!fixture.diary.all.contains { $0.hasPrefix("annotate") })
        }
    }

    // MARK: Kinds that are nowhere

    @Test(
        arguments: [
            (KindResolution.unusable("two have it"), "step kind \"a\" can't be used: two have it"),
            (.unknown(hint: "b is invalid"), "no step kind \"a\" is registered; b is invalid"),
            (
                .unknown(hint: nil),
                "no step kind \"a\" is registered; check the spelling, or install the plugin that has it"
            ),
        ]
    )
    func `says what is the matter with a kind`(resolution: KindResolution, expected: String) async throws {
        try await withEngine(FixedPlugins(resolutions: ["a": resolution])) { fixture in
            let (phase, message) = try await fixture.outcome(EngineFixture.promotion("builtin", "a"))
            #expect(phase == .errored)
            #expect(message == expected)
            #expect(fixture.diary.all.contains("run step-1"))
        }
    }

    // MARK: Agents

    @Test func `ends where there will be no agent`() async throws {
        let agents = FakeAgents(failure: AgentStartFailure("the image is bad"))
        try await withEngine(.having(FixedPlugins.plugin("tools", kinds: ["a"])), agents: agents) { fixture in
            let result = try await fixture.run(EngineFixture.promotion("a", "a"))
            #expect(result.outcome == .finished(phase: .errored, message: "the image is bad"))
            let step = try #require(result.progress.stepExecutionMetadata.first)
            #expect(step.status == .errored && step.message == "the image is bad" && step.finishedAt != nil)
        }
    }

    /// A Promotion that is at its second step.
    private func begunPromotion(_ kinds: (String, String), pin: EnginePin) throws -> Promotion {
        var promotion = try EngineFixture.promotion(kinds.0, kinds.1, pin: pin)
        promotion.status.currentStep = 1
        promotion.status.state = ["step-1": ["n": 1]]
        var first = StepExecutionMetadata(alias: "step-1")
        first.status = .succeeded
        first.startedAt = KubernetesTime(Date(timeIntervalSince1970: 1))
        first.finishedAt = first.startedAt
        promotion.status.stepExecutionMetadata = [first]
        return promotion
    }

    @Test(arguments: [(false, ["step-2"]), (true, ["step-1", "step-2"])])
    func `goes on in an agent unless its directory is new`(isFresh: Bool, executed: [String]) async throws {
        let agents = FakeAgents(isFresh: isFresh)
        try await withEngine(agents: agents) { fixture in
            _ = try await fixture.run(try begunPromotion(("a", "a"), pin: Self.pin))
            #expect(agents.calls.dropFirst() == executed.map { "execute \($0) in /workspace" }[...])
            // Steps recognise by the outputs what they have done already.
            #expect(fixture.diary.all.contains("record 0 step-1") == isFresh)
        }
    }

    @Test func `makes the record of a Pod and of its loss last`() async throws {
        let agents = FakeAgents { hooks in
            try await hooks.recordPod(AgentPodRecord(uid: "pod-1"))
            await hooks.note("pulling")
            try await hooks.restart()
        }
        try await withEngine(agents: agents) { fixture in
            _ = try await fixture.run(try begunPromotion(("a", "a"), pin: Self.pin))
            #expect(
                fixture.diary.all.prefix(4) == [
                    "record 1 step-1",
                    #"annotate kargo-extended.code.org/agent-pod={"mac":"…","uid":"pod-1"}"#, "note pulling",
                    "record 0 step-1",
                ]
            )
        }
    }

    @Test func `looks again at once when the directory is lost`() async throws {
        let agents = FakeAgents(isFresh: false, loss: WorkspaceLostError("the agent Pod is gone"))
        try await withEngine(agents: agents) { fixture in
            let result = try await fixture.run(try begunPromotion(("a", "a"), pin: Self.pin))
            #expect(result.outcome == .running(after: .zero))
            #expect(result.progress.stepExecutionMetadata.map(\.errorCount) == [0, 0])
        }
    }

    // MARK: Ends

    @Test(arguments: [(PromotionEnding.finished, "end idle"), (.interrupted, "end busy")])
    func `ends the agent that there is`(ending: PromotionEnding, expected: String) async throws {
        try await withEngine { fixture in
            try await fixture.engine.end(EngineFixture.promotion("a"), ending)
            #expect(fixture.agents.calls == [])
            let annotations = ["kargo-extended.code.org/agent-pod": #"{"uid":"pod-1"}"#]
            try await fixture.engine.end(EngineFixture.promotion("a", annotations: annotations), ending)
            #expect(fixture.agents.calls == [expected])
        }
    }

    @Test(arguments: [(#"{"engine":"agent"}"#, true), (#"{"engine":"local"}"#, false), ("spoiled", true)])
    func `ends an agent that nobody could record`(engine: String, isEnded: Bool) async throws {
        try await withEngine { fixture in
            let promotion = EngineFixture.promotion("a", annotations: [Self.engineKey: engine])
            try await fixture.engine.end(promotion, .interrupted)
            #expect(fixture.agents.calls == (isEnded ? ["end busy"] : []))
        }
    }

    @Test func `removes what others left behind`() async throws {
        try await withEngine { fixture in
            for name in ["promotion-kept/file", "promotion-over/file", ".draft-1/file", "other/file"] {
                try fixture.directory.write("", to: name)
            }
            try await fixture.engine.removeLeftovers(keeping: ["kept"], isAtWork: false)
            #expect(try fixture.directory.names() == ["other", "promotion-kept"])
            #expect(fixture.agents.calls == ["remove all but kept"])
        }
    }

    @Test func `leaves directories alone that may be new`() async throws {
        try await withEngine { fixture in
            for name in ["promotion-new/file", ".draft-1/file"] { try fixture.directory.write("", to: name) }
            try await fixture.engine.removeLeftovers(keeping: [], isAtWork: true)
            #expect(try fixture.directory.names() == [".draft-1", "promotion-new"])
            #expect(fixture.agents.calls == ["remove all but "])
        }
    }

    // MARK: Directories

    @Test func `gives a Promotion a directory that only it sees and takes it away`() async throws {
        try await withEngine { fixture in
            let promotion = EngineFixture.promotion("builtin")
            _ = try await fixture.run(promotion)
            for name in ["workspace", "private"] {
                let path = fixture.directory.file("promotion-uid-1/\(name)")
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                #expect(attributes[.posixPermissions] as? Int == 0o700)
            }
            #expect(try fixture.directory.names() == ["promotion-uid-1"])
            try await fixture.engine.end(promotion, .finished)
            #expect(try fixture.directory.names() == [])
            try await fixture.engine.end(promotion, .finished)
        }
    }

    @Test(arguments: [true, false])
    func `goes on here unless the directory is lost`(isLost: Bool) async throws {
        try await withEngine { fixture in
            if !isLost { try fixture.directory.write("", to: "promotion-uid-1/workspace/file") }
            let promotion = try begunPromotion(("builtin", "builtin"), pin: EnginePin(engine: .local))
            let result = try await fixture.run(promotion)
            #expect(result.outcome == .finished(phase: .succeeded, message: ""))
            #expect(fixture.diary.all.contains("run step-1") == isLost)
            #expect(fixture.diary.all.first == "record \(isLost ? 0 : 1) step-1")
        }
    }

    @Test func `says that it begins anew, and goes on counting what has failed`() async throws {
        try await withEngine { fixture in
            var promotion = try begunPromotion(("builtin", "builtin"), pin: EnginePin(engine: .local))
            promotion.status.stepExecutionMetadata[0].errorCount = 2
            let result = try await fixture.run(promotion)
            #expect(result.progress.stepExecutionMetadata.first?.errorCount == 2)
            let note = "note begun anew from the first step, because its work directory is gone"
            // Until there is more to tell: each record takes the message away.
            let told = fixture.diary.all.filter { $0 == note || $0.hasPrefix("record") }
            #expect(told.count { $0 == note } > 1)
            for (index, line) in told.enumerated() { #expect((line == note) == !index.isMultiple(of: 2)) }
        }
    }

    @Test func `says nothing of that when it begins`() async throws {
        try await withEngine { fixture in
            _ = try await fixture.run(EngineFixture.promotion("builtin"))
            #expect(!fixture.diary.all.contains { $0.hasPrefix("note") })
        }
    }

    // MARK: Secrets

    private var secrets: InMemoryExpressionData {
        var secret = Secret()
        secret.metadata.name = "token"
        secret.metadata.namespace = "demo"
        secret.data = ["value": Data("hunter22".utf8).base64EncodedString()]
        var data = InMemoryExpressionData()
        data.add(secret)
        return data
    }

    @Test func `tells no secret when a step fails with one`() async throws {
        try await withEngine(data: secrets) { fixture in
            var promotion = EngineFixture.promotion("builtin-failing")
            promotion.spec.steps[0].config = ["message": "${{ secret('token').value }} is refused"]
            let result = try await fixture.run(promotion)
            #expect(result.outcome == .finished(phase: .failed, message: "*** is refused"))
            #expect(result.progress.stepExecutionMetadata.map(\.message) == ["*** is refused"])
        }
    }

    @Test func `tells no secret that was read before a restart`() async throws {
        let plugin = FixedPlugins.plugin("tools", kinds: ["a"])
        let agents = FakeAgents(
            failure: AgentStartFailure("the container said: hunter22"),
            whilePreparing: { hooks in await hooks.note("pulling with hunter22") }
        )
        try await withEngine(.having(plugin), agents: agents, data: secrets) { fixture in
            var promotion = EngineFixture.promotion("a", "a")
            promotion.spec.steps[0].config = ["token": "${{ secret('token').value }}"]
            var metadata = StepExecutionMetadata(alias: "step-1")
            metadata.status = .running
            promotion.status.stepExecutionMetadata = [metadata]
            let outcome = try await fixture.outcome(promotion)
            #expect(outcome.message == "the container said: ***")
            #expect(fixture.diary.all.contains("note pulling with ***"))
        }
    }
}
