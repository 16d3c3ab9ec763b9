import AsyncHTTPClient
import KargoCore
import KargoTestSupport
import KubernetesClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Subprocess
import Testing

@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(2)))
struct ControllerProcessIntegrationTests {
    private func get(_ url: String) async throws -> (status: UInt, text: String) {
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(30))
        return (response.status.code, String(buffer: try await response.body.collect(upTo: 1 << 20)))
    }

    /// The line that a metric has once it is there; asked for again and again.
    private func metric(_ line: String, _ address: String) async throws {
        while !(try await get("\(address)/metrics").text.contains("\n\(line)\n")) { try Task.checkCancellation() }
    }

    @Test func `tells how it is, and ends well when it is asked to`() async throws {
        try await ScopedDirectory.with { directory in
            try await ClusterProcess.with(directory, options: ["--no-node"]) { cluster in
                let endedWell = try await ControllerProcess.run(on: cluster, directory) { controller in
                    let address = try #require(controller.running.address)
                    #expect(try await get("\(address)/healthz") == (200, "ok\n"))
                    // What it does not need for its work may come a little later.
                    while try await get("\(address)/readyz").status != 200 { try Task.checkCancellation() }
                    for line in [
                        #"kargo_step_plugins{state="usable"} 0"#, #"kargo_agent_pods{phase="Running"} 0"#,
                        #"kargo_promotions{phase="Pending"} 0"#,
                        #"workqueue_depth{controller="promotion-controller",name="promotion-controller"} 0"#,
                    ] {
                        try await metric(line, address)
                    }
                    let text = try await get("\(address)/metrics").text
                    #expect(text.contains(#"rest_client_requests_total{code="200",host="127.0.0.1:"#))
                    ProcessSignal.terminate(controller.running.pid)
                }
                #expect(endedWell)
            }
        }
    }

    private static let project = """
        apiVersion: kargo.akuity.io/v1alpha1
        kind: Project
        metadata: {name: demo}
        """

    private static let warehouse = """
        apiVersion: kargo.akuity.io/v1alpha1
        kind: Warehouse
        metadata: {name: w, namespace: demo}
        spec: {subscriptions: [{image: {repoURL: nginx}}]}
        """

    private static func stage(_ url: String) -> String {
        """
        apiVersion: kargo.akuity.io/v1alpha1
        kind: Stage
        metadata: {name: test, namespace: demo}
        spec:
          requestedFreight: [{origin: {kind: Warehouse, name: w}, sources: {direct: true}}]
          promotionTemplate: {spec: {steps: [{uses: http, config: {url: '\(url)', timeout: 10m}}]}}
        """
    }

    private static let freight = """
        apiVersion: kargo.akuity.io/v1alpha1
        kind: Freight
        metadata: {name: any, namespace: demo}
        origin: {kind: Warehouse, name: w}
        images: [{repoURL: nginx, tag: v1}]
        """

    private static func promotion(_ freight: String, _ url: String) -> String {
        """
        apiVersion: kargo.akuity.io/v1alpha1
        kind: Promotion
        metadata: {name: p1, namespace: demo}
        spec: {stage: test, freight: \(freight), steps: [{uses: http, as: ask, config: {url: '\(url)', timeout: 10m}}]}
        """
    }

    @Test func `leaves a step that is at work, and the Promotion to the next one`() async throws {
        let (callers, caller) = AsyncStream.makeStream(of: Void.self)
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                caller.yield()
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let url = "http://127.0.0.1:\(silent.localAddress?.port ?? 0)/"
        try await ScopedDirectory.with { directory in
            try await ClusterProcess.with(directory, options: ["--no-node"]) { cluster in
                try await cluster.connected { api in
                    func create(
                        _ resource: APIResource,
                        _ text: String,
                        in namespace: String? = "demo"
                    ) async throws -> JSONValue {
                        try await api.create(resource, namespace: namespace, JSONValue(yaml: text))
                    }
                    let endedWell = try await ControllerProcess.run(on: cluster, directory) { controller in
                        _ = try await create(.projects, Self.project, in: nil)
                        while (try? await api.get(.namespaces, name: "demo")) == nil { try Task.checkCancellation() }
                        _ = try await create(.warehouses, Self.warehouse)
                        _ = try await create(.stages, Self.stage(url))
                        let freight = try await create(.freights, Self.freight)
                        let name = freight[path: "metadata", "name"]?.stringValue ?? ""
                        _ = try await create(.promotions, Self.promotion(name, url))
                        for await _ in callers { break }
                        ProcessSignal.terminate(controller.running.pid)
                    }
                    #expect(endedWell)
                    let promotions = try await api.list(.promotions, namespace: "demo").items
                    #expect(promotions.map { $0[path: "status", "phase"] } == ["Running"])
                    // The next one asks again.
                    _ = try await ControllerProcess.run(on: cluster, directory) { controller in
                        for await _ in callers { break }
                        ProcessSignal.terminate(controller.running.pid)
                    }
                }
            }
        }
        try await silent.close()
    }

    @Test func `ends as a failure when its lease is lost`() async throws {
        try await ScopedDirectory.with { directory in
            try await ClusterProcess.with(directory, options: ["--no-node"]) { cluster in
                try await cluster.connected { api in
                    let endedWell = try await ControllerProcess.run(
                        on: cluster,
                        directory,
                        ["KARGO_LEADER_ELECTION": "true", "SHARD_NAME": "east"]
                    ) { controller in
                        let address = try #require(controller.running.address)
                        try await metric(#"leader_election_master_status{name="kargo-leader-east"} 1"#, address)
                        let patch: ObjectPatch = .merge(["spec": ["holderIdentity": "thief"]])
                        _ = try await api.patch(.leases, namespace: "kargo", name: "kargo-leader-east", patch)
                    }
                    #expect(!endedWell)
                }
            }
        }
    }
}
