public import AgentPod
import ArgoCompat
public import KargoCore
public import StepPluginRegistry

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Runs a Promotion whose steps are all builtin in this process, and any other one in an agent Pod of its own, but for
/// the steps that need no work directory.
///
/// Which of the two is decided once and written on the Promotion before anything runs, so that plugins which come,
/// change or go meanwhile make no difference to it.
public struct PluginAwareEngine: PromotionEngine {
    private let local: LocalEngine
    private let registry: StepRegistry
    private let plugins: any PluginSource
    private let agents: any AgentRuntime
    private let keys: AgentKeys
    private let broker: CapabilityBroker
    private let data: any ExpressionData
    private let secrets: PromotionSecrets

    /// Makes an engine.
    ///
    /// - Parameters:
    ///   - local: Runs steps in this process.
    ///   - registry: The kinds of step that this program has.
    ///   - plugins: Knows the others.
    ///   - agents: Gives Promotions with plugins a place to run in.
    ///   - keys: What proves that a controller has written what a Promotion says about that place.
    ///   - broker: Answers what steps in such a place ask.
    ///   - data: What functions of expressions read.
    public init(
        local: LocalEngine,
        registry: StepRegistry,
        plugins: any PluginSource,
        agents: any AgentRuntime,
        keys: AgentKeys,
        broker: CapabilityBroker,
        data: any ExpressionData
    ) {
        self.local = local
        self.registry = registry
        self.plugins = plugins
        self.agents = agents
        self.keys = keys
        self.broker = broker
        self.data = data
        secrets = PromotionSecrets(data: data)
    }

    /// Runs a Promotion where its pin says, which is written first.
    public func run(_ run: PromotionRun) async throws -> PromotionRunResult {
        let kinds = Set(run.promotion.spec.steps.map(\.uses))
        let resolutions = try await plugins.resolve(kinds, project: run.promotion.metadata.namespace)
        let pin: EnginePin
        var run = run
        do {
            run.promotion = try keys.trusted(run.promotion)
            if let known = try EnginePin(run.promotion) {
                pin = known
            } else {
                pin = EnginePin(resolutions)
                let annotation = KargoAPI.Annotation.engine
                let text = try pin.annotation
                let isLocal = pin.engine == .local
                try await run.hooks.annotate([
                    annotation: isLocal ? text : keys.sealed(text, as: annotation, of: run.promotion.metadata.uid)
                ])
            }
        } catch let error as FieldError {
            return run.errored("\(error)")
        }
        let redactor = try await secrets.redactor(for: run)
        let orchestrator = { (executor: any StepExecutor, known: [String: StepKind]) in
            Orchestrator(
                executor: executor,
                kinds: { lookup($0, resolutions, pin, known) },
                data: data,
                redactor: redactor
            )
        }
        switch pin.engine {
        case .local: return try await local.run(run) { orchestrator($0, [:]) }
        case .agent: return try await runInAgent(run, pin, redactor, orchestrator)
        }
    }

    /// Removes what a Promotion has left, wherever it ran.
    public func end(_ promotion: Promotion, _ ending: PromotionEnding) async throws {
        secrets.forget(promotion)
        let isGone = Result { try local.end(promotion) }
        if promotion.mayHaveAgent { try await agents.end(promotion, ending == .finished ? .idle : .busy) }
        try isGone.get()
    }

    /// Removes what Promotions have left that are not at work any more.
    public func removeLeftovers(keeping uids: Set<String>, isAtWork: Bool) async throws {
        if !isAtWork { try local.removeLeftovers(keeping: uids) }
        try await agents.removeLeftovers(keeping: uids)
    }

