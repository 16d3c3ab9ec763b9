import ArgoCompat
public import AsyncHTTPClient
import ExecutorRPC
public import KargoCore
public import KubernetesClient
public import Logging
public import StepPluginRegistry

/// Runs agents in Pods of a cluster.
public struct KubernetesAgentRuntime: AgentRuntime {
    let api: any KubernetesAPI
    let observer: PodObserver
    private let configuration: Configuration
    let backoff: Backoff
    private let logger: Logger
    let clock: any Clock<Duration>
    private let sessions = AgentSessions()
    private let routes: AgentRoutes
    private let explain: @Sendable (AgentPlace) -> String?
    /// Reaches the agent at a place.
    var connect: @Sendable (AgentPlace) -> any AgentConnection

    /// Makes a runtime.
    ///
    /// - Parameters:
    ///   - api: The cluster.
    ///   - observer: What knows the Pods; somebody runs it.
    ///   - configuration: How agents are run.
    ///   - client: What calls agents; it knows no proxy and follows no redirects.
    ///   - forwarding: What calls agents by port-forward; needed for every routing but the direct one.
    ///   - logger: Where it tells what happens.
    ///   - clock: What waiting is measured with.
    public init(
        api: any KubernetesAPI,
        observer: PodObserver,
        configuration: Configuration,
        client: HTTPClient,
        forwarding: AgentForwarding? = nil,
        logger: Logger,
        clock: any Clock<Duration> = .continuous
    ) {
        self.api = api
        self.observer = observer
        self.configuration = configuration
        self.logger = logger
        self.clock = clock
        routes = AgentRoutes(forwarding == nil ? .direct : configuration.routing)
        connect = { place in
            guard place.route == .portForward, let forwarding else {
                return AgentClient(host: place.address, pin: place.pin, token: place.token, client: client)
            }
            return AgentClient(
                host: PortForwardProxy.host(of: place.pod),
                pin: place.pin,
                token: place.token,
                client: forwarding.client
            )
        }
        explain = { $0.route == .portForward ? forwarding?.proxy.failure(of: $0.pod) : nil }
        backoff = Backoff(first: .milliseconds(100), longest: .seconds(10))
    }

    /// Makes the Pod of a Promotion, or finds it again, and waits until its agent answers.
    public func prepare(
        _ promotion: Promotion,
        plugins: [RegisteredPlugin],
        obstacle: String?,
        limit: Duration?,
        hooks: AgentHooks
    ) async throws -> AgentSession {
        var wait = AgentWait(hooks, limit: configuration.startTimeout, stepLimit: limit, clock: clock)
        var record: AgentPodRecord
        do {
            record = try AgentPodRecord(promotion)
        } catch {
            throw AgentStartFailure(String(describing: error))
        }
        let key = self.key(of: promotion)
        wait.remember(record, of: configuration.maximumLosses)
        try await waitUntilSynced(&wait)
        var isFresh = false
        while true {
            try Task.checkCancellation()
            guard let pod = try await read(key, &wait) else {
                if !record.uid.isEmpty { try await lose(&record, key, reason: "the agent Pod is gone", &wait) }
                if let obstacle { throw AgentStartFailure("no agent Pod can be made: \(obstacle)") }
                let created = try await create(promotion, plugins: plugins, &wait)
                record = AgentPodRecord(created, after: record)
                try await hooks.recordPod(record)
                wait.restart()
                isFresh = true
                continue
            }
            guard pod.metadata.uid == record.uid else {
                // Somebody made a Pod of that name, or its maker died before it could say that it had.
                let reason = "another Pod took the agent Pod's place"
                let isLoss = !record.uid.isEmpty
                if isLoss { try await lose(&record, key, reason: reason, &wait) }
                try await deleteAndWait(pod, key, reason: isLoss ? nil : reason, &wait)
                continue
            }
            switch try await waitUntilRunning(pod, key, &wait) {
            case .lost(let reason):
                try await lose(&record, key, reason: reason, &wait)
                try await deleteAndWait(pod, key, reason: nil, &wait)
            case .ready(let boot):
                // After the agent has named its life: another image would have begun another one.
                if let change = record.problem(of: try await read(key, &wait)) {
                    try await delete(pod, key, &wait)
                    throw AgentStartFailure(change)
                }
                let restart = sessions.has(promotion.metadata.uid) ? nil : record.restart(boot, observer.pod(key))
                if record.boot != boot {
                    record.boot = boot
                    try await hooks.recordPod(record)
                }
                let made = record
                let uid = record.uid
                let executor = RemoteExecutor(
                    agent: { agent(key, uid: uid) },
                    observer: observer,
                    pod: key,
                    boot: boot,
                    containers: containers(plugins),
                    kindsWithoutOutputs: kindsWithoutOutputs(plugins),
                    verify: {
                        // The next pass sees it too, and ends the Promotion.
                        if let change = made.problem(of: try await read(key)) { throw WorkspaceLostError(change) }
                    },
                    logs: StepLogKeeper(
                        api: api,
                        pod: key,
                        promotion: promotion,
                        redact: hooks.redact,
                        logger: logger,
                        clock: clock
                    ),
                    broker: hooks.broker
                )
                sessions.begin(promotion.metadata.uid, executor)
                await wait.end()
                return AgentSession(isFresh: isFresh, executor: executor, restart: restart, excused: wait.excused)
            }
        }
    }

