import AsyncHTTPClient
import ExecutorRPC
import KargoCore
import KubernetesClient
import Logging
import StepPluginRegistry
import Synchronization
import Testing

@testable import AgentPod

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A runtime in front of a cluster in memory, and one agent wherever a Pod runs.
struct RuntimeFixture {
    static let name = "promotion-agent-uid-1"
    static let moment = Date(timeIntervalSince1970: 1_800_000_000)

    /// What the hooks heard, and what a test does about it.
    final class Diary: Sendable {
        private let lines = Mutex<[String]>([])
        private let changes = WaitList<Bool>()
        private let reaction: @Sendable (String) throws -> Void

        init(_ reaction: @escaping @Sendable (String) throws -> Void = { _ in }) {
            self.reaction = reaction
        }

        var all: [String] { lines.withLock { $0 } }

        func write(_ line: String) throws {
            lines.withLock { $0.append(line) }
            try reaction(line)
            changes.wakeAll()
        }

        /// Waits until a line was written.
        func wait(for line: String) async {
            while !all.contains(line) { await changes.wait(for: true) { all.contains(line) } }
        }

        var hooks: AgentHooks {
            AgentHooks(
                note: { note in
                    do {
                        try self.write("note \(note)")
                    } catch {
                        Issue.record(error)
                    }
                },
                recordPod: { record in
                    let boot = record.boot.isEmpty ? "" : " \(record.boot)"
                    let cause = record.cause.isEmpty ? "" : " after \(record.cause)"
                    try self.write("pod \(record.uid) \(record.losses)\(boot)\(cause)")
                },
                restart: { try self.write("restart") },
                redact: { $0.replacing("secret", with: "***") }
            )
        }
    }

    /// The addresses and tokens that were called.
    final class Calls: Sendable {
        private let calls = Mutex<[String]>([])
        var all: [String] { calls.withLock { $0 } }
        func add(_ call: String) { calls.withLock { $0.append(call) } }
    }

    let agent = FakeAgent(.succeeded(), .succeeded())
    let calls = Calls()

    static func run(_ pod: inout Pod, address: String = "10.0.0.7") {
        pod.metadata.creationTimestamp = KubernetesTime(moment)
        pod.status.phase = "Running"
        pod.status.podIP = address
        var status = ContainerStatus()
        status.name = "promotion-agent"
        status.state.running = ContainerStateRunning()
        pod.status.containerStatuses = [status]
        publish(&pod, announcement)
    }

    /// What an init container says of a certificate.
    static let announcement = makeAnnouncement()

    static func makeAnnouncement() -> String {
        do {
            let pair = try Certificate.makeSelfSignedServer(name: "promotion-agent", now: Date(), days: 1)
            let certificate = String(decoding: pair.certificate, as: UTF8.self)
            return try JSONValueEncoder().encode(AgentAnnouncement(certificate: certificate)).text()
        } catch {
            return "\(error)"
        }
    }

    /// Lets the init container end with a message.
    static func publish(_ pod: inout Pod, _ message: String) {
        var status = ContainerStatus()
        status.name = "step-plugin-token-init"
        var terminated = ContainerStateTerminated()
        terminated.message = message
        status.state.terminated = terminated
        pod.status.initContainerStatuses.removeAll { $0.name == status.name }
        pod.status.initContainerStatuses.append(status)
    }

    static func wait(_ pod: inout Pod, _ reason: String, _ message: String = "") {
        pod.metadata.creationTimestamp = KubernetesTime(moment)
        pod.status.phase = "Pending"
        var status = ContainerStatus()
        status.name = "probe-step-plugin"
        var waiting = ContainerStateWaiting()
        waiting.reason = reason
        waiting.message = message
        status.state.waiting = waiting
        pod.status.initContainerStatuses = [status]
    }

    static func promotion(_ record: AgentPodRecord?) throws -> Promotion {
        var promotion = PluginFixtures.promotion()
        promotion.metadata.annotations["kargo-extended.code.org/agent-pod"] = try record?.annotation
        return promotion
    }

    /// An agent Pod of the Promotion.
    static func pod(uid: String, _ change: (inout Pod) -> Void = { run(&$0) }) -> Pod {
        var pod = Pod()
        pod.metadata.name = name
        pod.metadata.namespace = "demo"
        pod.metadata.uid = uid
        pod.metadata.labels["kargo-extended.code.org/promotion-agent"] = "true"
        pod.metadata.annotations["kargo-extended.code.org/agent-nonce"] = "00ff"
        pod.metadata.annotations["kargo-extended.code.org/promotion-uid"] = "uid-1"
        change(&pod)
        return pod
    }

    func withRuntime<Result: Sendable>(
        _ cluster: PodCluster,
        policy: PodPolicy = PodPolicy(),
        clock: any Clock<Duration> = .continuous,
        _ body: @escaping @Sendable (KubernetesAgentRuntime, PodObserver) async throws -> Result
    ) async throws -> Result {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let client = HTTPPluginTransport.makeClient()
        let observer = PodObserver(api: cluster, logger: logger)
        var runtime = KubernetesAgentRuntime(
            api: cluster,
            observer: observer,
            configuration: .init(
                template: AgentPodTemplate(image: "agent:1", policy: policy),
                keys: AgentKeys(current: Array("key".utf8))
            ),
            client: client,
            logger: logger,
            clock: clock
        )
        runtime.connect = { [agent, calls] place in
            calls.add("\(place.address) \(place.token)")
            return agent
        }
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(
                try await withThrowingTaskGroup(of: Void.self) { [runtime] group in
                    group.addTask { try await observer.run() }
                    defer { group.cancelAll() }
                    return try await body(runtime, observer)
                }
            )
        } catch {
            outcome = .failure(error)
        }
        try await client.shutdown()
        return try outcome.get()
    }

    func prepare(
        _ cluster: PodCluster,
        _ record: AgentPodRecord? = nil,
        plugins: [RegisteredPlugin] = [PluginFixtures.plugin()],
        obstacle: String? = nil,
        limit: Duration? = nil,
        clock: any Clock<Duration> = .continuous,
        diary: Diary = Diary()
    ) async throws -> AgentSession {
        try await withRuntime(cluster, clock: clock) { runtime, _ in
            try await runtime.prepare(
                try Self.promotion(record),
                plugins: plugins,
                obstacle: obstacle,
                limit: limit,
                hooks: diary.hooks
            )
        }
    }

    func failure(
        _ cluster: PodCluster,
        _ record: AgentPodRecord? = nil,
        plugins: [RegisteredPlugin] = [PluginFixtures.plugin()],
        obstacle: String? = nil,
        limit: Duration? = nil,
        clock: any Clock<Duration> = .continuous,
        diary: Diary = Diary()
    ) async throws -> String {
        try await #require(throws: AgentStartFailure.self) {
            try await prepare(
                cluster,
                record,
                plugins: plugins,
                obstacle: obstacle,
                limit: limit,
                clock: clock,
                diary: diary
            )
        }
        .description
    }
}

extension KubernetesAgentRuntime {
    /// Prepares the agent of the fixture's Promotion.
    func prepare(
        _ record: AgentPodRecord?,
        plugins: [RegisteredPlugin] = [],
        diary: RuntimeFixture.Diary = RuntimeFixture.Diary()
    ) async throws -> AgentSession {
        try await prepare(
            try RuntimeFixture.promotion(record),
            plugins: plugins,
            obstacle: nil,
            limit: nil,
            hooks: diary.hooks
        )
    }
}
