import KargoCore
import Testing

@Suite("argocd-update, by the last operation")
struct ArgoCDUpdateDecisionTests {
    private static let result = ", syncResult: {revision: abc}"
    private static let results = ", syncResult: {revisions: [abc, def, ghi]}"

    @Test(
        arguments: [
            // No operation, or one of somebody else.
            ("{}", "update"), (ApplicationBench.state("Succeeded", promotion: nil, result: result), "update"),
            (ApplicationBench.state("Failed", promotion: nil), "update"),
            (ApplicationBench.state("Running", promotion: nil), "an operation that \"alice\" initiated is under way"),
            (ApplicationBench.state("Terminating", promotion: nil), "is under way"),
            // One of another Promotion.
            (ApplicationBench.state("Succeeded", promotion: "p0", result: result), "update"),
            (ApplicationBench.state("Error", promotion: "p0"), "update"),
            (ApplicationBench.state("Running", promotion: "p0"), "an operation for Promotion \"p0\" is under way"),
            // Its own.
            (ApplicationBench.state("Running"), "it went so"), (ApplicationBench.state("Terminating"), "it went so"),
            (ApplicationBench.state("Succeeded"), "update"), (ApplicationBench.state("Failed"), "update"),
            (ApplicationBench.state("Succeeded", result: result), "done"),
            (ApplicationBench.state("Succeeded", result: ", syncResult: {revision: old}"), "update"),
            // More revisions than sources.
            (ApplicationBench.state("Succeeded", result: results), "done"),
            (ApplicationBench.state("Failed", result: result), "error: ended as Failed: it went so"),
            (ApplicationBench.state("Error", result: result), "error: ended as Error: it went so"),
            (ApplicationBench.state("Failed", result: ", syncResult: {revision: old}"), "update"),
            (ApplicationBench.state("Dreaming"), "error: a phase that nobody knows: \"Dreaming\""),
        ]
    )
    func `updates, waits or is done`(status: String, expected: String) async throws {
        try await ApplicationBench.with(ApplicationBench.application(status: status)) { bench async throws in
            let source: JSONValue = ["repoURL": "https://git/app", "desiredRevision": "abc"]
            let result = try await bench.update(["name": "app", "sources": [source]])
            let patches = bench.applications.patches
            #expect(patches.count == (expected == "update" ? 1 : 0))
            switch expected {
            case "done": #expect(result.status == .succeeded)
            case _ where expected.hasPrefix("error: "):
                #expect(result.status == .errored)
                #expect(result.failure == .retryable(result.message))
                #expect(result.message.contains(expected.dropFirst(7)))
            default:
                #expect(result.status == .running)
                let reason = expected == "update" ? "it was told to sync" : expected
                #expect(result.message.contains(reason))
                #expect(result.retryAfter == .seconds(30))
            }
        }
    }

    @Test(
        arguments: [
            ("[{name: kargo.akuity.io/promotion, value: p1}]", "it was told to sync"),
            ("[{name: kargo.akuity.io/promotion, value: p0}]", "another operation is about to begin"),
            ("[null, {name: Reason, value: x}]", "another operation is about to begin"),
        ]
    )
    func `waits for an operation that has not begun, whatever became of the one before`(
        info: String,
        reason: String
    ) async throws {
        for status in ["{}", ApplicationBench.state("Succeeded", result: Self.result)] {
            let text = ApplicationBench.application(status: status, more: "{info: \(info), sync: {}}")
            try await ApplicationBench.with(text) { bench async throws in
                let result = try await bench.update(["name": "app"])
                #expect(result.status == .running)
                #expect(result.message.hasSuffix(reason))
                #expect(bench.applications.patches.isEmpty)
            }
        }
    }

    @Test func `is told to sync once`() async throws {
        try await ApplicationBench.with(ApplicationBench.application()) { bench async throws in
            for _ in 0..<3 { #expect(try await bench.update(["name": "app"]).status == .running) }
            #expect(bench.applications.patches.count == 1)
        }
    }

    @Test func `is done with what has no desired revision, whatever was synced`() async throws {
        let status = ApplicationBench.state("Succeeded", result: Self.result)
        try await ApplicationBench.with(ApplicationBench.application(status: status)) { bench async throws in
            let result = try await bench.update(["name": "app"])
            #expect(result.status == .succeeded)
            #expect(result.output == ["apps": [["name": "app", "namespace": "argocd"]]])
            #expect(
                result.healthCheck
                    == HealthCheckStep(
                        uses: "argocd-update",
                        config: ["apps": [["name": "app", "namespace": "argocd", "desiredRevisions": [""]]]]
                    )
            )
        }
    }

    @Test func `compares each source of many with its revision`() async throws {
        let spec = "{sources: [{repoURL: 'https://git/a'}, {repoURL: 'https://charts', chart: c}]}"
        let results = [("[a1, 1.0.0]", 0), ("[a1, 0.9.0]", 1), ("[a0, 1.0.0]", 1), ("[a1]", 0)]
        for (revisions, updates) in results {
            let status = ApplicationBench.state("Succeeded", result: ", syncResult: {revisions: \(revisions)}")
            let text = ApplicationBench.application(spec: spec, status: status)
            try await ApplicationBench.with(text) { bench async throws in
                let result = try await bench.update([
                    "name": "app",
                    "sources": [
                        ["repoURL": "https://charts", "chart": "c", "desiredRevision": "1.0.0"],
                        ["repoURL": "https://git/a.git", "desiredRevision": "a1"],
                    ],
                ])
                #expect(bench.applications.patches.count == updates, "\(revisions)")
                #expect(result.status == (updates == 0 ? .succeeded : .running))
                let check = result.healthCheck?.config?["apps"]?.arrayValue?.first
                #expect(check?["desiredRevisions"] == ["a1", "1.0.0"])
            }
        }
    }

    /// What all Applications together make of a step.
    @Test(
        arguments: [
            (["Succeeded", "Succeeded"], StepStatus.succeeded), (["Succeeded", "Running"], .running),
            (["Terminating", "Succeeded"], .running), (["Running", "Failed"], .errored),
            (["Error", "Succeeded"], .errored), (["Running", "Dreaming"], .running),
            (["Succeeded", "Dreaming"], .errored),
        ]
    )
    func `is as far as the Application that is least far`(phases: [String], expected: StepStatus) async throws {
        try await ApplicationBench.with { bench async throws in
            for (index, phase) in phases.enumerated() {
                let status = ApplicationBench.state(phase, result: Self.result)
                try bench.applications.add(ApplicationBench.application("app\(index)", status: status))
            }
            let result = try await bench.run("argocd-update", ["apps": [["name": "app0"], ["name": "app1"]]])
            #expect(result.status == expected)
            #expect(bench.applications.patches.isEmpty)
        }
    }

    @Test func `is not done before an Application that failed, and leaves those behind it alone`() async throws {
        let failed = ApplicationBench.state("Failed", result: Self.result)
        try await ApplicationBench.with(
            ApplicationBench.application("a", status: failed),
            ApplicationBench.application("b")
        ) { bench async throws in
            let result = try await bench.run("argocd-update", ["apps": [["name": "a"], ["name": "b"]]])
            #expect(result.status == .errored)
            #expect(bench.applications.patches.isEmpty)
        }
    }
}