    private func runInAgent(
        _ run: PromotionRun,
        _ pin: EnginePin,
        _ redactor: SecretRedactor,
        _ orchestrator: (any StepExecutor, [String: StepKind]) -> Orchestrator
    ) async throws -> PromotionRunResult {
        let (pinned, obstacle) = try await pinnedPlugins(pin)
        let known = Dictionary(pinned.flatMap(\.kinds).map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        let begun = PromotionProgress(run.promotion.status)
        let plan = PromotionPlan(
            run.promotion.spec,
            promotion: run.context,
            workDir: AgentSession.workDir,
            privateDir: AgentSession.privateDir,
            gitDir: AgentSession.gitDir
        )
        let pluginKinds = Set(pin.plugins.values.flatMap(\.kinds))
        // A kind that a plugin had before Kargo got one of the name stays the plugin's.
        let isController = { @Sendable (kind: String) in
            !pluginKinds.contains(kind) && registry.access(kind).place == .controller
        }
        let controller = local.executor(beside: run.promotion)
        if run.promotion.spec.steps.dropFirst(begun.currentStep).allSatisfy({ isController($0.uses) }) {
            return try await runWithoutAgent(run, plan, orchestrator(controller, known))
        }
        let history = PromotionHistory(plan, begun, data: data, redactor: redactor)
        let hooks = agentHooks(run, history, redactor)
        let schemas = Dictionary(pinned.flatMap(\.configSchemas), uniquingKeysWith: { $1 })
        // Somebody may have taken the record of a Pod away; what has succeeded was somewhere.
        let hadAgent =
            run.promotion.metadata.annotations[KargoAPI.Annotation.agentPod] != nil
            || zip(plan.steps, begun.stepExecutionMetadata)
                .contains { !isController($0.uses) && $1.status == .succeeded }
        let executor = AgentExecutor { [agents] attempt, limit in
            let session = try await agents.prepare(
                run.promotion,
                plugins: pinned,
                obstacle: obstacle,
                limit: limit,
                hooks: hooks
            )
            let isAtWork = !isController(plan.steps[attempt.step].uses) && begun.mayHaveAttempt(attempt.step, of: plan)
            return AgentExecutor.Place(
                executor: PlacingExecutor(
                    agent: session.executor,
                    controller: controller,
                    isController: isController,
                    schemas: schemas
                ),
                isNew: session.isFresh && hadAgent,
                excused: session.excused,
                lostAttempt: isAtWork ? session.restart : nil
            )
        }
        return try await self.run(run, plan, orchestrator(executor, known), from: begun, history, redactor)
    }

    private func agentHooks(
        _ run: PromotionRun,
        _ history: PromotionHistory,
        _ redactor: SecretRedactor
    ) -> AgentHooks {
        let hooks = run.hooks
        let uid = run.promotion.metadata.uid
        return AgentHooks(
            // What a container wrote at its end may be quoted.
            note: { await hooks.note(redactor.redact($0)) },
            recordPod: { record in
                let annotation = KargoAPI.Annotation.agentPod
                let text = try record.annotation
                try await hooks.annotate([annotation: keys.sealed(text, as: annotation, of: uid)])
            },
            restart: { try await hooks.record(history.progress.begunAnew) },
            redact: { redactor.redact($0) },
            broker: broker.forPromotion(redactor: redactor) { try await history.steps(ofKind: $0, before: $1) }
        )
    }

    /// Runs the steps of a pass, once more where the first of them finds them to be elsewhere.
    private func run(
        _ run: PromotionRun,
        _ plan: PromotionPlan,
        _ orchestrator: Orchestrator,
        from begun: PromotionProgress,
        _ history: PromotionHistory,
        _ redactor: SecretRedactor
    ) async throws -> PromotionRunResult {
        var progress = begun
        while true {
            do {
                let outcome =
                    try await orchestrator
                    .run(plan, progress: &progress) { progress in
                        history.note(progress)
                        try await run.hooks.record(progress)
                    }
                return PromotionRunResult(outcome: outcome, progress: progress)
            } catch is WorkspaceLostError {
                // The next pass finds no Pod, counts the loss and begins with the first step.
                return PromotionRunResult(outcome: .running(after: .zero), progress: progress)
            } catch let start as AgentExecutor.Start {
                switch start {
                case .anew: progress = progress.begunAnew
                case .later(let time): progress.excuseStep(time)
                }
                history.note(progress)
            } catch let failure as AgentStartFailure {
                let message = redactor.redact(failure.description)
                progress.abandonStep(message, at: Date())
                return PromotionRunResult(outcome: .finished(phase: .errored, message: message), progress: progress)
            } catch let trouble as AgentExecutor.Trouble {
                throw trouble.error
            }
        }
    }

    /// Runs what is left of a Promotion, which no agent has to do with.
    ///
    /// It may be a wait of days, for a pull request say: the Pod does not wait along, and its loss costs nothing.
    private func runWithoutAgent(
        _ run: PromotionRun,
        _ plan: PromotionPlan,
        _ orchestrator: Orchestrator
    ) async throws -> PromotionRunResult {
        try await agents.end(run.promotion, .idle)
        var progress = PromotionProgress(run.promotion.status)
        let outcome = try await orchestrator.run(plan, progress: &progress, record: run.hooks.record)
        return PromotionRunResult(outcome: outcome, progress: progress)
    }

    /// The plugins that were decided on, as they are now, with the kinds that were decided on, and why no Pod can be made
    /// of them if one is gone or changed.
    private func pinnedPlugins(_ pin: EnginePin) async throws -> (plugins: [RegisteredPlugin], obstacle: String?) {
        var found: [RegisteredPlugin] = []
        var obstacle: String?
        for (name, entry) in pin.plugins.sorted(by: { $0.key < $1.key }) {
            let title = "plugin \"\(name)\" in namespace \(entry.namespace)"
            guard let plugin = try await plugins.plugin(name, namespace: entry.namespace) else {
                obstacle = "\(title) was removed while the Promotion ran"
                continue
            }
            if plugin.digest != entry.digest { obstacle = "\(title) was changed while the Promotion ran" }
            found.append(plugin.having(only: entry.kinds))
        }
        return (found, obstacle)
    }

    private func lookup(
        _ kind: String,
        _ resolutions: [String: KindResolution],
        _ pin: EnginePin,
        _ known: [String: StepKind]
    ) -> StepKindLookup {
        if let builtin = registry.kind(kind) { return .found(builtin) }
        if let plugin = known[kind] { return .found(plugin) }
        if pin.plugins.values.contains(where: { $0.kinds.contains(kind) }) {
            // The Pod runs it although its ConfigMap is gone.
            return .found(StepKind(name: kind, minimumPollInterval: RegisteredPlugin.pollInterval))
        }
        switch resolutions[kind] {
        case .unusable(let reason): return .unavailable(reason: "step kind \"\(kind)\" can't be used: \(reason)")
        case .unknown(let hint?):
            return .unavailable(reason: "no step kind \"\(kind)\" is registered; \(hint)")
        case .plugin(let plugin):
            return .unavailable(
                reason:
                    "step kind \"\(kind)\" of plugin \"\(plugin.name)\" came after the Promotion had begun; promote again"
            )
        case .builtin, .unknown(nil), nil: return .unknown(kind)
        }
    }
}

extension EnginePin {
    /// Decides where steps of these kinds run.
    init(_ resolutions: [String: KindResolution]) {
        var plugins: [String: Plugin] = [:]
        for (kind, resolution) in resolutions {
            guard case .plugin(let plugin) = resolution else { continue }
            plugins[plugin.name, default: Plugin(namespace: plugin.namespace, kinds: [], digest: plugin.digest)]
                .kinds.append(kind)
        }
        for name in plugins.keys { plugins[name]?.kinds.sort() }
        self.init(engine: plugins.isEmpty ? .local : .agent, plugins: plugins)
    }
}

extension Promotion {
    /// Whether there may be an agent: one may have been made that nobody could record.
    fileprivate var mayHaveAgent: Bool {
        guard metadata.annotations[KargoAPI.Annotation.agentPod] == nil else { return true }
        do {
            return try EnginePin(self)?.engine == .agent
        } catch {
            return true
        }
    }
}

extension PromotionRun {
    /// The result of a run that can't go on.
    fileprivate func errored(_ message: String) -> PromotionRunResult {
        PromotionRunResult(
            outcome: .finished(phase: .errored, message: message),
            progress: PromotionProgress(promotion.status)
        )
    }
}
