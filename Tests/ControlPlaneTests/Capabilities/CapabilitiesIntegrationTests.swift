import BuiltinSteps
import ControlPlane
import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

@Suite("What steps do in a cluster", .tags(.integration), .timeLimit(.minutes(1)))
struct CapabilitiesIntegrationTests {
    private static let now = Backoff(first: .zero, longest: .zero)

    // MARK: Applications

    @Test func `reads, selects and changes Applications`() async throws {
        try await LocalKargo.with { kargo in
            let applications = ClusterArgoCDApplications(api: kargo.api, defaultNamespace: "argocd")
            try await kargo.addApplication("b", labels: "{team: x}")
            try await kargo.addApplication(
                "a",
                labels: "{team: x, tier: web}",
                status: "{operationState: {phase: Running}}"
            )
            try await kargo.addApplication("c", labels: "{team: w}")
            #expect(try await applications.application("none", namespace: "argocd") == nil)
            #expect(try await applications.application("..", namespace: "argocd") == nil)
            #expect(try await applications.application("a", namespace: "argocd/x") == nil)
            var selector = LabelSelector()
            selector.matchLabels = ["team": "x"]
            func names() async throws -> [String] {
                try await applications.applications(matching: selector, namespace: "argocd")
                    .compactMap { $0[path: "metadata", "name"]?.stringValue }
            }
            #expect(try await names() == ["a", "b"])
            var requirement = LabelSelectorRequirement()
            requirement.key = "tier"
            requirement.operator = "DoesNotExist"
            selector.matchExpressions = [requirement]
            #expect(try await names() == ["b"])
            requirement.key = "team"
            requirement.operator = "NotIn"
            requirement.values = ["x", "z"]
            selector = LabelSelector()
            selector.matchExpressions = [requirement]
            #expect(try await names() == ["c"])

            // The status is no subresource of Argo CD's, so one patch does all.
            let read = try #require(await applications.application("a", namespace: "argocd"))
            let version = try #require(read[path: "metadata", "resourceVersion"])
            let patch: JSONValue = [
                "metadata": ["resourceVersion": version], "operation": ["sync": [:]],
                "status": ["operationState": .null],
            ]
            let patched = try await applications.patchApplication("a", namespace: "argocd", patch)
            #expect(patched["operation"] == ["sync": [:]] && patched[path: "status", "operationState"] == nil)
            await #expect(throws: ApplicationConflict.self) {
                try await applications.patchApplication("a", namespace: "argocd", patch)
            }
        }
    }

    @Test func `waits a while for Argo CD to be installed`() async throws {
        try await LocalKargo.with(hasArgoCD: false) { kargo in
            let impatient = ClusterArgoCDApplications(api: kargo.api, defaultNamespace: "argocd", patience: nil)
            let error = await #expect(throws: KubernetesError.self) {
                try await impatient.application("a", namespace: "argocd")
            }
            #expect(error?.message == "the cluster has no kind Application; is Argo CD installed in it?")
            let clock = ManualClock()
            let patient = ClusterArgoCDApplications(
                api: kargo.api,
                defaultNamespace: "argocd",
                patience: Backoff(first: .seconds(1), longest: .seconds(32), clock: clock, jitter: { 0 })
            )
            async let found = patient.application("a", namespace: "argocd")
            await clock.waitForSleepers(1)
            try await kargo.add(LocalKargo.definitions, LocalKargo.applicationDefinition)
            try await kargo.addApplication("a")
            clock.advance(by: .seconds(1))
            #expect(try await found?[path: "metadata", "name"] == "a")
        }
    }

    @Test func `gives up waiting for Argo CD after a minute`() async throws {
        try await LocalKargo.with(hasArgoCD: false) { kargo in
            let applications = ClusterArgoCDApplications(
                api: kargo.api,
                defaultNamespace: "argocd",
                patience: Self.now
            )
            await #expect(throws: KubernetesError.self) {
                try await applications.applications(matching: LabelSelector(), namespace: "argocd")
            }
        }
    }

    @Test func `updates an Application and says how the Stage is`() async throws {
        try await LocalKargo.with { kargo in
            try await kargo.addApplication("app", status: "{health: {status: Healthy}}")
            let applications = ClusterArgoCDApplications(api: kargo.api, defaultNamespace: "argocd", patience: nil)
            let update: JSONValue = [
                "apps": [
                    [
                        "name": "app",
                        "sources": [
                            ["repoURL": "https://git/app.git", "desiredRevision": "abc", "updateTargetRevision": true]
                        ],
                    ]
                ]
            ]
            func run() async throws -> StepResult {
                try await BuiltinStepKinds.withRegistry(
                    capabilities: StepCapabilities(argoCD: applications),
                    environment: [:]
                ) { registry in
                    var promotion = PromotionContext()
                    (promotion.project, promotion.stage, promotion.promotion) = ("demo", "test", "p1")
                    let step = StepContext(
                        kind: "argocd-update",
                        alias: "step",
                        config: update,
                        workDir: "/",
                        privateDir: "/",
                        sharedState: [:],
                        promotion: promotion
                    )
                    return try #require(await registry.runner("argocd-update")?.run(step))
                }
            }
            #expect(try await run().status == .running)
            let app = try await kargo.api.get(.applications, namespace: "argocd", name: "app")
            let expected: JSONValue = ["repoURL": "https://git/app", "targetRevision": "abc", "path": "env"]
            #expect(app[path: "spec", "source"] == expected)
            let events = try await kargo.api.list(.events, namespace: "argocd").items
            #expect(events.map { $0["message"] } == ["kargo-controller initiated sync to abc"])
            // What Argo CD does then.
            let state: JSONValue = [
                "phase": "Succeeded", "operation": app["operation"] ?? [:], "finishedAt": "2026-01-01T00:00:10Z",
                "syncResult": ["revision": "abc"],
            ]
            _ = try await kargo.api.patch(
                .applications,
                namespace: "argocd",
                name: "app",
                .merge([
                    "operation": .null,
                    "status": ["operationState": state, "reconciledAt": "2026-01-01T00:00:11Z"],
                ])
            )
            let result = try await run()
            #expect(result.status == .succeeded)
            let check = try #require(result.healthCheck)
            let health = try await ArgoCDHealthChecker(applications: applications).check(check.config ?? [:])
            #expect(health.status == "Healthy" && health.issues == [])
        }
    }

    // MARK: Kargo's objects

    @Test func `notes values where expressions find them`() async throws {
        try await LocalKargo.with { kargo in
            let access = ClusterControlPlaneAccess(api: kargo.api, patience: Self.now)
            let data = ClusterExpressionData(api: kargo.api, sharedNamespace: "shared")
            let freight = try await kargo.addFreight(alias: "one")
            try await access.setMetadata(
                ["a": ["x": 1, "y": [1, 2]], "b": "text"],
                of: .stage("test"),
                project: "demo"
            )
            // A value takes the place of the one before, and null that of none.
            try await access.setMetadata(["a": ["z": 3], "b": .null, "c": 1.5], of: .stage("test"), project: "demo")
            #expect(try await data.stage("test", project: "demo")?.status.metadata == ["a": ["z": 3], "c": 1.5])
            try await access.setMetadata(["k": false], of: .freight(freight), project: "demo")
            #expect(try await data.freight(freight, project: "demo")?.status.metadata == ["k": false])
            for target in [MetadataTarget.stage("none"), .freight("none"), .stage("../freights/x")] {
                await #expect(throws: ControlPlaneFailure.self) {
                    try await access.setMetadata(["a": 1], of: target, project: "demo")
                }
            }
        }
    }

    @Test func `of many writers at once loses nothing`() async throws {
        try await LocalKargo.with { kargo in
            let access = ClusterControlPlaneAccess(
                api: kargo.api,
                patience: Backoff(first: .milliseconds(1), longest: .milliseconds(50))
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await access.setMetadata(
                            ["key\(number)": .int(Int64(number)), "shared": ["last": .int(Int64(number))]],
                            of: .stage("test"),
                            project: "demo"
                        )
                    }
                }
                try await group.waitForAll()
            }
            let stage = try await kargo.api.get(.stages, namespace: "demo", name: "test")
            #expect(stage[path: "status", "metadata"]?.objectValue?.count == 9)
            #expect(stage[path: "status", "metadata", "shared"]?.objectValue?.count == 1)
        }
    }

    @Test func `gives Freight an alias that no other has`() async throws {
        try await LocalKargo.with { kargo in
            let access = ClusterControlPlaneAccess(api: kargo.api, patience: Self.now)
            let (one, two) = (try await kargo.addFreight(alias: "one"), try await kargo.addFreight(alias: "two"))
            #expect(try await access.setFreightAlias("first", of: one, project: "demo") == "one")
            let freight = try await kargo.api.get(.freights, namespace: "demo", name: one)
            #expect(freight["alias"] == "first")
            #expect(freight[path: "metadata", "labels", "kargo.akuity.io/alias"] == "first")
            // Again is as good as once.
            #expect(try await access.setFreightAlias("first", of: one, project: "demo") == "first")
            let failures = [
                (two, "first", "has it already"), ("none", "x", "there is no Freight \"none\""), (two, "a b", ""),
            ]
            for (name, alias, message) in failures {
                let failure = await #expect(throws: ControlPlaneFailure.self) {
                    try await access.setFreightAlias(alias, of: name, project: "demo")
                }
                #expect(failure.map { message.isEmpty || $0.description.contains(message) } == true)
            }
            #expect(try await kargo.api.get(.freights, namespace: "demo", name: two)["alias"] == "two")
        }
    }

    @Test func `writes an Event once, and reads Warehouses`() async throws {
        try await LocalKargo.with { kargo in
            let access = ClusterControlPlaneAccess(api: kargo.api, patience: Self.now)
            var event = Event()
            event.metadata.name = "e"
            event.metadata.namespace = "demo"
            event.involvedObject.namespace = "demo"
            event.involvedObject.kind = "Promotion"
            event.message = "first"
            try await access.recordEvent(event)
            event.message = "second"
            try await access.recordEvent(event)
            #expect(try await kargo.api.get(.events, namespace: "demo", name: "e")["message"] == "first")
            event.metadata.namespace = "none"
            event.involvedObject.namespace = "none"
            await #expect(throws: ControlPlaneFailure.self) { try await access.recordEvent(event) }
            #expect(try await access.warehouse("w", project: "demo")?.spec.subscriptions.first?.repoURL == "nginx")
            #expect(try await access.warehouse("none", project: "demo") == nil)
        }
    }

    // MARK: Who commits

    @Test func `knows in whose name commits are made`() async throws {
        try await LocalKargo.with { kargo in
            try await ScopedDirectory.with { directory in
                try directory.write("file key", to: "key")
                let fromFile = ClusterGitIdentity.Settings(
                    name: "Bot",
                    email: "",
                    signingKeyPath: directory.file("key")
                )
                func user(_ settings: ClusterGitIdentity.Settings) async throws -> GitUser {
                    try await ClusterGitIdentity(
                        api: kargo.api,
                        systemNamespace: "kargo-system-resources",
                        settings: settings
                    )
                    .gitUser()
                }
                #expect(try await user(ClusterGitIdentity.Settings()) == .kargo)
                let bot = GitUser(name: "Bot", email: "no-reply@kargo.io", signingKey: "file key")
                #expect(try await user(fromFile) == bot)
                await #expect(throws: ControlPlaneFailure.self) {
                    try await user(ClusterGitIdentity.Settings(signingKeyPath: directory.file("none")))
                }
                // The ClusterConfig goes before the environment, part by part.
                try await kargo.add(
                    .clusterConfigs,
                    """
                    apiVersion: kargo.akuity.io/v1alpha1
                    kind: ClusterConfig
                    metadata: {name: cluster}
                    spec: {gitClient: {name: Ops, email: ops@example.com}}
                    """
                )
                let ops = GitUser(name: "Ops", email: "ops@example.com", signingKey: "file key")
                #expect(try await user(fromFile) == ops)
                let secret: JSONValue = ["spec": ["gitClient": ["signingKeySecret": ["name": "signing"]]]]
                _ = try await kargo.api.patch(.clusterConfigs, name: "cluster", .merge(secret))
                await #expect(throws: ControlPlaneFailure.self) { try await user(fromFile) }
                try await kargo.add(
                    .secrets,
                    "{metadata: {name: signing, namespace: kargo-system-resources}, stringData: {other: x}}"
                )
                await #expect(throws: ControlPlaneFailure.self) { try await user(fromFile) }
                _ = try await kargo.api.patch(
                    .secrets,
                    namespace: "kargo-system-resources",
                    name: "signing",
                    .merge(["stringData": ["signingKey": "secret key"]])
                )
                #expect(try await user(fromFile).signingKey == "secret key")
            }
        }
    }
}
