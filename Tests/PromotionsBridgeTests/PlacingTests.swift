import AgentPod
import ArgoCompat
import ExecutorRPC
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

@Suite("Steps of a Promotion with plugins, and where they run", .timeLimit(.minutes(1)))
struct PlacingTests {
    private struct Database: CredentialsDatabase {
        func credentials(_ type: CredentialType, for url: String, project: String) -> RepositoryCredentials? {
            RepositoryCredentials(username: "user", password: "pass-word-1")
        }
    }

    private static let plugins = FixedPlugins.having(FixedPlugins.plugin("tools", kinds: ["a"]))
    private static let pin = EnginePin(
        engine: .agent,
        plugins: ["tools": .init(namespace: "demo", kinds: ["a"], digest: "sha256:1")]
    )

    private func withEngine(
        _ agents: FakeAgents = FakeAgents(),
        plugins: FixedPlugins = plugins,
        _ body: (EngineFixture) async throws -> Void
    ) async throws {
        try await ScopedDirectory.with { directory in
            let capabilities = StepCapabilities(credentials: Database())
            try await body(EngineFixture(directory, plugins: plugins, agents: agents, capabilities: capabilities))
        }
    }

    /// A Promotion that clones, runs a plugin and pushes.
    private func pushing(_ url: String = "https://git.example/a") -> Promotion {
        var promotion = EngineFixture.promotion("builtin-clone", "a", "builtin-push")
        promotion.spec.steps[0].config = ["url": .string(url)]
        return promotion
    }

    private func push(_ url: String) -> [String: CapabilityQuestion] {
        ["builtin-push": .credentials(type: .git, url: url)]
    }

    // MARK: Places

