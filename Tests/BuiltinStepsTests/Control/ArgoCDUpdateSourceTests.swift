import KargoCore
import Testing

@Suite("argocd-update, sources")
struct ArgoCDUpdateSourceTests {
    private static let git: JSONValue = ["repoURL": "https://git/app.git", "targetRevision": "main", "path": "env"]
    private static let chart: JSONValue = ["repoURL": "https://charts", "chart": "c", "targetRevision": "1.0.0"]

    /// What becomes of the sources of an Application; nil if the step broke.
    private func sources(_ sources: [JSONValue], _ updates: JSONValue...) async throws -> [JSONValue]? {
        var result: [JSONValue]?
        let spec: JSONValue = ["sources": .array(sources), "project": "default"]
        try await ApplicationBench.with(ApplicationBench.application(spec: spec.text())) { bench async throws in
            let outcome = try await bench.update(["name": "app", "sources": .array(updates)])
            guard outcome.status == .running else { return }
            #expect(bench.applications["app"][path: "spec", "project"] == "default")
            result = bench.applications["app"][path: "spec", "sources"]?.arrayValue
        }
        return result
    }

    @Test(
        arguments: [
            ("https://git/app.git", true), ("https://GIT/app", true), ("https://user@git/app.git/", true),
            ("https://git/other.git", false), ("git@git:app.git", false),
        ]
    )
    func `of git are found by what the address means`(url: String, isFound: Bool) async throws {
        let update: JSONValue = [
            "repoURL": .string(url), "desiredRevision": "abc", "updateTargetRevision": true,
        ]
        let changed = try await sources([Self.git], update)
        #expect(changed?.first?["targetRevision"] == (isFound ? "abc" : nil))
        #expect(changed?.first?["path"] == (isFound ? "env" : nil))
    }

    @Test(
        arguments: [
            ("https://charts", "c", true), ("https://charts/", "c", false), ("https://charts", "d", false),
            ("https://charts", nil, false), ("https://git/app.git", "c", false),
        ] as [(String, String?, Bool)]
    )
    func `of charts are found by the very same words`(url: String, chart: String?, isFound: Bool) async throws {
        var update: JSONValue = ["repoURL": .string(url), "desiredRevision": "2.0.0", "updateTargetRevision": true]
        update["chart"] = chart.map(JSONValue.string)
        let changed = try await sources([Self.chart], update)
        #expect(changed?.first?["targetRevision"] == (isFound ? "2.0.0" : nil))
    }

    @Test func `keep their target unless it is to be changed`() async throws {
        let changed = try await sources([Self.git], ["repoURL": "https://git/app", "desiredRevision": "abc"])
        #expect(changed == [Self.git])
    }

    @Test func `change where the one that is meant is, and nowhere else`() async throws {
        let changed = try await sources(
            [Self.git, Self.chart],
            [
                "repoURL": "https://charts", "chart": "c", "desiredRevision": "2.0.0", "updateTargetRevision": true,
            ]
        )
        #expect(changed?.first == Self.git)
        #expect(changed?.last?["targetRevision"] == "2.0.0")
    }

    @Test(
        arguments: [
            (["repoURL": "img", "tag": "v1"], "img:v1"), (["repoURL": "img", "digest": "sha256:a"], "img@sha256:a"),
            (["repoURL": "img", "tag": "v1", "newName": "mirror/img"], "img=mirror/img:v1"),
            (["repoURL": "img", "tag": "", "digest": "sha256:a", "newName": "m"], "img=m@sha256:a"),
            (["repoURL": "img"], "img:"),
        ] as [(JSONValue, String)]
    )
    func `get Kustomize images in place of those they had`(image: JSONValue, text: String) async throws {
        var source = Self.git
        source["kustomize"] = ["images": ["old:v0", "img:v0"], "namePrefix": "x-"]
        let changed = try await sources(
            [source],
            ["repoURL": "https://git/app", "kustomize": ["images": [image]]]
        )
        #expect(changed?.first?["kustomize"] == ["images": [.string(text)], "namePrefix": "x-"])
    }

    @Test func `get Helm parameters among those they had`() async throws {
        var source = Self.chart
        source["helm"] = [
            "releaseName": "r",
            "parameters": [
                ["name": "image.tag", "value": "v0", "forceString": true], ["name": "other", "value": "1"],
            ],
        ]
        let changed = try await sources(
            [source],
            [
                "repoURL": "https://charts", "chart": "c",
                "helm": ["images": [["key": "image.tag", "value": "v1"], ["key": "image.name", "value": "n"]]],
            ]
        )
        #expect(
            changed?.first?["helm"] == [
                "releaseName": "r",
                "parameters": [
                    ["name": "image.tag", "value": "v1", "forceString": true], ["name": "other", "value": "1"],
                    ["name": "image.name", "value": "n"],
                ],
            ]
        )
        let first = try await sources(
            [Self.chart],
            ["repoURL": "https://charts", "chart": "c", "helm": ["images": [["key": "a", "value": "b"]]]]
        )
        #expect(first?.first?[path: "helm", "parameters"] == [["name": "a", "value": "b"]])
    }

    @Test func `that are the only one keep what nobody asked to change`() async throws {
        let spec = """
            {source: {repoURL: 'https://git/app', targetRevision: main, directory: {jsonnet: {tlas: [{name: a}]}}},
             destination: {name: here}}
            """
        try await ApplicationBench.with(ApplicationBench.application(spec: spec)) { bench async throws in
            let source: JSONValue = [
                "repoURL": "https://git/app", "desiredRevision": "abc", "updateTargetRevision": true,
            ]
            _ = try await bench.update(["name": "app", "sources": [source]])
            #expect(bench.applications.patches.first?["spec"] == ["source": ["targetRevision": "abc"]])
            #expect(bench.applications["app"][path: "spec", "destination"] == ["name": "here"])
        }
    }

    @Test func `that there are none of are an error, and nothing changes`() async throws {
        let text = ApplicationBench.application(spec: "{project: default}")
        try await ApplicationBench.with(text) { bench async throws in
            let result = try await bench.update(["name": "app", "sources": [["repoURL": "https://git/app"]]])
            #expect(
                result
                    == .errored(
                        "Argo CD Application \"app\" in namespace \"argocd\": none of its sources has repoURL https://git/app"
                    )
            )
            #expect(bench.applications.patches.isEmpty)
            #expect(try await bench.update(["name": "app"]).status == .running)
        }
    }
}
