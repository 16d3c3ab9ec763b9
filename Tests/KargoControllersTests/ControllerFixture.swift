import KargoControllers
import KargoCore
import KubernetesClient
import Logging
import PromotionsBridge
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Controllers in front of a cluster in memory, with an engine that does what a test says.
struct ControllerFixture: Sendable {
    /// 2026-03-04T05:06:07Z.
    static let moment = Date(timeIntervalSince1970: 1_772_600_767)

    let cluster = KargoCluster()
    let engine: ScriptedEngine

    /// Makes a Project with a Stage and Freight in it.
    ///
    /// - Parameter run: What the engine does with a Promotion.
    /// - Throws: A text that is no YAML.
    init(
        run: @escaping @Sendable (PromotionRun) async throws -> PromotionRunResult = { .succeeded($0) }
    ) throws {
        engine = ScriptedEngine(run)
        try cluster.add(
            .stages,
            """
            metadata: {name: test, namespace: demo, generation: 3}
            spec:
              requestedFreight: [{origin: {kind: Warehouse, name: app}, sources: {direct: true}}]
              promotionTemplate: {spec: {steps: [{uses: one}]}}
            """
        )
        for name in ["f1", "f2"] {
            try cluster.add(
                .freights,
                """
                metadata: {name: \(name), namespace: demo}
                alias: alias-of-\(name)
                origin: {kind: Warehouse, name: app}
                images: [{repoURL: nginx, tag: \(name)}]
                """
            )
        }
    }

    static func path(_ resource: APIResource, _ name: String) -> String {
        resource.path(namespace: "demo", name: name)
    }

    /// Creates a Promotion of the Stage.
    func promote(_ name: String, freight: String = "f1", metadata: String = "", status: String = "{}") throws {
        try cluster.add(
            .promotions,
            """
            metadata: {name: \(name), namespace: demo\(metadata)}
            spec: {stage: test, freight: \(freight), steps: [{uses: one, as: step-1}]}
            status: \(status)
            """
        )
    }

    /// Waits for a phase of a Promotion and returns its status.
    @discardableResult
    func wait(for phase: String, of name: String) async throws -> JSONValue {
        let object = try await cluster.wait(for: Self.path(.promotions, name)) { object in
            object?[path: "status", "phase"]?.stringValue == phase
        }
        return object?["status"] ?? .null
    }

    /// Runs the controllers while the body runs.
    func running(
        _ configuration: KargoController.Configuration = KargoController.Configuration(),
        checkers: HealthCheckers = HealthCheckers(),
        applications: ApplicationFeed? = nil,
        operations: ControllerOperations = ControllerOperations(),
        now: @escaping @Sendable () -> Date = { moment },
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let controller = KargoController(
            api: cluster,
            engine: engine,
            configuration: configuration,
            checkers: checkers,
            applications: applications,
            operations: operations,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: now
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await controller.run()
                } catch is CancellationError {
                    return
                }
            }
            // So that every test knows what the controllers find and what comes later.
            try await engine.wait { $0.hasPrefix("remove all but") }
            try await body()
            group.cancelAll()
        }
    }
}

/// An engine that does what a test says and writes down what it was asked.
final class ScriptedEngine: PromotionEngine {
    private let log = Mutex<[String]>([])
    private let changes = WaitList<Bool>()
    private let failures = Mutex<[KubernetesError]>([])
    private let body: @Sendable (PromotionRun) async throws -> PromotionRunResult

    init(_ body: @escaping @Sendable (PromotionRun) async throws -> PromotionRunResult) {
        self.body = body
    }

    var calls: [String] { log.withLock { $0 } }

    /// Lets the next attempts to end a Promotion fail.
    func failToEnd(_ errors: KubernetesError...) { failures.withLock { $0 = errors } }

    /// Waits until the engine was asked something.
    func wait(for call: String) async throws { try await wait { $0 == call } }

    /// Waits until the engine was asked something like it.
    func wait(forCall isWanted: (String) -> Bool) async throws {
        while !calls.contains(where: isWanted) {
            try Task.checkCancellation()
            await changes.wait(for: true) { calls.contains(where: isWanted) }
        }
    }

    private func note(_ call: String) {
        log.withLock { $0.append(call) }
        changes.wakeAll()
    }

    func run(_ run: PromotionRun) async throws -> PromotionRunResult {
        note("run \(run.promotion.metadata.name)")
        do {
            return try await body(run)
        } catch let error as CancellationError {
            note("cancelled \(run.promotion.metadata.name)")
            throw error
        }
    }

    func end(_ promotion: Promotion, _ ending: PromotionEnding) async throws {
        note("end \(promotion.metadata.name) \(ending)")
        let failure = failures.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if let failure { throw failure }
    }

    func removeLeftovers(keeping uids: Set<String>, isAtWork: Bool) async throws {
        note("remove all but \(uids.sorted().joined(separator: ","))")
    }
}

extension PromotionRunResult {
    /// All steps have succeeded.
    static func succeeded(_ run: PromotionRun) -> PromotionRunResult {
        PromotionRunResult(
            outcome: .finished(phase: .succeeded, message: ""),
            progress: PromotionProgress(run.promotion.status)
        )
    }

    /// Goes on until the task is cancelled.
    static func never() async throws -> PromotionRunResult {
        let (never, _) = AsyncStream.makeStream(of: Void.self)
        for await _ in never {}
        throw CancellationError()
    }
}
