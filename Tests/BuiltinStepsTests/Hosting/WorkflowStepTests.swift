import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

@Suite("Steps for workflows of GitHub Actions")
struct WorkflowStepTests {
    private let dispatch: [String: JSONValue] = ["workflowFile": "deploy.yaml", "ref": "main"]

    private func with(_ body: (HostingBench<FakeGitHub>) async throws -> Void) async throws {
        try await HostingBench<FakeGitHub>.with(body)
    }

    @Test func `start a workflow and name its run`() async throws {
        try await with { hosting async throws in
            let config = dispatch.merging(["inputs": ["tag": "v1", "n": 2, "dry": true]]) { $1 }
            let result = try await hosting.run("gha-dispatch-workflow", config)
            #expect(result == .succeeded(output: ["runID": 101]))
            #expect(hosting.fake.issues.snapshot.inputs == [["tag": "v1", "n": 2, "dry": true]])
        }
    }

    @Test func `start a workflow only once`() async throws {
        try await with { hosting async throws in
            let result = try await hosting.run("gha-dispatch-workflow", dispatch, output: ["runID": 7])
            #expect(result == .succeeded(output: ["runID": 7]))
            #expect(hosting.server.requests.isEmpty)
        }
    }

    @Test(arguments: ["main", "refs/heads/main", "refs/tags/main"])
    func `find the run where the server does not name it`(ref: String) async throws {
        try await with { hosting async throws in
            hosting.fake.issues.change { state in
                state.namesRuns = false
                state.runs = [(90, "main", "completed", "success"), (91, "other", "queued", nil)]
                state.hiddenLists = 1
            }
            let access = HostingAccess(
                credentials: OneToken(),
                proxies: ProxyRules(environment: [:]),
                clock: ManualClock()
            )
            guard let clock = access.clock as? ManualClock else { return }
            let step = GHADispatchWorkflowStep(hosting: access, now: { 0 })
            let branch = String(ref.split(separator: "/").last ?? "")
            var context = hosting.bench.context(
                "gha-dispatch-workflow",
                ["repoURL": .string(hosting.repoURL), "workflowFile": "deploy.yaml", "ref": .string(ref)]
            )
            context.promotion.project = "demo"
            async let running = step.run(context)
            await clock.waitForSleepers()
            hosting.fake.issues.change { state in
                if let last = state.runs.indices.last { state.runs[last].branch = branch }
            }
            clock.advance(by: .seconds(2))
            #expect(try await running == .succeeded(output: ["runID": 92]))
        }
    }

    @Test func `wait for the run, but not for ever, and start it once`() async throws {
        try await with { hosting async throws in
            hosting.fake.issues.change { state in
                state.namesRuns = false
                state.hiddenLists = 100
            }
            let clock = ManualClock()
            let access = HostingAccess(credentials: OneToken(), proxies: ProxyRules(environment: [:]), clock: clock)
            var context = hosting.bench.context(
                "gha-dispatch-workflow",
                .object(dispatch.merging(["repoURL": .string(hosting.repoURL), "timeout": 30]) { $1 })
            )
            context.promotion.project = "demo"
            for (time, status) in [(1000, .running), (1029, .running), (1030, .failed)] as [(Int64, StepStatus)] {
                let step = GHADispatchWorkflowStep(hosting: access, now: { time })
                let current = context
                async let running = step.run(current)
                for _ in 0..<3 {
                    await clock.waitForSleepers()
                    clock.advance(by: .seconds(2))
                }
                let result = try await running
                #expect(result.status == status)
                #expect(result.output == ["lastRunID": 0, "dispatchedAt": 1000])
                context.sharedState[context.alias] = result.output.map(JSONValue.object)
            }
            #expect(hosting.fake.issues.snapshot.inputs.count == 1)
        }
    }

    @Test func `do not start what there is not`() async throws {
        try await with { hosting async throws in
            let config: [String: JSONValue] = ["workflowFile": "none.yaml", "ref": "main"]
            let result = try await hosting.run("gha-dispatch-workflow", config)
            #expect(result.failure == .terminal(result.message))
            #expect(result.message.contains("404 Not Found"))
        }
    }

    @Test(
        arguments: [
            ("queued", nil, nil, .running), ("in_progress", nil, "success", .running),
            ("completed", "success", nil, .succeeded), ("completed", "failure", nil, .succeeded),
            ("completed", "failure", "failure", .succeeded), ("completed", "cancelled", "success", .failed),
        ] as [(String, String?, String?, StepStatus)]
    )
    func `wait for the end of a run`(
        runStatus: String,
        conclusion: String?,
        expected: String?,
        status: StepStatus
    ) async throws {
        try await with { hosting async throws in
            hosting.fake.issues.change { $0.runs = [(7, "main", runStatus, conclusion)] }
            var config: [String: JSONValue] = ["runID": 7]
            config["expectedConclusion"] = expected.map(JSONValue.string)
            let result = try await hosting.run("gha-wait-for-workflow", config)
            #expect(result.status == status)
            #expect(result.output == (status == .running ? nil : ["conclusion": .string(conclusion ?? "")]))
            #expect(result.retryAfter == (status == .running ? .seconds(30) : nil))
        }
    }

    @Test(
        arguments: [
            (
                "gha-dispatch-workflow", ["workflowFile": "a", "ref": "b", "timeout": 301],
                "timeout: Must be less than or equal"
            ),
            (
                "gha-dispatch-workflow", ["workflowFile": "a", "ref": "b", "timeout": 0],
                "timeout: Must be greater than"
            ),
            ("gha-dispatch-workflow", ["workflowFile": "a"], "ref is required"),
            ("gha-wait-for-workflow", ["runID": 1, "expectedConclusion": "ok"], "expectedConclusion must be one of"),
        ] as [(String, [String: JSONValue], String)]
    )
    func `check their configuration`(kind: String, config: [String: JSONValue], problem: String) async throws {
        try await StepBench.with { bench async throws in
            let config = config.merging(["repoURL": "https://github.com/a/b"]) { $1 }
            let result = try await bench.run(kind, .object(config))
            #expect(result.status == .failed)
            #expect(result.message.contains(problem))
        }
    }
}
