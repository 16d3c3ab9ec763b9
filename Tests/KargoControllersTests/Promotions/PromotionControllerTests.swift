import KargoControllers
import KargoCore
import KubernetesClient
import PromotionsBridge
import Testing

@Suite("Promotion controller", .timeLimit(.minutes(1)))
struct PromotionControllerTests {
    // MARK: Running

    @Test func `runs a Promotion and tells how it went`() async throws {
        let fixture = try ControllerFixture { run in
            var progress = PromotionProgress()
            progress.state = ["step-1": ["n": 1]]
            var metadata = StepExecutionMetadata(alias: "step-1")
            metadata.status = .succeeded
            progress.stepExecutionMetadata = [metadata]
            progress.healthChecks = [HealthCheckStep(uses: "check")]
            return PromotionRunResult(outcome: .finished(phase: .succeeded, message: "fine"), progress: progress)
        }
        try await fixture.running {
            try fixture.promote("p1")
            let status = try await fixture.wait(for: "Succeeded", of: "p1")
            #expect(status["message"] == "fine")
            #expect(status["startedAt"] == "2026-03-04T05:06:07Z")
            #expect(status["finishedAt"] == "2026-03-04T05:06:07Z")
            #expect(status["state"] == ["step-1": ["n": 1]])
            #expect(status["stepExecutionMetadata"] == [["alias": "step-1", "status": "Succeeded"]])
            #expect(status["healthChecks"] == [["uses": "check"]])
            let reference: JSONValue = [
                "name": "f1", "origin": ["kind": "Warehouse", "name": "app"],
                "images": [["repoURL": "nginx", "tag": "f1"]],
            ]
            #expect(status["freight"] == reference)
            #expect(status[path: "freightCollection", "items"] == ["Warehouse/app": reference])
            try await fixture.engine.wait(for: "end p1 finished")
        }
        #expect(fixture.engine.calls == ["remove all but ", "run p1", "end p1 finished"])
    }

    @Test func `tells the steps what they are about`() async throws {
        let contexts = Kept<[PromotionContext]>([])
        let fixture = try ControllerFixture { run in
            contexts.change { $0.append(run.context) }
            return .succeeded(run)
        }
        try await fixture.running(.init(uiBaseURL: "https://kargo.example")) {
            try fixture.promote(
                "p1",
                metadata: """
                    , annotations: {kargo.akuity.io/create-actor: 'email:a@b.example', kargo.akuity.io/rollback: 'true'}
                    """
            )
            try await fixture.wait(for: "Succeeded", of: "p1")
        }
        let context = try #require(contexts.value.first)
        #expect(context.uiBaseURL == "https://kargo.example")
        #expect(context.project == "demo")
        #expect(context.stage == "test")
        #expect(context.promotion == "p1")
        #expect(context.promotionUID == "uid-p1")
        #expect(context.actor == "a@b.example")
        #expect(context.isRollback)
        #expect(context.freightRequests.map(\.origin.name) == ["app"])
        #expect(context.targetFreight.name == "f1")
        #expect(context.targetFreightAlias == "alias-of-f1")
        #expect(context.freight.items["Warehouse/app"]?.name == "f1")
    }

