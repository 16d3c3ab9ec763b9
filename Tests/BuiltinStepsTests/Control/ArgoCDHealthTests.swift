import BuiltinSteps
import KargoCore
import Testing

@Suite("Health check argocd-update")
struct ArgoCDHealthTests {
    private static func synced(_ result: String, health: String = "Healthy") -> String {
        """
        {health: {status: \(health)}, reconciledAt: '2026-01-01T00:00:10Z',
         operationState: {phase: Succeeded, finishedAt: '2026-01-01T00:00:10Z'\(result)}}
        """
    }

    private func check(_ applications: InMemoryApplications, _ apps: JSONValue...) async throws -> StageHealth {
        try await ArgoCDHealthChecker(applications: applications).check(["apps": .array(apps)])
    }

    @Test(
        arguments: [
            ("{health: {status: Healthy}}", [], "Healthy", nil),
            ("{health: {status: Progressing}}", [], "Progressing", "is progressing"),
            ("{}", [], "Progressing", "is progressing"),
            ("{health: {status: Suspended}}", [""], "Progressing", "is suspended"),
            ("{health: {status: Degraded}}", [], "Unhealthy", "is Degraded"),
            ("{health: {status: Missing}}", [], "Unhealthy", "is Missing"),
            ("{health: {status: Unknown}}", [], "Unhealthy", "is Unknown"),
            (
                "{health: {status: Healthy}, conditions: [{type: ComparisonError, message: boom}, {type: Other}]}", [],
                "Unhealthy", "has the condition ComparisonError: boom"
            ),
            ("{health: {status: Healthy}}", ["abc"], "Unknown", "is being synced"),
            ("{health: {status: Healthy}, operationState: {phase: Running}}", ["abc"], "Unknown", "is being synced"),
            (synced(""), ["abc"], "Unknown", "has no result of its last operation"),
            (synced(", syncResult: {revision: abc}"), ["abc"], "Healthy", nil),
            (synced(", syncResult: {revision: abc}", health: "Degraded"), ["abc"], "Unhealthy", "is Degraded"),
            (
                synced(", syncResult: {revision: old}", health: "Progressing"), ["abc"], "Unhealthy",
                "is not where it should be: source 0 (https://git/app.git) is at \"old\" instead of \"abc\""
            ),
            (synced(", syncResult: {revision: old}"), [""], "Healthy", nil),
            (
                synced(", syncResult: {revisions: [abc, def]}"), ["abc"], "Unknown",
                "was synced to 2 revisions, but 1 are wanted"
            ),
            (
                synced(", syncResult: {revision: abc}"), ["abc", "def"], "Unknown",
                "has 1 sources, but revisions of 2 are known"
            ),
        ] as [(String, [JSONValue], String, String?)]
    )
    func `reads it off the Application`(
        status: String,
        revisions: [JSONValue],
        expected: String,
        issue: String?
    ) async throws {
        let applications = try InMemoryApplications(ApplicationBench.application(status: status))
        let health = try await check(applications, ["name": "app", "desiredRevisions": .array(revisions)])
        #expect(health.status == expected)
        #expect(health.issues == (issue.map { ["Argo CD Application \"app\" in namespace \"argocd\" \($0)"] } ?? []))
        #expect(applications.patches.isEmpty)
    }

    @Test func `waits for a sync that was asked for`() async throws {
        let status = Self.synced(", syncResult: {revision: abc}")
        let applications = try InMemoryApplications(ApplicationBench.application(status: status, more: "{sync: {}}"))
        #expect(try await check(applications, ["name": "app", "desiredRevisions": ["abc"]]).status == "Unknown")
        #expect(try await check(applications, ["name": "app"]).status == "Healthy")
    }

    @Test func `compares each of many sources`() async throws {
        let spec = "{sources: [{repoURL: a}, {repoURL: b}]}"
        let status = Self.synced(", syncResult: {revisions: [a0, b0]}")
        let applications = try InMemoryApplications(ApplicationBench.application(spec: spec, status: status))
        let health = try await check(applications, ["name": "app", "desiredRevisions": ["a1", "b1"]])
        #expect(health.issues.first?.contains("source 0 (a) is at \"a0\" instead of \"a1\"; source 1 (b)") == true)
        #expect(try await check(applications, ["name": "app", "desiredRevisions": ["", "b0"]]).status == "Healthy")
    }

