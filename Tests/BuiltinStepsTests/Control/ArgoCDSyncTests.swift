import KargoCore
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("argocd-update, the sync")
struct ArgoCDSyncTests {
    @Test(arguments: [("", "kargo-controller", true), ("alice@example.com", "alice@example.com", false)])
    func `tells who asked for it`(actor: String, username: String, isAutomated: Bool) async throws {
        try await ApplicationBench.with(ApplicationBench.application()) { bench async throws in
            _ = try await bench.update(["name": "app"]) { $0.promotion.actor = actor }
            let operation = bench.applications["app"]["operation"]
            #expect(
                operation?["initiatedBy"] == ["username": .string(username), "automated": .bool(isAutomated)]
            )
            let info = operation?["info"]?.arrayValue ?? []
            #expect(info.compactMap { $0["name"]?.stringValue } == ["Reason", "kargo.akuity.io/promotion"])
            #expect(info.last?["value"] == "p1")
            #expect(operation?["sync"] == ["revisions": []])
            let event = try #require(bench.applications.events.first)
            #expect(event.metadata.annotations == ["user": username])
            #expect(event.message == "\(username) initiated sync to main")
            #expect(event.reason == "OperationStarted" && event.involvedObject.uid == "uid-app")
            #expect(event.metadata.name.hasPrefix("app.") && event.metadata.namespace == "argocd")
        }
    }

    @Test func `follows the policy of the Application`() async throws {
        let spec = """
            {source: {repoURL: x}, syncPolicy: {syncOptions: [Prune=false], retry: {limit: 2}, automated: {prune: true}}}
            """
        let text = ApplicationBench.application(spec: spec)
        try await ApplicationBench.with(text) { bench async throws in
            _ = try await bench.update(["name": "app"])
            let operation = bench.applications["app"]["operation"]
            #expect(operation?["sync"] == ["revisions": [], "syncOptions": ["Prune=false"]])
            #expect(operation?["retry"] == ["limit": 2])
        }
    }

    @Test func `has Argo CD look anew, and forget the operation before`() async throws {
        let status = ApplicationBench.state("Succeeded", promotion: "p0", result: ", syncResult: {revision: a}")
        try await ApplicationBench.with(ApplicationBench.application(status: status)) { bench async throws in
            _ = try await bench.update(["name": "app"])
            let app = bench.applications["app"]
            #expect(app[path: "metadata", "annotations", "argocd.argoproj.io/refresh"] == "hard")
            #expect(app[path: "status", "operationState"] == nil)
        }
        try await ApplicationBench.with(ApplicationBench.application()) { bench async throws in
            _ = try await bench.update(["name": "app"])
            #expect(bench.applications.patches.first?["status"] == nil)
        }
    }

    @Test(
        arguments: [
            ("{sources: [{repoURL: a, targetRevision: v1}]}", " to v1"),
            ("{sources: [{repoURL: a}, {repoURL: b}]}", " to 2 sources"), ("{source: {repoURL: a}}", ""),
        ]
    )
    func `is noted with where it goes`(spec: String, goal: String) async throws {
        try await ApplicationBench.with(ApplicationBench.application(spec: spec)) { bench async throws in
            _ = try await bench.update(["name": "app"])
            #expect(bench.applications.events.first?.message == "kargo-controller initiated sync\(goal)")
        }
    }

    @Test func `goes on if it can't be noted`() async throws {
        try await ApplicationBench.with(ApplicationBench.application()) { bench async throws in
            bench.applications.fail("event", "forbidden")
            #expect(try await bench.update(["name": "app"]).status == .running)
            #expect(bench.applications.patches.count == 1)
        }
    }

    @Test func `is noted under a name that tells the time`() throws {
        let known = try KnownApplication(JSONValue(yaml: ApplicationBench.application()))
        let operation = SyncOperation(known: known, promotion: PromotionContext())
        let event = operation.event([:], at: Date(timeIntervalSince1970: 1_772_600_767))
        #expect(event.metadata.name == "app.18998b01859eb600")
        #expect(event.firstTimestamp?.description == "2026-03-04T05:06:07Z")
    }

    // MARK: Others who write

    @Test func `is decided anew if the Application has changed since it was read`() async throws {
        try await ApplicationBench.with(ApplicationBench.application()) { bench async throws in
            let running: JSONValue = [
                "operationState": ["phase": "Running", "operation": ["initiatedBy": ["username": "bob"]]]
            ]
            bench.applications.interfere(["status": running])
            let result = try await bench.update(["name": "app"])
            #expect(result.status == .running)
            #expect(result.message.contains("an operation that \"bob\" initiated is under way"))
            #expect(bench.applications.patches.isEmpty)
        }
    }

    @Test func `starts in spite of changes that don't matter`() async throws {
        try await ApplicationBench.with(ApplicationBench.application()) { bench async throws in
            bench.applications.interfere(["status": ["x": 1]], ["status": ["x": 2]])
            let result = try await bench.update(["name": "app"])
            #expect(result.message.contains("it was told to sync"))
            #expect(bench.applications.patches.count == 1)
        }
    }

    @Test func `waits with an Application that never holds still`() async throws {
        try await ApplicationBench.with(ApplicationBench.application()) { bench async throws in
            for number in 0..<20 { bench.applications.interfere(["status": ["x": .int(Int64(number))]]) }
            let result = try await bench.update(["name": "app"])
            #expect(result.status == .running)
            #expect(bench.applications.patches.isEmpty)
        }
    }

    @Test func `needs the permission until it starts`() async throws {
        try await ApplicationBench.with(ApplicationBench.application()) { bench async throws in
            bench.applications.interfere(["metadata": ["annotations": .null]])
            let result = try await bench.update(["name": "app"])
            #expect(result.status == .errored)
            #expect(result.message.contains("may no longer be changed"))
        }
    }

    @Test func `stops when the task is cancelled`() async throws {
        try await ApplicationBench.with(ApplicationBench.application()) { bench async throws in
            let step = ArgoCDUpdateStep(applications: CancelledApplications())
            await #expect(throws: CancellationError.self) {
                try await step.run(bench.bench.context("argocd-update", ["apps": [["name": "app"]]]))
            }
            let wait = ArgoCDWaitStep(applications: CancelledApplications())
            await #expect(throws: CancellationError.self) {
                try await wait.run(bench.bench.context("argocd-wait", ["apps": [["name": "app"]]]))
            }
        }
    }
}

/// Applications whose cluster is asked by a task that was cancelled.
private struct CancelledApplications: ArgoCDApplications {
    let defaultNamespace = "argocd"

    func application(_ name: String, namespace: String) async throws -> JSONValue? { throw CancellationError() }

    func applications(matching selector: LabelSelector, namespace: String) async throws -> [JSONValue] {
        throw CancellationError()
    }

    func patchApplication(_ name: String, namespace: String, _ patch: JSONValue) async throws -> JSONValue {
        throw CancellationError()
    }

    func recordEvent(_ event: Event) async throws { throw CancellationError() }
}
