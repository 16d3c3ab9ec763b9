import KargoControllers
import KargoCore
import KubernetesClient
import PromotionsBridge
import Testing

@Suite("Ends of Promotions that others bring about", .timeLimit(.minutes(1)))
struct PromotionEndingTests {
    @Test(
        arguments: [
            ("terminate", "aborted"),
            (#"{"action":"terminate","actor":"kubernetes:alice"}"#, "aborted by kubernetes:alice"),
        ]
    )
    func `cuts a Promotion short that is aborted`(annotation: String, message: String) async throws {
        let fixture = try ControllerFixture { run in
            var progress = PromotionProgress()
            var metadata = StepExecutionMetadata(alias: "step-1")
            metadata.status = .running
            progress.stepExecutionMetadata = [metadata]
            try await run.hooks.record(progress)
            await run.hooks.note("at it")
            return try await .never()
        }
        let path = ControllerFixture.path(.promotions, "p1")
        try await fixture.running {
            try fixture.promote("p1")
            try await fixture.cluster.wait(for: path) { $0?[path: "status", "message"] == "at it" }
            try fixture.cluster.change(path, "{metadata: {annotations: {kargo.akuity.io/abort: '\(annotation)'}}}")
            let status = try await fixture.wait(for: "Aborted", of: "p1")
            #expect(status["message"]?.stringValue == message)
            #expect(status["finishedAt"] == "2026-03-04T05:06:07Z")
            #expect(
                status["stepExecutionMetadata"] == [
                    ["alias": "step-1", "status": "Aborted", "finishedAt": "2026-03-04T05:06:07Z"]
                ]
            )
            try await fixture.engine.wait(for: "end p1 interrupted")
        }
        #expect(
            fixture.engine.calls == ["remove all but ", "run p1", "cancelled p1", "end p1 interrupted"]
        )
    }

    @Test func `cleans up after a Promotion that is deleted`() async throws {
        let fixture = try ControllerFixture { _ in try await .never() }
        try await fixture.running {
            try fixture.promote("p1")
            try await fixture.engine.wait(for: "run p1")
            fixture.cluster.remove(ControllerFixture.path(.promotions, "p1"))
            try await fixture.engine.wait(for: "end p1 interrupted")
        }
        #expect(fixture.engine.calls.prefix(3) == ["remove all but ", "run p1", "cancelled p1"])
    }

    @Test func `cleans up after no Promotion that was over, nor after that of another shard`() async throws {
        let fixture = try ControllerFixture { _ in try await .never() }
        let label = ", labels: {kargo.akuity.io/shard: east}"
        try fixture.promote("over", status: "{phase: Succeeded}")
        try await fixture.running {
            try fixture.promote("p1")
            try await fixture.engine.wait(for: "run p1")
            try fixture.promote("p2", metadata: label)
            for name in ["over", "p2", "p1"] { fixture.cluster.remove(ControllerFixture.path(.promotions, name)) }
            try await fixture.engine.wait(for: "end p1 interrupted")
        }
        #expect(fixture.engine.calls.filter { $0.hasPrefix("end") } == ["end p1 interrupted"])
    }

    @Test(arguments: [(KubernetesError(.forbidden, "no"), 1), (KubernetesError(.serverError, "busy"), 2)])
    func `leaves to the cluster what it may not clean up any more`(error: KubernetesError, attempts: Int) async throws {
        let fixture = try ControllerFixture { _ in try await .never() }
        fixture.engine.failToEnd(error)
        try await fixture.running {
            try fixture.promote("p1")
            try await fixture.engine.wait(for: "run p1")
            fixture.cluster.remove(ControllerFixture.path(.promotions, "p1"))
            try await fixture.engine.wait(for: "end p1 interrupted")
            // What is left of the one is cleaned up before the next of its name runs.
            try fixture.promote("p1", metadata: ", uid: another")
            try await fixture.engine.wait { _ in fixture.engine.calls.filter { $0 == "run p1" }.count == 2 }
        }
        #expect(fixture.engine.calls.filter { $0 == "end p1 interrupted" }.count == attempts)
    }

    @Test func `leaves what goes on going on when it ends itself`() async throws {
        let fixture = try ControllerFixture { _ in try await .never() }
        try await fixture.running {
            try fixture.promote("p1")
            try await fixture.engine.wait(for: "run p1")
        }
        #expect(fixture.engine.calls == ["remove all but ", "run p1", "cancelled p1"])
        #expect(
            fixture.cluster[ControllerFixture.path(.promotions, "p1")]?[path: "status", "finishedAt"] == nil
        )
    }
}
