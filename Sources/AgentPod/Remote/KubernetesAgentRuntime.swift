import ArgoCompat
public import AsyncHTTPClient
import ExecutorRPC
public import KargoCore
public import KubernetesClient
public import Logging
public import StepPluginRegistry

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Runs agents in Pods of a cluster.
public struct KubernetesAgentRuntime: AgentRuntime {
    let api: any KubernetesAPI
    let observer: PodObserver
    private let configuration: Configuration
    let backoff: Backoff
    private let logger: Logger
    let now: @Sendable () -> Date
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
    ///   - now: The time of day.
    ///   - clock: What waiting is measured with.
    public init(
        api: any KubernetesAPI,
        observer: PodObserver,
        configuration: Configuration,
        client: HTTPClient,
        forwarding: AgentForwarding? = nil,
        logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() },
        clock: any Clock<Duration> = .continuous
    ) {
        self.api = api
        self.observer = observer
        self.configuration = configuration
        self.logger = logger
        self.now = now
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
        let patience = Patience(
            limit: min(limit ?? configuration.startTimeout, configuration.startTimeout),
            began: now()
        )
        var record: AgentPodRecord
        do {
            record = try AgentPodRecord(promotion)
        } catch {
            throw AgentStartFailure(String(describing: error))
        }
        let key = self.key(of: promotion)
        await observer.waitUntilSynced()
        var isFresh = false
        while true {
            try Task.checkCancellation()
            guard let pod = try await read(key) else {
                if !record.uid.isEmpty {
                    try await lose(&record, reason: "the agent Pod is gone", hooks)
                }
                if let obstacle { throw AgentStartFailure("no agent Pod can be made: \(obstacle)") }
                let created = try await create(promotion, plugins: plugins, within: patience.limit, hooks)
                record = AgentPodRecord(created, losses: record.losses)
                try await hooks.recordPod(record)
                isFresh = true
                continue
            }
            guard pod.metadata.uid == record.uid else {
                // Somebody made a Pod of that name, or its maker died before it could say that it had.
                let reason = "another Pod took the agent Pod's place"
                if !record.uid.isEmpty { try await lose(&record, reason: reason, hooks) }
                try await deleteAndWait(pod, key, reason: reason, hooks)
                continue
            }
            switch try await waitUntilRunning(pod, key, patience, hooks) {
            case .lost(let reason):
                try await lose(&record, reason: reason, hooks)
                try await deleteAndWait(pod, key, reason: reason, hooks)
            case .ready(let boot):
                let made = record
                // After the agent has named its life: another image would have begun another one.
                if let change = try await change(in: made, key) {
                    try await delete(pod, key)
                    throw AgentStartFailure(change)
                }
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
                        if let change = try await self.change(in: made, key) { throw WorkspaceLostError(change) }
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
                return AgentSession(isFresh: isFresh, executor: executor)
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

    /// The Pod as the server has it.
    func read(_ key: ObjectKey) async throws -> Pod? {
        var failures = 0
        while true {
            do {
                return try decode(await api.get(.pods, namespace: key.namespace, name: key.name))
            } catch let error as KubernetesError where error.code == .notFound {
                return nil
            } catch let error as KubernetesError where error.isTransient {
                try await backoff.pause(afterFailures: failures)
                failures += 1
            }
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
    private func lose(_ record: inout AgentPodRecord, reason: String, _ hooks: AgentHooks) async throws {
        guard record.losses < configuration.maximumLosses else {
            throw AgentStartFailure(
                "the agent Pod was lost \(record.losses + 1) times, the last time because: \(reason)"
            )
        }
        record = AgentPodRecord(losses: record.losses + 1)
        // In this order: a controller that dies in between begins the Promotion anew once more, and never goes on in an
        // empty work directory.
        try await hooks.restart(reason, record.losses)
        try await hooks.recordPod(record)
    }

    private func create(
        _ promotion: Promotion,
        plugins: [RegisteredPlugin],
        within limit: Duration,
        _ hooks: AgentHooks
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
                serviceAccount: try await serviceAccount(plugins, project: key.namespace)
            )
            value = try JSONValueEncoder().encode(pod)
        } catch let refusal as AgentPodTemplate.Refusal {
            throw AgentStartFailure(refusal.description)
        }
        let deadline = now().addingTimeInterval(Double(limit.components.seconds))
        var failures = 0
        while true {
            do {
                return try decode(await api.create(.pods, namespace: key.namespace, value))
            } catch let error as KubernetesError {
                // A quota may be free again in a moment; only its message tells it from what is forbidden for good.
                let isQuota = error.code == .forbidden && error.message.contains("exceeded quota")
                guard error.isTransient || error.code == .alreadyExists || isQuota, now() < deadline else {
                    throw AgentStartFailure("the agent Pod can't be created: \(error.message)")
                }
                let reason = "the agent Pod can't be created yet: \(error.message)"
                if error.code == .alreadyExists, let other = try await read(key) {
                    try await deleteAndWait(other, key, reason: reason, hooks)
                }
                await hooks.note(reason)
                try await backoff.pause(afterFailures: failures)
                failures += 1
            }
        }
    }

    private func serviceAccount(_ plugins: [RegisteredPlugin], project: String) async throws -> String? {
        var failures = 0
        while true {
            do {
                return try await AgentServiceAccount.resolve(for: plugins, project: project, api: api)
            } catch let error as KubernetesError where error.isTransient {
                try await backoff.pause(afterFailures: failures)
                failures += 1
            } catch let error as KubernetesError {
                throw AgentStartFailure("the service account of the agent Pod can't be read: \(error.message)")
            }
        }
    }

    /// What somebody has changed about the Pod, as the server has it; nil if it is as the controller made it.
    private func change(in record: AgentPodRecord, _ key: ObjectKey) async throws -> String? {
        guard let pod = try await read(key), pod.metadata.uid == record.uid else { return nil }
        return record.change(in: pod).map { "the agent Pod was changed: \($0)" }
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