    @Test func `run in the controller where they need no file`() async throws {
        try await withEngine { fixture in
            let result = try await fixture.run(EngineFixture.promotion("a", "builtin-here", "builtin"))
            #expect(result.outcome == .finished(phase: .succeeded, message: ""))
            #expect(
                fixture.agents.calls == [
                    "prepare demo/tools", "execute step-1 in /workspace", "execute step-3 in /workspace",
                ]
            )
            #expect(fixture.diary.all.contains("run step-2"))
            let root = fixture.directory.file("promotion-uid-1")
            #expect(
                result.progress.state["step-2"]
                    == ["workDir": .string("\(root)/workspace"), "privateDir": .string("\(root)/private")]
            )
            try await fixture.engine.end(EngineFixture.promotion("a"), .finished)
            #expect(try fixture.directory.names() == [])
        }
    }

    /// A Promotion that is at a step, the ones before having succeeded.
    private func begun(_ promotion: Promotion, at index: Int) throws -> Promotion {
        var promotion = promotion
        promotion.metadata.annotations["kargo-extended.code.org/engine"] = try EngineFixture.sealed(Self.pin)
        promotion.status.currentStep = Int64(index)
        promotion.status.stepExecutionMetadata = promotion.spec.steps.prefix(index)
            .map { step in
                var metadata = StepExecutionMetadata(alias: step.as)
                metadata.status = .succeeded
                metadata.startedAt = KubernetesTime(Date(timeIntervalSince1970: 1))
                metadata.finishedAt = metadata.startedAt
                return metadata
            }
        return promotion
    }

    @Test(arguments: [(1, true), (2, false)])
    func `keep the agent only while one of them needs it`(index: Int, isKept: Bool) async throws {
        try await withEngine(FakeAgents(isFresh: false)) { fixture in
            let promotion = EngineFixture.promotion("a", "a", "builtin-here", "builtin-here")
            let result = try await fixture.run(begun(promotion, at: index))
            #expect(result.outcome == .finished(phase: .succeeded, message: ""))
            #expect(
                fixture.agents.calls
                    == (isKept ? ["prepare demo/tools", "execute step-2 in /workspace"] : ["end idle"])
            )
            #expect(fixture.diary.all.suffix(3).first == "run step-3")
            #expect(fixture.diary.all.last == "run step-4")
        }
    }

    @Test func `reach a plugin only with a configuration that fits`() async throws {
        var tools = FixedPlugins.plugin("tools", kinds: ["a", "b"])
        tools.plugin.spec.steps[0].configSchema = [
            "required": ["path"], "properties": ["path": true], "additionalProperties": false,
        ]
        try await withEngine(plugins: FixedPlugins.having(tools)) { fixture in
            var promotion = EngineFixture.promotion("a", "b", "a")
            promotion.spec.steps[0].config = ["path": "x"]
            promotion.spec.steps[2].config = ["pat": "x"]
            let (phase, message) = try await fixture.outcome(promotion)
            #expect(phase == .failed)
            #expect(
                message == "invalid a config: (root): path is required\n(root): Additional property pat is not allowed"
            )
            #expect(
                fixture.agents.calls == [
                    "prepare demo/tools", "execute step-1 in /workspace", "execute step-2 in /workspace",
                ]
            )
        }
    }

    @Test func `stay with the plugin that had their kind first`() async throws {
        let plugins = FixedPlugins.having(FixedPlugins.plugin("tools", kinds: ["builtin-here"]))
        let pin = EnginePin(
            engine: .agent,
            plugins: ["tools": .init(namespace: "demo", kinds: ["builtin-here"], digest: "sha256:1")]
        )
        try await withEngine(plugins: plugins) { fixture in
            _ = try await fixture.run(try EngineFixture.promotion("builtin-here", pin: pin))
            #expect(fixture.agents.calls.last == "execute step-1 in /workspace")
        }
    }

    @Test func `stay builtin though the plugin beside them declares their kinds`() async throws {
        var tools = FixedPlugins.plugin("tools", kinds: ["a", "builtin", "builtin-here"])
        tools.plugin.spec.steps[1].configSchema = ["required": ["path"]]
        let agents = FakeAgents()
        try await withEngine(agents, plugins: FixedPlugins.having(tools)) { fixture in
            let result = try await fixture.run(EngineFixture.promotion("a", "builtin", "builtin-here"))
            #expect(result.outcome == .finished(phase: .succeeded, message: ""))
            // The agent is told of the one kind, so that it runs the others itself.
            #expect(agents.plugins.map { $0.kinds.map(\.name) } == [["a"]])
            #expect(fixture.diary.all.contains("run step-3"))
        }
    }

    // MARK: What earlier steps were granted

    @Test(
        arguments: [
            ("https://git.example/A.git", "told credentials"),
            (
                "https://git.example/b",
                "told refused: the controller refuses credentials of the git repository https://git.example/b: "
                    + "neither the step's configuration nor a builtin-clone step that has succeeded before it names it"
            ),
        ]
    )
    func `may push to what was cloned before`(url: String, told: String) async throws {
        let agents = FakeAgents(questions: push(url))
        try await withEngine(agents) { fixture in
            _ = try await fixture.run(pushing())
            #expect(agents.calls.last == told)
        }
    }

    @Test func `may push to what was cloned under another controller`() async throws {
        let agents = FakeAgents(isFresh: false, questions: push("https://git.example/a"))
        try await withEngine(agents) { fixture in
            let promotion = pushing("https://git.example/${{ outputs?.a?.name ?? 'a' }}")
            _ = try await fixture.run(begun(promotion, at: 2))
            #expect(agents.calls.suffix(2) == ["execute step-3 in /workspace", "told credentials"])
        }
    }

    @Test func `may push to what was cloned anew after the loss of a Pod`() async throws {
        let agents = FakeAgents(isFresh: true, questions: push("https://git.example/a"))
        try await withEngine(agents) { fixture in
            var promotion = pushing()
            promotion.metadata.annotations["kargo-extended.code.org/engine"] = try EngineFixture.sealed(Self.pin)
            promotion.status.currentStep = 2
            promotion.status.stepExecutionMetadata = ["step-1", "step-2", "step-3"]
                .map { alias in
                    var metadata = StepExecutionMetadata(alias: alias)
                    metadata.startedAt = KubernetesTime(Date(timeIntervalSince1970: 1))
                    metadata.finishedAt = alias == "step-3" ? nil : metadata.startedAt
                    metadata.status = alias == "step-3" ? .running : .succeeded
                    return metadata
                }
            _ = try await fixture.run(promotion)
            #expect(
                agents.calls.suffix(4) == [
                    "execute step-1 in /workspace", "execute step-2 in /workspace", "execute step-3 in /workspace",
                    "told credentials",
                ]
            )
        }
    }

    @Test func `may not push to what is yet to be cloned`() async throws {
        let agents = FakeAgents(questions: push("https://git.example/a"))
        try await withEngine(agents) { fixture in
            var promotion = EngineFixture.promotion("builtin-push", "a", "builtin-clone")
            promotion.spec.steps[2].config = ["url": "https://git.example/a"]
            _ = try await fixture.run(promotion)
            #expect(agents.calls.contains { $0.hasPrefix("told refused: ") })
        }
    }
}