    /// Deletes the Pod of a Promotion.
    ///
    /// What a step has written that is at work is kept first.
    public func end(_ promotion: Promotion, _ mode: AgentEnding) async throws {
        if let executor = sessions.end(promotion.metadata.uid), mode == .busy { await executor.keepLog() }
        let key = key(of: promotion)
        var options = DeleteOptions()
        options.gracePeriodSeconds = mode.gracePeriod
        if let pod = observer.pod(key) { routes.forget(pod.metadata.uid) }
        do {
            try await api.delete(.pods, namespace: key.namespace, name: key.name, options: options)
        } catch let error as KubernetesError where error.code == .notFound {
            return
        } catch let error as KubernetesError
            where error.code == .forbidden && promotion.metadata.annotations[KargoAPI.Annotation.agentPod] == nil
        {
            // In a Project where it may delete no Pods it has made none.
            return
        }
    }

    private func key(of promotion: Promotion) -> ObjectKey {
        ObjectKey(
            namespace: promotion.metadata.namespace,
            name: AgentPodTemplate.name(promotionUID: promotion.metadata.uid)
        )
    }

    /// The container that runs each kind of step.
    private func containers(_ plugins: [RegisteredPlugin]) -> [String: String] {
        var containers: [String: String] = [:]
        for plugin in plugins {
            for kind in plugin.kinds { containers[kind.name] = plugin.plugin.spec.sidecar.container.name }
        }
        return containers
    }

    private func kindsWithoutOutputs(_ plugins: [RegisteredPlugin]) -> Set<String> {
        let steps = plugins.flatMap(\.plugin.spec.steps)
        return Set(steps.filter { !configuration.template.policy.sendsOutputs(to: $0) }.map(\.kind))
    }

    // MARK: Pods

    /// The Pod as the server has it, whenever it answers; nil if there is none.
    private func read(_ key: ObjectKey) async throws -> Pod? {
        var failures = 0
        while true {
            do {
                return try await get(key)
            } catch let error as KubernetesError where error.isTransient {
                try await backoff.pause(afterFailures: failures)
                failures += 1
            }
        }
    }

