import ArgoCompat
import ExecutorRPC
import KargoCore
import StepPluginRegistry
import Synchronization

@testable import AgentPod

/// Agents without Pods; what is asked of them is written down.
final class FakeAgents: AgentRuntime {
    private let log = Mutex<[String]>([])
    private let prepared = Mutex<[RegisteredPlugin]>([])
    private let limitLog = Mutex<[Duration?]>([])
    private let isFresh: Bool
    private let failure: AgentStartFailure?
    private let loss: WorkspaceLostError?
    private let restart: String?
    private let excused: Duration
    private let questions: [String: CapabilityQuestion]
    private let whilePreparing: @Sendable (AgentHooks) async throws -> Void

    init(
        isFresh: Bool = true,
        failure: AgentStartFailure? = nil,
        loss: WorkspaceLostError? = nil,
        restart: String? = nil,
        excused: Duration = .zero,
        questions: [String: CapabilityQuestion] = [:],
        whilePreparing: @escaping @Sendable (AgentHooks) async throws -> Void = { _ in }
    ) {
        self.isFresh = isFresh
        self.failure = failure
        self.loss = loss
        self.restart = restart
        self.excused = excused
        self.questions = questions
        self.whilePreparing = whilePreparing
    }

    var calls: [String] { log.withLock { $0 } }
    /// How long each wait for an agent might have taken.
    var limits: [Duration?] { limitLog.withLock { $0 } }

    /// The plugins of the agent that was prepared last.
    var plugins: [RegisteredPlugin] { prepared.withLock { $0 } }

    func note(_ call: String) { log.withLock { $0.append(call) } }

    func prepare(
        _ promotion: Promotion,
        plugins: [RegisteredPlugin],
        obstacle: String?,
        limit: Duration?,
        hooks: AgentHooks
    ) async throws -> AgentSession {
        let names = plugins.map { "\($0.namespace)/\($0.name)" }.joined(separator: ",")
        note("prepare \(names)\(obstacle.map { " but \($0)" } ?? "")")
        prepared.withLock { $0 = plugins }
        limitLog.withLock { $0.append(limit) }
        try await whilePreparing(hooks)
        if let failure { throw failure }
        return AgentSession(
            isFresh: isFresh,
            executor: Executor(agents: self, loss: loss, broker: hooks.broker),
            restart: restart,
            excused: excused
        )
    }

    func end(_ promotion: Promotion, _ mode: AgentEnding) async throws { note("end \(mode)") }

    func removeLeftovers(keeping uids: Set<String>) async throws {
        note("remove all but \(uids.sorted().joined(separator: ","))")
    }

    /// Steps that succeed and put out what kind they are, unless their place is lost; what their kind asks is asked.
    private struct Executor: StepExecutor {
        let agents: FakeAgents
        let loss: WorkspaceLostError?
        let broker: PromotionBroker?

        func execute(_ step: StepContext, attempt: StepAttempt, timeout: Duration?) async throws -> StepResult {
            agents.note("execute \(step.alias) in \(step.workDir)")
            if step.gitDir != AgentSession.gitDir { agents.note("clones would be in \(step.gitDir ?? "nothing")") }
            if let loss { throw loss }
            if let question = agents.questions[step.kind] {
                let reply = try await broker?.reply(to: question, of: step, attempt)
                agents.note("told \(reply?.description ?? "nothing")")
            }
            return .succeeded(output: ["kind": .string(step.kind)])
        }
    }
}

/// Plugins that are simply there.
struct FixedPlugins: PluginSource {
    var resolutions: [String: KindResolution] = [:]
    var plugins: [RegisteredPlugin] = []

    static func plugin(_ name: String, kinds: [String], digest: String = "sha256:1") -> RegisteredPlugin {
        var plugin = StepPlugin()
        plugin.metadata.name = name
        plugin.spec.steps = kinds.map { StepPlugin.Step(kind: $0) }
        return RegisteredPlugin(plugin: plugin, namespace: "demo", digest: digest)
    }

    /// A source that has these plugins and the builtin kind `builtin`.
    static func having(_ plugins: RegisteredPlugin...) -> FixedPlugins {
        var source = FixedPlugins(plugins: plugins)
        for plugin in plugins {
            for kind in plugin.kinds { source.resolutions[kind.name] = .plugin(plugin) }
        }
        return source
    }

    func resolve(_ kinds: Set<String>, project: String) async throws -> [String: KindResolution] {
        Dictionary(
            uniqueKeysWithValues: kinds.map { kind in
                (kind, kind.hasPrefix("builtin") ? .builtin : resolutions[kind] ?? .unknown(hint: nil))
            }
        )
    }

    func plugin(_ name: String, namespace: String) async throws -> RegisteredPlugin? {
        plugins.first { $0.name == name && $0.namespace == namespace }
    }
}