    @Test func `runs the Promotions of a Stage one after the other`() async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let fixture = try ControllerFixture { run in
            for await _ in gates { break }
            return .succeeded(run)
        }
        try await fixture.running {
            try fixture.promote("p1")
            try await fixture.engine.wait(for: "run p1")
            try fixture.promote("p2", freight: "f2")
            try await fixture.wait(for: "Pending", of: "p2")
            #expect(!fixture.engine.calls.contains("run p2"))
            gate.yield()
            try await fixture.engine.wait(for: "run p2")
            try await fixture.wait(for: "Succeeded", of: "p1")
            gate.yield()
            try await fixture.wait(for: "Succeeded", of: "p2")
        }
    }

    @Test func `looks again at a step that is running`() async throws {
        let passes = Kept(0)
        let fixture = try ControllerFixture { run in
            passes.change { $0 += 1 }
            let pass = passes.value
            var progress = PromotionProgress(run.promotion.status)
            guard pass < 3 else {
                return PromotionRunResult(outcome: .finished(phase: .succeeded, message: ""), progress: progress)
            }
            var metadata = StepExecutionMetadata(alias: "step-1")
            metadata.status = .running
            metadata.message = "waiting for \(pass)"
            progress.stepExecutionMetadata = [metadata]
            return PromotionRunResult(outcome: .running(after: .milliseconds(1)), progress: progress)
        }
        try await fixture.running {
            try fixture.promote("p1")
            try await fixture.wait(for: "Succeeded", of: "p1")
        }
        #expect(fixture.engine.calls.filter { $0 == "run p1" }.count == 3)
    }

    @Test func `looks at once when somebody asks for it`() async throws {
        let fixture = try ControllerFixture { run in
            let progress = PromotionProgress(run.promotion.status)
            guard run.promotion.metadata.annotations["kargo.akuity.io/refresh"] == nil else {
                return PromotionRunResult(outcome: .finished(phase: .succeeded, message: ""), progress: progress)
            }
            return PromotionRunResult(outcome: .running(after: .seconds(3_600)), progress: progress)
        }
        try await fixture.running {
            try fixture.promote("p1")
            try await fixture.wait(for: "Running", of: "p1")
            _ = try await fixture.cluster.patch(
                .promotions,
                namespace: "demo",
                name: "p1",
                .merge(["metadata": ["annotations": ["kargo.akuity.io/refresh": "now"]]])
            )
            let status = try await fixture.wait(for: "Succeeded", of: "p1")
            #expect(status["lastHandledRefresh"] == "now")
        }
    }

    @Test func `has recorded everything before the engine goes on`() async throws {
        let cluster = Kept<KargoCluster?>(nil)
        let path = ControllerFixture.path(.promotions, "p1")
        let fixture = try ControllerFixture { run in
            let cluster = try #require(cluster.value)
            var progress = PromotionProgress()
            progress.state = ["step-1": ["n": 1]]
            try await run.hooks.record(progress)
            #expect(cluster[path]?[path: "status", "state"] == ["step-1": ["n": 1]])
            #expect(cluster[path]?[path: "status", "phase"] == "Running")
            await run.hooks.note("pulling the image")
            #expect(cluster[path]?[path: "status", "message"] == "pulling the image")
            try await run.hooks.annotate(["mine": "yes"])
            #expect(cluster[path]?[path: "metadata", "annotations"] == ["mine": "yes"])
            progress.currentStep = 1
            try await run.hooks.record(progress)
            #expect(cluster[path]?[path: "status", "currentStep"] == 1)
            #expect(cluster[path]?[path: "status", "message"] == nil)
            return PromotionRunResult(outcome: .finished(phase: .failed, message: "no"), progress: progress)
        }
        cluster.change { $0 = fixture.cluster }
        try await fixture.running {
            try fixture.promote("p1")
            let status = try await fixture.wait(for: "Failed", of: "p1")
            #expect(status["message"] == "no")
            #expect(status["currentStep"] == 1)
        }
    }

    @Test func `goes on with what was running before`() async throws {
        let fixture = try ControllerFixture()
        try fixture.promote(
            "p1",
            status: "{phase: Running, startedAt: '2026-01-01T00:00:00Z', state: {step-1: {count: 1}}}"
        )
        try await fixture.running {
            let status = try await fixture.wait(for: "Succeeded", of: "p1")
            #expect(status["startedAt"] == "2026-01-01T00:00:00Z")
            #expect(status["state"] == ["step-1": ["count": 1]])
        }
        #expect(fixture.engine.calls.first == "remove all but uid-p1")
    }

    @Test func `leaves alone what is over`() async throws {
        let fixture = try ControllerFixture()
        try fixture.promote("p0", status: "{phase: Failed, message: boom}")
        try await fixture.running {
            try fixture.promote("p1")
            try await fixture.wait(for: "Succeeded", of: "p1")
        }
        #expect(!fixture.engine.calls.contains("run p0"))
        #expect(
            fixture.cluster[ControllerFixture.path(.promotions, "p0")]?["status"] == [
                "phase": "Failed", "message": "boom",
            ]
        )
    }

    @Test func `leaves alone what another shard serves`() async throws {
        let fixture = try ControllerFixture()
        let label = ", labels: {kargo.akuity.io/shard: east}"
        try await fixture.running {
            try fixture.promote("p0", metadata: label, status: "{phase: Succeeded}")
            try fixture.promote("p1", metadata: label)
            try await fixture.cluster.wait(for: ControllerFixture.path(.stages, "test")) { stage in
                stage?[path: "status", "currentPromotion", "name"] == "p1"
            }
            try fixture.cluster.change(
                ControllerFixture.path(.promotions, "p1"),
                "{metadata: {labels: {kargo.akuity.io/shard: null}, annotations: {kargo.akuity.io/abort: terminate}}}"
            )
            try await fixture.wait(for: "Aborted", of: "p1")
        }
        #expect(!fixture.engine.calls.contains("run p1"))
    }

    @Test func `hears of Promotions and Stages that come to its shard, and lets go of those that leave it`()
        async throws
    {
        let fixture = try ControllerFixture { _ in try await .never() }
        let (promotion, stage) = (ControllerFixture.path(.promotions, "p1"), ControllerFixture.path(.stages, "test"))
        let label = ", labels: {kargo.akuity.io/shard: east}"
        @Sendable func move(_ path: String, _ shard: String) throws {
            try fixture.cluster.change(path, "{metadata: {labels: {kargo.akuity.io/shard: \(shard)}}}")
        }
        try move(stage, "east")
        try await fixture.running {
            try fixture.promote("p1", metadata: label)
            try move(promotion, "west")
            try move(stage, "null")
            try await fixture.cluster.wait(for: stage) { $0?[path: "status", "currentPromotion", "name"] == "p1" }
            #expect(!fixture.engine.calls.contains("run p1"))
            try move(promotion, "null")
            try await fixture.engine.wait(for: "run p1")
            try move(promotion, "east")
            try await fixture.engine.wait(for: "cancelled p1")
        }
        #expect(fixture.engine.calls == ["remove all but ", "run p1", "cancelled p1"])
    }

    // MARK: Trouble

    @Test(arguments: [true, false])
    func `asks the server for Freight of which the watch has not told`(isKnown: Bool) async throws {
        let fixture = try ControllerFixture()
        try fixture.cluster.change(
            ControllerFixture.path(.stages, "test"),
            "{spec: {requestedFreight: [{origin: {kind: Warehouse, name: app}, sources: {stages: [before]}}]}}"
        )
        let path = ControllerFixture.path(.freights, "f1")
        let freight = fixture.cluster[path]
        if !isKnown { fixture.cluster.remove(path) }
        try await fixture.running {
            fixture.cluster.silence(.freights)
            if !isKnown { try fixture.cluster.add(.freights, freight?.yaml() ?? "") }
            try fixture.cluster.change(path, "{status: {verifiedIn: {before: {}}}}")
            try fixture.promote("p1")
            try await fixture.wait(for: "Succeeded", of: "p1")
        }
        #expect(fixture.engine.calls.contains("run p1"))
    }

    @Test func `ends a Promotion whose Freight is gone`() async throws {
        let fixture = try ControllerFixture()
        try await fixture.running {
            try fixture.promote("p1", freight: "none")
            let status = try await fixture.wait(for: "Errored", of: "p1")
            #expect(status["message"] == "Freight \"none\" does not exist")
        }
        #expect(!fixture.engine.calls.contains("run p1"))
    }

    @Test func `ends a Promotion whose Freight may not come here`() async throws {
        let fixture = try ControllerFixture()
        try fixture.cluster.change(
            ControllerFixture.path(.stages, "test"),
            "{spec: {requestedFreight: [{origin: {kind: Warehouse, name: app}, sources: {stages: [before]}}]}}"
        )
        try await fixture.running {
            try fixture.promote("p1")
            let status = try await fixture.wait(for: "Errored", of: "p1")
            #expect(status["message"] == "Freight \"f1\" is not available to Stage \"test\"")
        }
    }

    @Test func `ends a Promotion that breaks the engine`() async throws {
        let fixture = try ControllerFixture { _ in
            throw FieldError(path: FieldPath("spec"), message: "is strange")
        }
        try await fixture.running {
            try fixture.promote("p1")
            let status = try await fixture.wait(for: "Errored", of: "p1")
            #expect(status["message"] == "spec: is strange")
            try await fixture.engine.wait(for: "end p1 finished")
        }
    }

    @Test func `tells the end also where the outputs cannot be stored`() async throws {
        let cluster = Kept<KargoCluster?>(nil)
        let path = ControllerFixture.path(.promotions, "p1")
        let fixture = try ControllerFixture { run in
            var progress = PromotionProgress()
            progress.state = ["step-1": ["n": 1]]
            try await run.hooks.record(progress)
            progress.state = ["step-1": ["large": "text"]]
            cluster.value?.refuse(path, 422, "too large")
            return PromotionRunResult(outcome: .finished(phase: .succeeded, message: ""), progress: progress)
        }
        cluster.change { $0 = fixture.cluster }
        try await fixture.running {
            try fixture.promote("p1")
            let status = try await fixture.wait(for: "Errored", of: "p1")
            #expect(status["message"] == "the status can't be stored: too large")
            #expect(status["state"] == ["step-1": ["n": 1]])
        }
    }

    @Test func `does not lose the end where the server has no time`() async throws {
        let cluster = Kept<KargoCluster?>(nil)
        let path = ControllerFixture.path(.promotions, "p1")
        let fixture = try ControllerFixture { run in
            cluster.value?.refuse(path, 503, "busy")
            return .succeeded(run)
        }
        cluster.change { $0 = fixture.cluster }
        try await fixture.running {
            try fixture.promote("p1")
            try await fixture.wait(for: "Succeeded", of: "p1")
        }
        #expect(fixture.engine.calls.filter { $0 == "run p1" }.count == 1)
    }
}
