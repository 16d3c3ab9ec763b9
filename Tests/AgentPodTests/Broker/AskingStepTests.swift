import ExecutorRPC
import KargoCore
import KubernetesClient
import Logging
import Synchronization
import Testing

@testable import AgentPod

@Suite("Steps in an agent that ask", .timeLimit(.minutes(1)))
struct AskingStepTests {
    private let fixtures = BrokerFixtures()

    /// Asks for the credentials of `url` in its configuration, the identity if it is of the kind `clone`, and puts out
    /// what it got.
    private static func service() -> ExecutionService {
        ExecutionService(bootID: "boot-1") { step, _ in
            let broker = BrokeredCapabilities()
            let url = step.config["asked"]?.stringValue ?? step.config["url"]?.stringValue ?? ""
            let found = try await broker.credentials(.git, for: url, project: step.promotion.project)
            let name = step.kind == "clone" ? try await broker.gitUser().name : ""
            return .succeeded(output: ["password": .string(found?.password ?? ""), "name": .string(name)])
        }
    }

    private func execute(
        _ agent: any AgentConnection,
        _ step: StepContext,
        timeout: Duration? = nil,
        verify: @escaping @Sendable () async throws -> Void = {},
        broker: PromotionBroker?
    ) async throws -> StepResult {
        let key = ObjectKey(namespace: "demo", name: "promotion-agent-uid-1")
        var pod = Pod()
        pod.metadata.name = key.name
        pod.metadata.namespace = key.namespace
        pod.metadata.labels["kargo-extended.code.org/promotion-agent"] = "true"
        pod.status.phase = "Running"
        let cluster = PodCluster()
        try cluster.add(pod)
        let observer = PodObserver(api: cluster, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await observer.run() }
            await observer.waitUntilSynced()
            let executor = RemoteExecutor(
                agent: { agent },
                observer: observer,
                pod: key,
                boot: "boot-1",
                containers: [:],
                verify: verify,
                broker: broker
            )
            defer { group.cancelAll() }
            return try await executor.execute(step, attempt: StepAttempt(step: 0, errorCount: 0), timeout: timeout)
        }
    }

    @Test func `get what they may have`() async throws {
        let agent = LocalAgent(service: Self.service())
        let result = try await execute(agent, BrokerFixtures.step("clone"), broker: fixtures.broker())
        #expect(result == .succeeded(output: ["password": .string(BrokerFixtures.password), "name": "Kargo"]))
        #expect(fixtures.database.asked == ["git https://git.example/a demo", "git user"])
    }

    @Test func `fail with what they may not have`() async throws {
        let agent = LocalAgent(service: Self.service())
        var step = BrokerFixtures.step("clone")
        step.config["asked"] = "https://git.example/other"
        let result = try await execute(agent, step, broker: fixtures.broker())
        #expect(result.status == .errored)
        #expect(result.message.hasPrefix("the controller refuses credentials of the git repository "))
        #expect(fixtures.database.asked == [])
    }

    @Test func `fail where nobody answers`() async throws {
        let agent = LocalAgent(service: Self.service())
        let result = try await execute(agent, BrokerFixtures.step("clone"), broker: nil)
        #expect(result == .errored("the controller answers no questions of steps"))
    }

    @Test func `are answered by the controller that takes them up`() async throws {
        let service = Self.service()
        let agent = LocalAgent(service: service)
        let (questions, question) = AsyncStream.makeStream(of: Void.self)
        // The first controller ends while it looks for the answer.
        let stuck = fixtures.broker(capabilities: StepCapabilities(credentials: StuckDatabase { question.yield() }))
        let first = Task { try await execute(agent, BrokerFixtures.step("clone"), broker: stuck) }
        for await _ in questions { break }
        first.cancel()
        await #expect(throws: (any Error).self) { try await first.value }
        #expect(service.list.executions.map(\.result) == [nil])
        let result = try await execute(agent, BrokerFixtures.step("clone"), broker: fixtures.broker())
        #expect(result.status == .succeeded)
        #expect(service.list.executions.map(\.id) == ["0.0.1"])
    }

    @Test func `run out of time while an answer is looked for`() async throws {
        let service = Self.service()
        let stuck = fixtures.broker(capabilities: StepCapabilities(credentials: StuckDatabase {}))
        await #expect(throws: StepTimeoutError.self) {
            try await execute(
                LocalAgent(service: service),
                BrokerFixtures.step("clone"),
                timeout: .milliseconds(1100),
                broker: stuck
            )
        }
        let report = await service.wait(for: "0.0.1", limit: .seconds(25))
        #expect(report?.result == .errored("the step was cancelled"))
    }

    @Test(arguments: [true, false])
    func `are answered in no other life of the agent`(isChanged: Bool) async throws {
        let agent = CuriousAgent(questions: 1)
        // The agent's container is another one before the answer is found.
        let slow = RestartingDatabase { agent.restart() }
        let broker = fixtures.broker(capabilities: StepCapabilities(credentials: slow, gitIdentity: slow))
        let run = {
            try await execute(
                agent,
                BrokerFixtures.step("clone"),
                verify: { if isChanged { throw WorkspaceLostError("changed") } },
                broker: broker
            )
        }
        if isChanged {
            await #expect(throws: WorkspaceLostError("changed")) { try await run() }
        } else {
            #expect(try await run().status == .errored)
        }
        #expect(agent.answers == 0)
    }

    @Test(arguments: [1, 17])
    func `are ended when they ask for ever`(questions: Int) async throws {
        let agent = CuriousAgent(questions: questions)
        let result = try await execute(agent, BrokerFixtures.step("clone"), broker: fixtures.broker())
        #expect(result == .erroredForGood("the agent asked the controller too much"))
        #expect(agent.answers == (questions == 1 ? 16 : 0))
        #expect(agent.isCancelled)
    }
}

