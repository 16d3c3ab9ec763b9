import ControlPlane
import KargoCore
import KargoTestSupport
import KubernetesClient
import LocalCluster
import Logging
import PromotionsBridge
import Testing

@testable import KargoControllers

/// Two controllers of one shard, on a cluster in this process.
@Suite("Replicas", .timeLimit(.minutes(2)))
struct ReplicasIntegrationTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let lease = (namespace: "kargo", name: "kargo-leader")

    /// Runs a cluster with a Stage and Freight.
    private func cluster(_ body: @escaping @Sendable (ClusterConnection) async throws -> Void) async throws {
        try await ScopedDirectory.with { directory in
            var configuration = LocalCluster.Configuration(dataDirectory: directory.file("data"), node: .none)
            configuration.namespaces = ["default", "kargo", "demo"]
            configuration.customResourceDefinitions = try KargoDefinitions.customResourceDefinitions
            let cluster = LocalCluster(configuration, logger: Self.logger)
            try await cluster.run { access in
                let environment = ["KUBECONFIG": access.controllerKubeconfig]
                let configuration = try ClusterConfiguration.discover(environment: environment)
                try await ClusterConnection.with(configuration) { api in
                    try await addStage(api)
                    try await body(api)
                }
            }
        }
    }

    private func add(
        _ resource: APIResource,
        _ kind: String,
        _ name: String,
        _ rest: String,
        _ api: ClusterConnection
    )
        async throws
    {
        let text = """
            apiVersion: kargo.akuity.io/v1alpha1
            kind: \(kind)
            metadata: {name: \(name), namespace: demo}
            \(rest)
            """
        _ = try await api.create(resource, namespace: "demo", JSONValue(yaml: text))
    }

    private func addStage(_ api: ClusterConnection) async throws {
        let stage = """
            spec:
              requestedFreight: [{origin: {kind: Warehouse, name: app}, sources: {direct: true}}]
              promotionTemplate: {spec: {steps: [{uses: one}]}}
            """
        try await add(.stages, "Stage", "test", stage, api)
        let freight = "origin: {kind: Warehouse, name: app}\nimages: [{repoURL: nginx, tag: v1}]"
        try await add(.freights, "Freight", "f1", freight, api)
    }

    private func promote(_ name: String, _ api: ClusterConnection) async throws {
        try await add(
            .promotions,
            "Promotion",
            name,
            "spec: {stage: test, freight: f1, steps: [{uses: one, as: step-1}]}",
            api
        )
    }

    /// A controller whose engine writes down what it does; it never comes to an end with some Promotions.
    private struct Replica: Sendable {
        let engine: ScriptedEngine
        let operations = ControllerOperations()
        let name: String

        init(_ name: String, _ log: Kept<[String]>, never: Set<String> = []) {
            self.name = name
            engine = ScriptedEngine { run in
                let promotion = run.promotion.metadata.name
                log.change { $0.append("\(name) \(promotion)") }
                guard never.contains(promotion) else { return .succeeded(run) }
                defer { log.change { $0.append("\(name) stops \(promotion)") } }
                return try await .never()
            }
        }

        func run(_ api: any KubernetesAPI, onLost: @escaping @Sendable () -> Void = {}) async throws {
            let controller = KargoController(
                api: api,
                engine: engine,
                configuration: .init(),
                operations: operations,
                logger: ReplicasIntegrationTests.logger
            )
            let election = LeaderElection(
                api: api,
                namespace: ReplicasIntegrationTests.lease.namespace,
                name: ReplicasIntegrationTests.lease.name,
                identity: name,
                timing: .init(retryPeriod: .milliseconds(200)),
                logger: ReplicasIntegrationTests.logger
            )
            try await controller.run(electedBy: election, onLost: onLost)
        }
    }

    /// A cluster that tells when somebody has asked for the Lease.
    private struct WatchedAPI: KubernetesAPI {
        let api: ClusterConnection
        let asked: AsyncStream<Void>.Continuation

        func send(_ request: APIRequest) async throws -> APIResponse {
            let response = try await api.send(request)
            if request.path.contains("/leases/") { asked.yield() }
            return response
        }

        func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
            try await api.stream(request, body)
        }
    }

    private func holder(_ api: ClusterConnection) async throws -> JSONValue? {
        try await api.get(.leases, namespace: Self.lease.namespace, name: Self.lease.name)[
            path: "spec",
            "holderIdentity"
        ]
    }

    @Test func `only one works, and when it ends the other takes over and repeats nothing`() async throws {
        try await cluster { api in
            let log = Kept<[String]>([])
            let (a, b) = (Replica("a", log, never: ["p2"]), Replica("b", log))
            let first = Task { try await a.run(api) }
            try await promote("p1", api)
            try await a.engine.wait(for: "end p1 finished")
            let (questions, question) = AsyncStream.makeStream(of: Void.self)
            let second = Task { try await b.run(WatchedAPI(api: api, asked: question)) }
            var answers = questions.makeAsyncIterator()
            for _ in 0..<3 { await answers.next() }
            #expect(b.operations.stage == .standby && b.operations.missing() == nil)
            #expect(a.operations.stage == .working)
            #expect(try await holder(api) == "a")
            try await promote("p2", api)
            try await a.engine.wait(for: "run p2")
            #expect(b.engine.calls.isEmpty)
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            try await promote("p3", api)
            try await b.engine.wait(for: "end p2 finished")
            try await b.engine.wait(for: "end p3 finished")
            #expect(log.value == ["a p1", "a p2", "a stops p2", "b p2", "b p3"])
            #expect(try await holder(api) == "b")
            second.cancel()
            await #expect(throws: CancellationError.self) { try await second.value }
            #expect(try await holder(api) == nil)
        }
    }

    @Test func `one that loses the lease stops its work and says so`() async throws {
        try await cluster { api in
            let log = Kept<[String]>([])
            let a = Replica("a", log, never: ["p1"])
            let work = Task { try await a.run(api) { log.change { $0.append("a loses") } } }
            try await promote("p1", api)
            try await a.engine.wait(for: "run p1")
            // The holder writes it too; who comes in between begins again.
            while true {
                var lease = try await api.get(.leases, namespace: Self.lease.namespace, name: Self.lease.name)
                lease[path: "spec", "holderIdentity"] = "thief"
                do {
                    _ = try await api.replace(.leases, namespace: Self.lease.namespace, name: Self.lease.name, lease)
                    break
                } catch let error as KubernetesError where error.code == .conflict {
                    continue
                }
            }
            let error = await #expect(throws: LeaderElection.Lost.self) { try await work.value }
            #expect(error?.description.contains("kargo/kargo-leader is lost: another process took it") == true)
            #expect(log.value == ["a p1", "a loses", "a stops p1"])
            #expect(a.operations.stage == .ending)
            #expect(try await holder(api) == "thief")
        }
    }
}
