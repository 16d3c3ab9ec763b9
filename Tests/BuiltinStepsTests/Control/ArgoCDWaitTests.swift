import KargoCore
import Testing

@Suite("argocd-wait")
struct ArgoCDWaitTests {
    private static func status(_ health: String, sync: String = "Synced", more: String = "") -> String {
        "{health: {status: \(health)}, sync: {status: \(sync)}\(more)}"
    }

    private static func wait(_ conditions: String...) -> JSONValue {
        ["name": "app", "waitFor": .array(conditions.map(JSONValue.string))]
    }

    private static let finished =
        ", operationState: {phase: Succeeded, finishedAt: '2026-01-01T00:00:10Z'}, reconciledAt: "

    @Test(
        arguments: [
            (["name": "app"], status("Healthy"), nil),
            (["name": "app"], status("Progressing"), "its health is Progressing"),
            (["name": "app"], "{}", "its health is Unknown"),
            (["name": "app"], status("Healthy", sync: "OutOfSync"), "it is OutOfSync"),
            (
                ["name": "app"], status("Healthy", more: ", operationState: {phase: Running}"),
                "an operation is under way"
            ),
            (["name": "app"], status("Healthy", more: finished + "'2026-01-01T00:00:10Z'"), nil),
            (wait("sync"), status("Degraded"), nil), (wait("sync"), "{}", "it is Unknown"),
            (wait("operation"), status("Degraded", sync: "OutOfSync"), nil),
            (wait("operation"), status("Healthy", more: ", operationState: {phase: Running}"), "under way"),
            (wait("operation"), status("Healthy", more: finished + "null"), nil),
            (wait("health"), status("Healthy", sync: "OutOfSync", more: ", operationState: {phase: Running}"), nil),
            (wait("suspended"), status("Suspended"), nil),
            (wait("suspended"), status("Healthy"), "its health is Healthy"),
            (wait("degraded"), status("Degraded"), nil), (wait("degraded"), status("Missing"), "its health is Missing"),
            (wait("health", "suspended"), status("Suspended"), nil),
            (wait("health", "degraded"), status("Degraded"), nil),
            (wait("health", "suspended", "degraded"), status("Progressing"), "its health is Progressing"),
            (wait("suspended", "sync"), status("Suspended", sync: "OutOfSync"), "it is OutOfSync"),
        ] as [(JSONValue, String, String?)]
    )
    func `waits for what it is told to`(app: JSONValue, status: String, reason: String?) async throws {
        // Whoever only looks needs no permission.
        try await ApplicationBench.with(ApplicationBench.application(stage: "", status: status)) { bench async throws in
            let result = try await bench.run("argocd-wait", ["apps": [app]])
            #expect(result.status == (reason == nil ? .succeeded : .running))
            if let reason { #expect(result.message.contains(reason)) }
            #expect(result.healthCheck == nil)
            #expect(result.output?["apps"] == [["name": "app", "namespace": "argocd"]])
            #expect(bench.applications.patches.isEmpty)
        }
    }

    @Test func `waits for operations that have not begun`() async throws {
        let text = ApplicationBench.application(status: Self.status("Healthy"), more: "{sync: {}}")
        try await ApplicationBench.with(text) { bench async throws in
            #expect(try await bench.run("argocd-wait", ["apps": [["name": "app"]]]).status == .running)
            #expect(try await bench.run("argocd-wait", ["apps": [Self.wait("health")]]).status == .succeeded)
        }
    }

    @Test(arguments: ["ComparisonError", "InvalidSpecError"])
    func `fails for good with an Application that is broken`(type: String) async throws {
        let status = Self.status("Healthy", more: ", conditions: [{type: \(type), message: no such path}]")
        try await ApplicationBench.with(ApplicationBench.application(status: status)) { bench async throws in
            let result = try await bench.run("argocd-wait", ["apps": [["name": "app"]]])
            #expect(result.failure == .terminal(result.message))
            #expect(result.message.hasSuffix("it has the condition \(type): no such path"))
            bench.applications.change("app", ["status": ["conditions": [["type": "SyncError", "message": "x"]]]])
            #expect(try await bench.run("argocd-wait", ["apps": [["name": "app"]]]).status == .succeeded)
        }
    }

    @Test(arguments: ["null", "'2026-01-01T00:00:09Z'"])
    func `has health assessed anew that is older than the last operation`(reconciled: String) async throws {
        let status = Self.status("Healthy", more: Self.finished + reconciled)
        try await ApplicationBench.with(ApplicationBench.application(status: status)) { bench async throws in
            for _ in 0..<3 {
                let result = try await bench.run("argocd-wait", ["apps": [["name": "app"]]])
                #expect(result.status == .running)
            }
            // Once is enough as long as Argo CD has not taken the request up.
            #expect(
                bench.applications.patches
                    == [["metadata": ["annotations": ["argocd.argoproj.io/refresh": "hard"]]]]
            )
            bench.applications.change("app", ["status": ["reconciledAt": "2026-01-01T00:00:10Z"]])
            #expect(try await bench.run("argocd-wait", ["apps": [["name": "app"]]]).status == .succeeded)
        }
    }

