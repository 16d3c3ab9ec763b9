import AgentPod
import KargoCore
import KargoTestSupport
import Logging
import PromotionsBridge
import StepPluginRegistry
import Synchronization

/// An engine with a builtin kind, a directory, fake agents and what the hooks heard.
struct EngineFixture: Sendable {
    static let keys = AgentKeys(current: Array("key".utf8))

    let directory: ScopedDirectory
    let agents: FakeAgents
    let diary = Diary()
    let engine: PluginAwareEngine

    init(
        _ directory: ScopedDirectory,
        plugins: FixedPlugins = FixedPlugins(),
        agents: FakeAgents = FakeAgents(),
        data: InMemoryExpressionData = InMemoryExpressionData(),
        capabilities: StepCapabilities = StepCapabilities()
    ) {
        self.directory = directory
        self.agents = agents
        let registry = Self.registry(diary)
        engine = PluginAwareEngine(
            local: LocalEngine(root: directory.path, registry: registry, maximumConcurrency: 2),
            registry: registry,
            plugins: plugins,
            agents: agents,
            keys: Self.keys,
            broker: CapabilityBroker(
                capabilities: capabilities,
                access: { registry.access($0) },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ),
            data: data
        )
    }

    /// The builtin kinds: one more that runs in the controller, and two of which one is granted what the other was.
    private static func registry(_ diary: Diary) -> StepRegistry {
        var registry = StepRegistry(access: [
            Here.kind: .controller,
            Clone.kind: .agent { [.credentials(.git, url: $0.config["url"]?.stringValue ?? "")] },
            Push.kind: .agent { _ in [.credentialsOfEarlier(kind: Clone.kind)] },
        ])
        registry.register(Builtin(diary: diary))
        registry.register(Failing())
        registry.register(Here(diary: diary))
        registry.register(Clone())
        registry.register(Push())
        return registry
    }

    /// A Promotion whose steps are of these kinds.
    static func promotion(_ kinds: String..., annotations: [String: String] = [:]) -> Promotion {
        var promotion = Promotion()
        promotion.metadata.name = "test.01k.f00d"
        promotion.metadata.namespace = "demo"
        promotion.metadata.uid = "uid-1"
        promotion.metadata.annotations = annotations
        promotion.spec.stage = "test"
        promotion.spec.steps = kinds.enumerated()
            .map { index, kind in
                var step = PromotionStep(uses: kind)
                step.as = "step-\(index + 1)"
                return step
            }
        return promotion
    }

    /// A Promotion whose engine was decided on before.
    static func promotion(_ kinds: String..., pin: EnginePin) throws -> Promotion {
        var promotion = promotion()
        promotion.metadata.annotations["kargo-extended.code.org/engine"] = try sealed(pin)
        promotion.spec.steps = kinds.map { PromotionStep(uses: $0) }
        return promotion
    }

    /// A decision as the engine writes it.
    static func sealed(_ pin: EnginePin) throws -> String {
        try keys.sealed(pin.annotation, as: "kargo-extended.code.org/engine", of: "uid-1")
    }

    func run(_ promotion: Promotion) async throws -> PromotionRunResult {
        var context = PromotionContext()
        context.project = promotion.metadata.namespace
        return try await engine.run(PromotionRun(promotion: promotion, context: context, hooks: diary.hooks))
    }

    /// The outcome of a run that is over.
    func outcome(_ promotion: Promotion) async throws -> (phase: PromotionPhase?, message: String) {
        guard case .finished(let phase, let message) = try await run(promotion).outcome else { return (nil, "") }
        return (phase, message)
    }

    /// What was told and done, in order.
    final class Diary: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }
        func write(_ line: String) { lines.withLock { $0.append(line) } }

        var hooks: PromotionRunHooks {
            PromotionRunHooks(
                record: { progress in
                    let state = progress.state.keys.sorted().joined(separator: ",")
                    self.write("record \(progress.currentStep)\(state.isEmpty ? "" : " \(state)")")
                },
                note: { self.write("note \($0)") },
                annotate: { annotations in
                    for (key, value) in annotations {
                        var value = try JSONValue(parsing: value)
                        // It is another with each key.
                        if value["mac"] != nil { value["mac"] = "…" }
                        self.write("annotate \(key)=\(value.text())")
                    }
                }
            )
        }
    }

    /// A step that writes where it runs into its output.
    private struct Builtin: StepRunner {
        static let kind = "builtin"

        let diary: Diary

        func run(_ step: StepContext) async throws -> StepResult {
            diary.write("run \(step.alias)")
            return .succeeded(output: ["workDir": .string(step.workDir), "privateDir": .string(step.privateDir)])
        }
    }

    /// A step that writes where it runs into its output, and always runs here.
    private struct Here: StepRunner {
        static let kind = "builtin-here"

        let diary: Diary

        func run(_ step: StepContext) async throws -> StepResult { try await Builtin(diary: diary).run(step) }
    }

    private struct Clone: StepRunner {
        static let kind = "builtin-clone"

        func run(_ step: StepContext) async throws -> StepResult { .succeeded() }
    }

    private struct Push: StepRunner {
        static let kind = "builtin-push"

        func run(_ step: StepContext) async throws -> StepResult { .succeeded() }
    }

    /// A step that fails with the message of its configuration.
    private struct Failing: StepRunner {
        static let kind = "builtin-failing"

        func run(_ step: StepContext) async throws -> StepResult {
            .failed(step.config["message"]?.stringValue ?? "")
        }
    }
}
