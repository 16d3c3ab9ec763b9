import KargoCore
import Testing

@Suite("argocd-update, which Applications")
struct ArgoCDUpdateAccessTests {
    @Test(
        arguments: [
            ("demo:test", true), ("other:test, demo:test", true), (" demo : test ,", true), (",,demo:test", true),
            ("", false), ("demo:prod", false), ("test:demo", false), ("demo", false), ("demo:*", false),
            ("*:test", false), ("demo:test,other:*", false), ("demo:test,broken", false), ("demo:", false),
            ("demo:test:more", false),
        ]
    )
    func `needs the permission of the Application`(annotation: String, isPermitted: Bool) async throws {
        try await ApplicationBench.with(ApplicationBench.application(stage: annotation)) { bench async throws in
            let result = try await bench.update(["name": "app"])
            #expect(result.status == (isPermitted ? .running : .errored))
            #expect(bench.applications.patches.count == (isPermitted ? 1 : 0))
            guard !isPermitted else { return }
            #expect(
                result.message
                    == "Argo CD Application \"app\" in namespace \"argocd\" may not be changed by this Stage; "
                    + "annotate it with kargo.akuity.io/authorized-stage: demo:test"
            )
        }
    }

    @Test func `says which Application there is not`() async throws {
        try await ApplicationBench.with { bench async throws in
            let named = try await bench.update(["name": "app", "namespace": "elsewhere"])
            #expect(named == .errored("there is no Argo CD Application \"app\" in namespace \"elsewhere\""))
            let selected = try await bench.update(["selector": ["matchLabels": ["a": "b"]]])
            #expect(
                selected
                    == .errored("there are no Argo CD Applications that match the selector in namespace \"argocd\"")
            )
        }
    }

    @Test func `passes over Applications that don't permit it`() async throws {
        try await ApplicationBench.with(
            ApplicationBench.application("a", labels: "{team: x}"),
            ApplicationBench.application("b", labels: "{team: x}", stage: "demo:other"),
            ApplicationBench.application("c", labels: "{team: z}")
        ) { bench async throws in
            let result = try await bench.update(["selector": ["matchLabels": ["team": "x"]]])
            #expect(result.output == ["apps": [["name": "a", "namespace": "argocd"]]])
            bench.applications.change("a", ["metadata": ["annotations": .null]])
            let none = try await bench.update(["selector": ["matchLabels": ["team": "x"]]])
            #expect(none.status == .errored)
            #expect(none.message.hasPrefix("none of the 2 Argo CD Applications that match the selector"))
        }
    }

    @Test(
        arguments: [
            (["key": "team", "operator": "In", "values": ["x", "z"]], ["a", "b"]),
            (["key": "team", "operator": "NotIn", "values": ["x"]], ["b", "c"]),
            (["key": "team", "operator": "Exists"], ["a", "b"]), (["key": "team", "operator": "DoesNotExist"], ["c"]),
        ] as [(JSONValue, [String])]
    )
    func `selects by expressions`(expression: JSONValue, names: [String]) async throws {
        try await ApplicationBench.with(
            ApplicationBench.application("a", labels: "{team: x}"),
            ApplicationBench.application("b", labels: "{team: z}"),
            ApplicationBench.application("c")
        ) { bench async throws in
            let result = try await bench.update(["selector": ["matchExpressions": [expression]]])
            #expect(result.output?["apps"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == names)
        }
    }

    @Test(
        arguments: [
            (["matchExpressions": [["key": "a", "operator": "In"]]], "needs values"),
            (["matchExpressions": [["key": "a", "operator": "Exists", "values": ["b"]]]], "takes no values"),
            (["matchLabels": ["a": "b,c=d"]], "can't be part of a label"),
        ] as [(JSONValue, String)]
    )
    func `refuses selectors that mean nothing`(selector: JSONValue, problem: String) async throws {
        try await ApplicationBench.with(ApplicationBench.application()) { bench async throws in
            let result = try await bench.update(["selector": selector])
            #expect(result.status == .errored)
            #expect(result.message.contains(problem))
        }
    }

    @Test func `changes none of many if one of them can't be`() async throws {
        try await ApplicationBench.with { bench async throws in
            for name in ["a", "b", "c", "d"] {
                let url = name == "a" ? "https://git/app" : "https://git/other"
                let spec = "{source: {repoURL: '\(url)'}}"
                try bench.applications.add(ApplicationBench.application(name, labels: "{team: x}", spec: spec))
            }
            let result = try await bench.update([
                "selector": ["matchLabels": ["team": "x"]],
                "sources": [["repoURL": "https://git/app", "desiredRevision": "abc"]],
            ])
            #expect(result.status == .errored)
            #expect(result.message.hasPrefix("3 of 4 Applications"))
            #expect(result.message.contains("none of its sources has repoURL https://git/app"))
            #expect(bench.applications.patches.isEmpty)
        }
    }

    @Test func `names three of the Applications that can't be changed`() async throws {
        try await ApplicationBench.with { bench async throws in
            for name in ["a", "b", "c", "d", "e"] {
                try bench.applications.add(ApplicationBench.application(name, labels: "{team: x}"))
            }
            let result = try await bench.update([
                "selector": ["matchLabels": ["team": "x"]],
                "sources": [["repoURL": "https://charts", "chart": "c", "desiredRevision": "1.0.0"]],
            ])
            #expect(result.message.contains("\"c\" in namespace") && !result.message.contains("\"d\" in namespace"))
            #expect(result.message.hasSuffix("repoURL https://charts and chart \"c\"; and 2 more"))
        }
    }

    @Test(arguments: [("get", "name"), ("patch", "name")])
    func `is tried again when the cluster fails`(verb: String, key: String) async throws {
        try await ApplicationBench.with(ApplicationBench.application()) { bench async throws in
            bench.applications.fail(verb, "no route to host")
            let result = try await bench.update([key: "app"])
            #expect(result.status == .errored)
            #expect(result.failure == .retryable(result.message))
            #expect(result.message.hasSuffix(": no route to host"))
        }
    }

    @Test func `fails for good without access to Argo CD`() async throws {
        try await StepBench.with { bench async throws in
            for kind in ["argocd-update", "argocd-wait"] {
                let result = try await bench.run(kind, ["apps": [["name": "app"]]])
                #expect(result.status == .errored)
                #expect(result.failure == .terminal(result.message))
                #expect(result.message.contains("\(kind): access to Argo CD can't be had here"))
            }
        }
    }
}