    @Test(
        arguments: [
            ("Healthy", true), ("Progressing", true), ("Missing", true), ("Suspended", true), ("Degraded", false),
            ("Unknown", false), (nil, false),
        ] as [(String?, Bool)]
    )
    func `fails for good when health gets worse`(previous: String?, isFailure: Bool) async throws {
        let text = ApplicationBench.application(status: Self.status("Degraded"))
        try await ApplicationBench.with(text) { bench async throws in
            for conditions in [["health"], ["health", "degraded"], ["degraded"]] {
                let app: JSONValue = ["name": "app", "waitFor": .array(conditions.map(JSONValue.string))]
                let result = try await bench.run("argocd-wait", ["apps": [app]]) { step in
                    step.sharedState["step"] = ["healthStatus": ["argocd/app": previous.map(JSONValue.string) ?? ""]]
                }
                if isFailure, conditions.contains("health") {
                    #expect(result.failure == .terminal(result.message))
                    #expect(result.message.hasSuffix("its health went from \(previous ?? "") to Degraded"))
                } else {
                    #expect(result.status == (conditions.contains("degraded") ? .succeeded : .running))
                }
            }
        }
    }

    @Test func `remembers the health of all, also of those it could not look at`() async throws {
        try await ApplicationBench.with(
            ApplicationBench.application("a", status: Self.status("Progressing")),
            ApplicationBench.application("b", status: "{}")
        ) { bench async throws in
            let config: JSONValue = ["apps": [["name": "a"], ["name": "b"]]]
            let previous: JSONValue = ["healthStatus": ["argocd/b": "Healthy", "other/c": "Healthy"]]
            let result = try await bench.run("argocd-wait", config) { $0.sharedState["step"] = previous }
            let expected: JSONValue = [
                "argocd/a": "Progressing", "argocd/b": "Healthy", "other/c": "Healthy",
            ]
            #expect(result.output?["healthStatus"] == expected)
            bench.applications.fail("get", "no route to host")
            let broken = try await bench.run("argocd-wait", config) {
                $0.sharedState["step"] = .object(result.output ?? [:])
            }
            #expect(broken.status == .errored)
            #expect(broken.output == ["healthStatus": expected])
        }
    }

    @Test func `is an error without Applications`() async throws {
        try await ApplicationBench.with { bench async throws in
            for app: JSONValue in [["name": "app"], ["selector": ["matchLabels": ["a": "b"]]]] {
                let result = try await bench.run("argocd-wait", ["apps": [app]])
                #expect(result.status == .errored)
                #expect(result.failure == .retryable(result.message))
            }
        }
    }

    @Test func `waits for all that the selector means`() async throws {
        try await ApplicationBench.with(
            ApplicationBench.application("a", labels: "{team: x}", status: Self.status("Healthy")),
            ApplicationBench.application("b", labels: "{team: x}", status: Self.status("Progressing"))
        ) { bench async throws in
            let config: JSONValue = ["apps": [["selector": ["matchLabels": ["team": "x"]]]]]
            #expect(try await bench.run("argocd-wait", config).status == .running)
            bench.applications.change("b", ["status": ["health": ["status": "Healthy"]]])
            #expect(try await bench.run("argocd-wait", config).status == .succeeded)
        }
    }
}
