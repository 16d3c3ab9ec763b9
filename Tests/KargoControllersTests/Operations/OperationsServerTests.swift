import AsyncHTTPClient
import KargoCore
import KargoTestSupport
import KubernetesClient
import Logging
import NIOCore
import NIOHTTP1
import Testing

@testable import KargoControllers

@Suite("Health and metrics", .timeLimit(.minutes(1)))
struct OperationsServerTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    struct Answer: Sendable {
        let status: UInt
        let type: String?
        let text: String
    }

    /// Runs a server on loopback and hands the body what asks it.
    private func serving(
        _ operations: ControllerOperations,
        _ body: @escaping @Sendable (@Sendable (String, String) async throws -> Answer) async throws -> Void
    ) async throws {
        let address = try #require(BindAddress("127.0.0.1:0"))
        let server = OperationsServer(operations, address: address, logger: Self.logger)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { port.finish() }
                try await server.run { port.yield($0) }
            }
            defer { group.cancelAll() }
            var iterator = ports.makeAsyncIterator()
            let url = address.url(port: try #require(await iterator.next()))
            try await body { method, path in
                var request = HTTPClientRequest(url: url + path)
                request.method = .init(rawValue: method)
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
                let text = try await response.body.collect(upTo: 1 << 20)
                return Answer(
                    status: response.status.code,
                    type: response.headers.first(name: "content-type"),
                    text: String(buffer: text)
                )
            }
        }
    }

    private func loop() -> ReconcileLoop<String> {
        ReconcileLoop(maximumConcurrency: 1, logger: Self.logger) { _ in .awaitChange }
    }

    @Test func `is healthy from the start, and ready when all is known and the work has begun`() async throws {
        let operations = ControllerOperations()
        let isKnown = Kept(false)
        operations.require("plugins") { isKnown.value }
        try await serving(operations) { ask in
            var answer = try await ask("GET", "/healthz")
            #expect(answer.status == 200)
            answer = try await ask("GET", "/readyz")
            #expect(answer.status == 503 && answer.text == "plugins not known yet\n")
            isKnown.change { $0 = true }
            answer = try await ask("GET", "/readyz")
            #expect(answer.status == 503 && answer.text == "starting\n")
            operations.note(.working)
            answer = try await ask("GET", "/readyz")
            #expect(answer.status == 200 && answer.text == "ok\n")
            operations.note(.ending)
            operations.note(.working)
            answer = try await ask("GET", "/readyz")
            #expect(answer.status == 503)
            answer = try await ask("GET", "/healthz")
            #expect(answer.status == 200)
        }
    }

    @Test func `a replica that waits for its turn is healthy and ready`() async throws {
        let operations = ControllerOperations()
        operations.require("Kargo's objects") { false }
        operations.note(.standby)
        try await serving(operations) { ask in
            let answers = [try await ask("GET", "/healthz"), try await ask("HEAD", "/readyz")]
            #expect(answers.map(\.status) == [200, 200])
        }
    }

    @Test func `a replica that can't learn when its turn comes is not ready`() async throws {
        let operations = ControllerOperations()
        let problem = Kept<String?>("the Lease kargo/kargo-leader could not be read")
        operations.watchStandby { problem.value }
        operations.note(.standby)
        try await serving(operations) { ask in
            var answer = try await ask("GET", "/readyz")
            #expect(answer.status == 503 && answer.text == "the Lease kargo/kargo-leader could not be read\n")
            problem.change { $0 = nil }
            answer = try await ask("GET", "/readyz")
            #expect(answer.status == 200)
        }
    }

    @Test func `is not healthy when a loop has stopped, and names it`() async throws {
        let clock = ManualClock()
        let operations = ControllerOperations(patience: .seconds(3), clock: clock)
        let (turning, stopped) = (loop(), loop())
        operations.watch(turning, "stage-controller")
        operations.watch(stopped, "promotion-controller")
        operations.note(.working)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await turning.run() }
            defer { group.cancelAll() }
            try await serving(operations) { ask in
                async let answer = ask("GET", "/healthz")
                await clock.waitForSleepers()
                await turning.turn()
                clock.advance(by: .seconds(3))
                let text = try await answer.text
                #expect(text.contains("promotion-controller does not turn\n"))
            }
        }
    }

    @Test func `is healthy as long as all loops turn`() async throws {
        let operations = ControllerOperations(patience: .seconds(50))
        let loops = [loop(), loop()]
        for (index, loop) in loops.enumerated() { operations.watch(loop, "loop-\(index)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for loop in loops { group.addTask { await loop.run() } }
            defer { group.cancelAll() }
            try await serving(operations) { ask in
                for _ in 0..<3 {
                    let status = try await ask("GET", "/healthz").status
                    #expect(status == 200)
                }
            }
        }
    }

    @Test func `serves its numbers as Prometheus reads them`() async throws {
        let operations = ControllerOperations()
        operations.add(ProcessMetrics(start: ControllerFixture.moment))
        operations.watch(loop(), "stage-controller-east")
        operations.add(LeaderMetrics(lease: "kargo-leader-east", operations: operations))
        try await serving(operations) { ask in
            let answer = try await ask("GET", "/metrics")
            #expect(answer.status == 200)
            #expect(answer.type == "text/plain; version=0.0.4; charset=utf-8")
            let lines = Set(answer.text.split(separator: "\n").map(String.init))
            for line in [
                "process_start_time_seconds 1772600767",
                #"workqueue_depth{controller="stage-controller-east",name="stage-controller-east"} 0"#,
                #"controller_runtime_reconcile_total{controller="stage-controller-east",result="error"} 0"#,
                #"controller_runtime_reconcile_time_seconds_count{controller="stage-controller-east"} 0"#,
                #"leader_election_master_status{name="kargo-leader-east"} 0"#,
            ] {
                #expect(lines.contains(line), "\(line)")
            }
            #expect(answer.text.contains("kargo_build_info{"))
        }
    }

    @Test(arguments: [
        ("GET", "/", 404), ("GET", "/metrics/", 404), ("POST", "/metrics", 405), ("DELETE", "/healthz", 405),
    ])
    func `answers nothing else`(method: String, path: String, status: UInt) async throws {
        try await serving(ControllerOperations()) { ask in
            let answer = try await ask(method, path)
            #expect(answer.status == status)
        }
    }

    @Test func `says which address can't be listened on`() async throws {
        let address = try #require(BindAddress("192.0.2.1:1"))
        let error = await #expect(throws: BindAddress.Unusable.self) {
            try await OperationsServer(ControllerOperations(), address: address, logger: Self.logger).run()
        }
        #expect(error?.description.contains("METRICS_BIND_ADDRESS is \"192.0.2.1:1\"") == true)
    }

    @Test func `the controllers tell of their loops and of Promotions`() async throws {
        let fixture = try ControllerFixture()
        let operations = ControllerOperations()
        try fixture.promote("p1")
        let states = Kept<[ControllerOperations.Stage]>([operations.stage])
        try await fixture.running(operations: operations) {
            try await fixture.cluster.wait(for: ControllerFixture.path(.promotions, "p1")) { object in
                object?[path: "status", "phase"] == "Succeeded"
            }
            states.change { $0.append(operations.stage) }
            #expect(operations.missing() == nil)
            #expect(await operations.stuckLoops().isEmpty)
            let text = PrometheusText.render(operations.metrics())
            #expect(text.contains("kargo_promotions{phase=\"Succeeded\"} 1\n"))
            #expect(text.contains("kargo_promotions{phase=\"Running\"} 0\n"))
            #expect(text.contains("controller_runtime_max_concurrent_reconciles{controller=\"stage-controller\"} 4\n"))
        }
        #expect(states.value == [.starting, .working])
        #expect(operations.stage == .ending)
    }
}