/// Finds nothing until the task is cancelled.
private struct StuckDatabase: CredentialsDatabase {
    let noteQuestion: @Sendable () -> Void

    init(_ noteQuestion: @escaping @Sendable () -> Void) { self.noteQuestion = noteQuestion }

    func credentials(_ type: CredentialType, for url: String, project: String) async throws -> RepositoryCredentials? {
        noteQuestion()
        let (never, _) = AsyncStream.makeStream(of: Void.self)
        for await _ in never {}
        throw CancellationError()
    }
}

/// Finds an identity after the agent was started anew.
private struct RestartingDatabase: CredentialsDatabase, GitIdentity {
    let restart: @Sendable () -> Void

    init(_ restart: @escaping @Sendable () -> Void) { self.restart = restart }

    func credentials(_ type: CredentialType, for url: String, project: String) -> RepositoryCredentials? { nil }

    func gitUser() -> GitUser {
        restart()
        return .kargo
    }
}

/// An agent that has another question after each answer.
private final class CuriousAgent: AgentConnection {
    private let state = Mutex((answers: 0, isCancelled: false, boot: "boot-1"))
    private let questions: Int

    init(questions: Int) { self.questions = questions }

    var answers: Int { state.withLock(\.answers) }
    var isCancelled: Bool { state.withLock(\.isCancelled) }

    func restart() { state.withLock { $0.boot = "boot-2" } }

    private var report: ExecutionReport {
        let needs = (0..<questions).map { CapabilityRequest(id: "\(answers)-\($0)", question: .gitUser) }
        return ExecutionReport(id: "0.0.1", bootID: "boot-1", needs: needs)
    }

    func start(_ start: ExecutionStart) async throws -> ExecutionReport { report }

    func wait(for id: String, limit: Duration) async throws -> ExecutionReport? { report }

    func answer(_ id: String, _ answers: ExecutionAnswers) async throws -> ExecutionReport? {
        state.withLock { $0.answers += 1 }
        return report
    }

    func cancel(_ id: String) async throws { state.withLock { $0.isCancelled = true } }

    func list() async throws -> ExecutionList { ExecutionList(bootID: state.withLock(\.boot), executions: []) }
}
