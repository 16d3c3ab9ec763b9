import KargoControllers
import KargoCore
import KubernetesClient
import PromotionsBridge
import Testing

@Suite("Health of Stages", .timeLimit(.minutes(1)))
struct StageHealthTests {
    private static let stage = ControllerFixture.path(.stages, "test")
    private static let application = APIResource.applications.path(namespace: "argocd", name: "app")
    private static let checked = """
        {phase: Succeeded, freightCollection: {id: x, items: {Warehouse/app: {name: f1}}},
         healthChecks: [{uses: argocd-update, config: {apps: [{name: app}]}}]}
        """

    private func addApplication(_ fixture: ControllerFixture, stage: String = "demo:test") throws {
        try fixture.cluster.add(
            .applications,
            """
            metadata: {name: app, namespace: argocd, annotations: {kargo.akuity.io/authorized-stage: '\(stage)'}}
            status: {health: {status: Progressing}}
            """
        )
    }

    private func wait(for status: String, in fixture: ControllerFixture) async throws -> JSONValue? {
        try await fixture.cluster.wait(for: Self.stage) {
            $0?[path: "status", "health", "status"]?.stringValue == status
        }
    }

    @Test func `is what the checks of the last Promotion say, and follows the Applications`() async throws {
        let fixture = try ControllerFixture()
        try addApplication(fixture)
        let checker = ApplicationMirror(cluster: fixture.cluster, path: Self.application)
        try await fixture.running(
            checkers: HealthCheckers([checker]),
            applications: ApplicationFeed(api: fixture.cluster)
        ) {
            try fixture.promote("p1", status: Self.checked)
            let progressing = try await wait(for: "Progressing", in: fixture)
            #expect(progressing?[path: "status", "health", "issues"] == ["as the Application"])
            #expect(progressing?[path: "status", "health", "config"] == [["apps": [["name": "app"]]]])
            #expect(progressing?[path: "status", "freightHistory"]?.arrayValue?.first?["verificationHistory"] == nil)
            try fixture.cluster.change(Self.application, "{status: {health: {status: Healthy}}}")
            try await fixture.cluster.wait(for: ControllerFixture.path(.freights, "f1")) {
                $0?[path: "status", "verifiedIn", "test"] != nil
            }
            try fixture.cluster.change(Self.application, "{status: {health: {status: Degraded}}}")
            let unhealthy = try await wait(for: "Unhealthy", in: fixture)
            let conditions = unhealthy?[path: "status", "conditions"]?.arrayValue
            #expect(conditions?.first { $0["type"] == "Healthy" }?["reason"] == "Unhealthy")
        }
    }

    @Test func `is looked at only when something has changed that matters`() async throws {
        let fixture = try ControllerFixture()
        try addApplication(fixture)
        let checker = ApplicationMirror(cluster: fixture.cluster, path: Self.application)
        try await fixture.running(
            checkers: HealthCheckers([checker]),
            applications: ApplicationFeed(api: fixture.cluster)
        ) {
            try fixture.promote("p1", status: Self.checked)
            _ = try await wait(for: "Progressing", in: fixture)
            let before = checker.count.value
            // Neither this nor what comes in between may count; the last change does.
            for second in 0..<10 {
                try fixture.cluster.change(
                    Self.application,
                    "{status: {reconciledAt: '2026-01-01T00:00:0\(second)Z', resources: [\(second)]}}"
                )
            }
            try fixture.cluster.change(Self.application, "{status: {health: {status: Healthy}}}")
            _ = try await wait(for: "Healthy", in: fixture)
            // One look for the first sight of the Application, one for the change, and one for each own write at most.
            #expect(checker.count.value <= before + 3)
        }
    }

    @Test func `follows Applications of an Argo CD that is installed later`() async throws {
        let fixture = try ControllerFixture()
        let late = LateArgoCD(cluster: fixture.cluster)
        let feed = ApplicationFeed(api: late, backoff: Backoff(first: .milliseconds(1), longest: .milliseconds(1)))
        let checker = ApplicationMirror(cluster: fixture.cluster, path: Self.application)
        try await fixture.running(checkers: HealthCheckers([checker]), applications: feed) {
            try fixture.promote("p1", status: Self.checked)
            _ = try await wait(for: "Unhealthy", in: fixture)
            try addApplication(fixture)
            _ = try await wait(for: "Progressing", in: fixture)
            #expect(late.refusals.value == 0)
        }
    }

    private static func waiting(_ run: PromotionRun) -> PromotionRunResult {
        PromotionRunResult(
            outcome: .running(after: .seconds(3_600)),
            progress: PromotionProgress(run.promotion.status)
        )
    }

    @Test func `does not wait to be asked while a Promotion waits for an Application of its Stage`() async throws {
        let fixture = try ControllerFixture { Self.waiting($0) }
        try addApplication(fixture, stage: "demo:other")
        try await fixture.running(applications: ApplicationFeed(api: fixture.cluster)) {
            try fixture.promote("p1")
            try await fixture.engine.wait(for: "run p1")
            try fixture.cluster.change(
                Self.application,
                "{metadata: {annotations: {kargo.akuity.io/authorized-stage: 'demo:test'}}}"
            )
            // One that it may not change does not count, whenever the controller saw it first.
            try await fixture.engine.wait { _ in fixture.engine.calls.count { $0 == "run p1" } == 2 }
        }
    }

    @Test func `lets Promotions that only watch Applications hear of all of them`() async throws {
        let fixture = try ControllerFixture { Self.waiting($0) }
        try addApplication(fixture, stage: "")
        try await fixture.running(applications: ApplicationFeed(api: fixture.cluster)) {
            try fixture.cluster.add(
                .promotions,
                """
                metadata: {name: p1, namespace: demo}
                spec: {stage: test, freight: f1, steps: [{uses: argocd-wait, as: step-1}]}
                """
            )
            try await fixture.cluster.wait(for: ControllerFixture.path(.promotions, "p1")) {
                $0?[path: "status", "phase"] == "Running"
            }
            try fixture.cluster.change(Self.application, "{status: {health: {status: Healthy}}}")
            try await fixture.engine.wait { _ in fixture.engine.calls.count { $0 == "run p1" } >= 2 }
        }
    }
}

/// A cluster in which Argo CD is installed after it was looked for a few times.
private struct LateArgoCD: KubernetesAPI {
    let cluster: KargoCluster
    let refusals = Kept(3)

    func send(_ request: APIRequest) async throws -> APIResponse {
        guard refusals.value > 0 else { return try await cluster.send(request) }
        refusals.change { $0 -= 1 }
        return APIResponse(status: 404, body: Array("404 page not found\n".utf8))
    }

    func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
        try await cluster.stream(request, body)
    }
}

/// Says that a Stage is as an Application in the cluster is.
private struct ApplicationMirror: HealthChecker {
    static let kind = "argocd-update"

    let cluster: KargoCluster
    let path: String
    /// How often it was asked.
    let count = Kept(0)

    func check(_ config: JSONValue) async throws(CancellationError) -> StageHealth {
        count.change { $0 += 1 }
        switch cluster[path]?[path: "status", "health", "status"]?.stringValue {
        case "Healthy": return StageHealth(.healthy)
        case "Progressing": return StageHealth(.progressing, issues: ["as the Application"])
        default: return StageHealth(.unhealthy)
        }
    }
}
