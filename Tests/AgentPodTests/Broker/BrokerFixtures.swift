import AgentPod
import ExecutorRPC
import KargoCore
import Logging
import Synchronization

/// What the broker suites share: a database that writes down what it is asked, and kinds that may ask for something.
struct BrokerFixtures: Sendable {
    static let password = "pass-word-1"

    let database = Database()
    let log = LogLines()
    let redactor = SecretRedactor()

    /// Kinds: `clone` is granted `url` of its configuration and the git identity, `push` what `clone` was granted,
    /// `images` the Warehouse `main`, and `write` runs in the controller.
    static let registry = StepRegistry(access: [
        "clone": .agent { step in [.credentials(.git, url: step.config["url"]?.stringValue ?? ""), .gitUser] },
        "push": .agent { _ in [.credentialsOfEarlier(kind: "clone")] },
        "images": .agent { _ in [.warehouse("main")] },
        "write": .controller,
    ])

    static func step(_ kind: String, url: String = "https://git.example/a") -> StepContext {
        var promotion = PromotionContext()
        promotion.project = "demo"
        promotion.promotion = "test.01k.f00d"
        return StepContext(
            kind: kind,
            alias: "step-1",
            config: ["url": .string(url)],
            workDir: "/workspace",
            privateDir: "/tmp",
            sharedState: [:],
            promotion: promotion
        )
    }

    /// A broker of a Promotion, and the steps of it that have succeeded before.
    func broker(
        capabilities: StepCapabilities? = nil,
        earlier: [StepContext] = []
    ) -> PromotionBroker {
        CapabilityBroker(
            capabilities: capabilities
                ?? StepCapabilities(credentials: database, gitIdentity: database, controlPlane: database),
            access: { Self.registry.access($0) },
            logger: Logger(label: "test") { [log] _ in log }
        )
        .forPromotion(redactor: redactor) { kind, index in earlier.prefix(index).filter { $0.kind == kind } }
    }

    final class Database: CredentialsDatabase, GitIdentity, ControlPlaneAccess {
        struct Down: Error, CustomStringConvertible {
            let description = "the server is down, says \(BrokerFixtures.password)"
        }

        private let state = Mutex<(asked: [String], isDown: Bool)>(([], false))

        /// What was asked for.
        var asked: [String] { state.withLock(\.asked) }

        func breakDown() { state.withLock { $0.isDown = true } }

        private func note(_ question: String) throws {
            let isDown = state.withLock { state in
                state.asked.append(question)
                return state.isDown
            }
            if isDown { throw Down() }
        }

        func credentials(_ type: CredentialType, for url: String, project: String) throws -> RepositoryCredentials? {
            try note("\(type) \(url) \(project)")
            return url.contains("public")
                ? nil : RepositoryCredentials(username: "user", password: BrokerFixtures.password)
        }

        func gitUser() throws -> GitUser {
            try note("git user")
            return GitUser(name: "Kargo", email: "kargo@example.com", signingKey: "SIGNING KEY")
        }

        func warehouse(_ name: String, project: String) throws -> Warehouse? {
            try note("warehouse \(name) \(project)")
            var warehouse = Warehouse()
            warehouse.metadata.name = name
            return warehouse
        }

        func setMetadata(_ values: [String: JSONValue], of target: MetadataTarget, project: String) throws {
            try note("set metadata")
        }

        func setFreightAlias(_ alias: String, of freight: String, project: String) throws -> String {
            try note("set alias")
            return ""
        }

        func recordEvent(_ event: Event) throws { try note("event") }
    }
}

/// Keeps what is logged, with its metadata.
final class LogLines: LogHandler {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var metadata: Logger.Metadata {
        get { [:] }
        set { _ = newValue }
    }
    var logLevel: Logger.Level {
        get { .trace }
        set { _ = newValue }
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set { _ = newValue }
    }

    func log(event: LogEvent) {
        let metadata = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        lines.withLock { $0.append("\(event.level): \(event.message) \(metadata.joined(separator: " "))") }
    }
}

/// An agent in this process, without a Pod and HTTP.
struct LocalAgent: AgentConnection {
    let service: ExecutionService

    func start(_ start: ExecutionStart) async throws -> ExecutionReport { try service.start(start) }

    func wait(for id: String, limit: Duration) async throws -> ExecutionReport? {
        await service.wait(for: id, limit: limit)
    }

    func answer(_ id: String, _ answers: ExecutionAnswers) async throws -> ExecutionReport? {
        service.answer(id, answers.answers)
    }

    func cancel(_ id: String) async throws { _ = await service.cancel(id) }

    func list() async throws -> ExecutionList { service.list }
}