    @Test(arguments: ["null", "'2026-01-01T00:00:09Z'"])
    func `has health assessed anew that is older than the last operation`(reconciled: String) async throws {
        let status = """
            {health: {status: Healthy}, reconciledAt: \(reconciled),
             operationState: {phase: Succeeded, finishedAt: '2026-01-01T00:00:10Z', syncResult: {revision: abc}}}
            """
        let applications = try InMemoryApplications(ApplicationBench.application(status: status))
        for _ in 0..<2 { #expect(try await check(applications, ["name": "app"]).status == "Unknown") }
        #expect(applications.patches.count == 1)
        #expect(applications["app"][path: "metadata", "annotations", "argocd.argoproj.io/refresh"] == "hard")
    }

    @Test func `is unknown without the Application, and where it can't be read`() async throws {
        let applications = try InMemoryApplications()
        let missing = try await check(applications, ["name": "app", "namespace": "ns"])
        #expect(missing.status == "Unknown")
        #expect(missing.issues == ["there is no Argo CD Application \"app\" in namespace \"ns\""])
        #expect(
            missing.output == [
                "applicationStatuses": [
                    [
                        "Name": "app", "Namespace": "ns", "health": ["status": "Unknown"],
                        "sync": ["status": "Unknown"],
                    ]
                ]
            ]
        )
        applications.fail("get", "no route to host")
        let failed = try await check(applications, ["name": "app"])
        #expect(failed.status == "Unknown")
        #expect(failed.issues.first?.hasSuffix("can't be read: no route to host") == true)
        let malformed = try await ArgoCDHealthChecker(applications: applications).check(["apps": [["name": 1]]])
        #expect(malformed.status == "Unknown" && malformed.issues.count == 1)
    }

    @Test func `is as good as the worst, and tells what changes only when something has changed`() async throws {
        let noisy = """
            {health: {status: Healthy, lastTransitionTime: t}, sync: {status: Synced, revision: abc, comparedTo: {x: 1}},
             reconciledAt: '2026-01-01T00:00:11Z', resources: [{kind: Pod}], history: [{id: 1}],
             conditions: [{type: Other, message: m, lastTransitionTime: '2026-01-01T00:00:11Z'}],
             operationState: {phase: Succeeded, finishedAt: '2026-01-01T00:00:10Z',
                              syncResult: {revision: abc, resources: [{kind: Pod}]}}}
            """
        let applications = try InMemoryApplications(
            ApplicationBench.application("a", status: noisy),
            ApplicationBench.application("b", status: "{health: {status: Progressing}}")
        )
        let health = try await check(applications, ["name": "a"], ["name": "b"])
        #expect(health.status == "Progressing")
        let statuses = health.output?["applicationStatuses"]?.arrayValue
        #expect(
            statuses?.first == [
                "Name": "a", "Namespace": "argocd", "health": ["status": "Healthy", "lastTransitionTime": "t"],
                "sync": ["status": "Synced", "revision": "abc"], "conditions": [["type": "Other", "message": "m"]],
                "operationState": [
                    "phase": "Succeeded", "finishedAt": "2026-01-01T00:00:10Z", "syncResult": ["revision": "abc"],
                ],
            ]
        )
        applications.change("a", ["status": ["reconciledAt": "2026-01-01T00:05:11Z"]])
        #expect(try await check(applications, ["name": "a"], ["name": "b"]) == health)
        applications.change("b", ["status": ["health": ["status": "Degraded"]]])
        #expect(try await check(applications, ["name": "a"], ["name": "b"]).status == "Unhealthy")
    }

    @Test func `of many kinds is as good as the worst of them`() async throws {
        let applications = try InMemoryApplications(
            ApplicationBench.application(status: "{health: {status: Healthy}}")
        )
        let checkers = HealthCheckers([ArgoCDHealthChecker(applications: applications)])
        let known = HealthCheckStep(uses: "argocd-update", config: ["apps": [["name": "app"]]])
        #expect(try await checkers.check([known]).state == .healthy)
        let health = try await checkers.check([HealthCheckStep(uses: "other"), known])
        #expect(health.state == .unknown)
        #expect(health.issues == ["nothing here can check other"])
        #expect(health.config == [[:], ["apps": [["name": "app"]]]])
        #expect(health.output?.arrayValue?.count == 2)
    }
}