    /// The Pod as the server has it; nil if there is none.
    func get(_ key: ObjectKey) async throws -> Pod? {
        do {
            return try decode(await api.get(.pods, namespace: key.namespace, name: key.name))
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
    }

    private func decode(_ value: JSONValue) throws -> Pod {
        do {
            return try JSONValueDecoder().decode(Pod.self, from: value)
        } catch {
            throw AgentStartFailure("the agent Pod can't be read: \(error)")
        }
    }

    /// Counts a lost Pod, and gives up when there have been too many.
    private func lose(
        _ record: inout AgentPodRecord,
        _ key: ObjectKey,
        reason: String,
        _ wait: inout AgentWait
    ) async throws {
        routes.forget(record.uid)
        let maximum = configuration.maximumLosses
        let cause = String(wait.hooks.redact(reason).prefix(Self.longestCause))
        logger.warning(
            "agent Pod lost",
            metadata: ["pod": "\(key)", "losses": "\(record.losses + 1)", "cause": "\(cause)"]
        )
        guard record.losses < maximum else {
            throw AgentStartFailure(
                "the agent Pod was lost \(record.losses + 1) times, the last time because: \(reason)"
            )
        }
        record = AgentPodRecord(losses: record.losses + 1, cause: cause)
        // In this order: a controller that dies in between begins the Promotion anew once more, and never goes on in an
        // empty work directory.
        try await wait.hooks.restart()
        try await wait.hooks.recordPod(record)
        await wait.lose(record, of: maximum)
    }

    /// The most characters that are kept of how a Pod was lost.
    private static var longestCause: Int { 500 }

    private func create(
        _ promotion: Promotion,
        plugins: [RegisteredPlugin],
        _ wait: inout AgentWait
    ) async throws -> Pod {
        let key = key(of: promotion)
        let secret = AgentSecret(
            key: configuration.keys.current,
            namespace: key.namespace,
            pod: key.name,
            nonce: AgentSecret.makeNonce()
        )
        let value: JSONValue
        do {
            let pod = try configuration.template.pod(
                for: promotion,
                plugins: plugins,
                secret: secret,
                serviceAccount: try await ask(
                    "the service account of the agent Pod can't be read",
                    &wait,
                    in: key.namespace
                ) {
                    try await AgentServiceAccount.resolve(for: plugins, project: key.namespace, api: api)
                }
            )
            value = try JSONValueEncoder().encode(pod)
        } catch let refusal as AgentPodTemplate.Refusal {
            throw AgentStartFailure(refusal.description)
        }
        let trouble = "the agent Pod can't be created"
        var failures = 0
        while true {
            do {
                return try decode(await api.create(.pods, namespace: key.namespace, value))
            } catch let error as KubernetesError {
                if error.code == .alreadyExists, let other = try await read(key, &wait) {
                    try await deleteAndWait(other, key, reason: "\(trouble) yet: \(error.message)", &wait)
                }
                try await pause(after: error, trouble, failures: failures, &wait, in: key.namespace)
                failures += 1
            }
        }
    }

    /// The agent of a Pod.
    func agent(_ key: ObjectKey, uid: String) -> PinnedAgent {
        PinnedAgent(
            api: api,
            observer: observer,
            key: key,
            uid: uid,
            keys: configuration.keys,
            routes: routes,
            connect: connect,
            explain: explain
        )
    }
}

extension AgentPodRecord {
    /// What somebody has changed about the Pod; nil if it is as the controller made it, or is not there.
    fileprivate func problem(of pod: Pod?) -> String? {
        guard let pod, pod.metadata.uid == uid else { return nil }
        return change(in: pod).map { "the agent Pod was changed: \($0)" }
    }

    /// How the agent was restarted since a controller knew it last; nil if it was not.
    fileprivate func restart(_ current: String, _ pod: Pod?) -> String? {
        guard !boot.isEmpty, boot != current else { return nil }
        let status = pod?.status.containerStatuses.first { $0.name == AgentPodTemplate.agentContainer }
        let ending = status?.lastState.terminated?.sentence ?? "was restarted"
        return "the agent \(ending) while no controller was there"
    }
}
