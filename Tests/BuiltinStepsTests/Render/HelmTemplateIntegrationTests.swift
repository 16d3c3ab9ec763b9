import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

/// There is no helm to be had where these tests run: a stand-in records how it is called and prints what is prepared.
@Suite("helm-template", .tags(.integration))
struct HelmTemplateIntegrationTests {
    static let rendered = """
        ---
        # Source: web/templates/service.yaml
        apiVersion: v1
        kind: Service
        metadata:
          name: web
        ---
        # Source: web/templates/all.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: Web
          namespace: prod
        ---
        # Source: web/templates/all.yaml
        # nothing but a comment
        ---
        # Source: web/templates/hook.yaml
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: web
          annotations: {helm.sh/hook: test}
        ---
        # Source: web/templates/service.yaml
        apiVersion: v1
        kind: Service
        metadata:
          name: web

        """

    private func run(
        _ config: [String: JSONValue],
        script: String = "cat <<'END'\n\(rendered)END",
        prepare: (StepBench) throws -> Void = { _ in },
        _ body: (StepBench, StepResult, [[String]]) throws -> Void
    ) async throws {
        try await StepBench.with { bench in
            let programs = try await StandIn(in: bench, ["helm"], script: script)
            try bench.write("name: web\nversion: 1.0.0\n", to: "charts/web/Chart.yaml")
            try bench.write("a: 1\n", to: "charts/web/values.yaml")
            try prepare(bench)
            let whole = config.merging(["path": "charts/web", "releaseName": "rel"]) { given, _ in given }
            let result = try await bench.run("helm-template", .object(whole), environment: programs.environment) {
                $0.promotion.project = "demo"
            }
            try body(bench, result, programs.calls())
            #expect(try bench.leftInPrivate().isEmpty)
        }
    }

    @Test func `writes what helm prints to one file`() async throws {
        try await run(["outPath": "out/all.yaml"]) { bench, result, calls throws in
            #expect(result == .succeeded())
            #expect(calls == [["helm", "template", "--namespace=demo", "--", "rel", "tree/charts/web"]])
            #expect(try bench.read("out/all.yaml") == Self.rendered)
        }
    }

    @Test func `tells helm what it is told`() async throws {
        let config: [String: JSONValue] = [
            "outPath": "o.yml", "namespace": "prod", "valuesFiles": ["v/a.yaml", "v/none.yaml", "b.yaml"],
            "ignoreMissingValueFiles": true, "includeCRDs": true, "disableHooks": true, "skipTests": true,
            "kubeVersion": "1.30", "apiVersions": ["a/v1", "b/v1"], "releaseName": "--post-renderer=x",
            "setValues": [
                ["key": "a.b", "value": "1"], ["key": "--x", "value": "{1,2}"],
                ["key": "c", "value": "{", "literal": true],
            ],
        ]
        try await run(config) { bench in
            try bench.write("a: 2", to: "v/a.yaml")
            try bench.write("a: 3", to: "b.yaml")
        } _: { _, result, calls throws in
            #expect(result == .succeeded())
            #expect(
                calls == [
                    [
                        "helm", "template", "--namespace=prod", "--values=values/0.yaml", "--values=values/2.yaml",
                        "--set=a.b=1", "--set=--x={1,2}", "--set-literal=c={", "--include-crds", "--no-hooks",
                        "--skip-tests", "--kube-version=1.30", "--api-versions=a/v1", "--api-versions=b/v1", "--",
                        "--post-renderer=x", "tree/charts/web",
                    ]
                ]
            )
        }
    }

    @Test func `gives helm copies of values and chart, and an environment of its own`() async throws {
        let script = "cat values/0.yaml tree/charts/web/*.yaml tree/charts/web/l/x; env | grep -c SECRET; ls -A ~; :"
        try await run(["outPath": "o.yaml", "valuesFiles": ["b.yaml"]], script: script) { bench in
            try bench.write("b: 3\n", to: "b.yaml")
            try bench.write("linked\n", to: "shared/x")
            try bench.link("charts/web/l", to: "../../shared")
        } _: { bench, result, _ throws in
            #expect(result == .succeeded())
            #expect(try bench.read("o.yaml") == "b: 3\nname: web\nversion: 1.0.0\na: 1\nlinked\n0\n")
        }
    }

    @Test(arguments: [false, true])
    func `lays a directory out as helm does`(usesReleaseName: Bool) async throws {
        try await run(["outPath": "out", "useReleaseName": .bool(usesReleaseName)]) { bench, result, _ throws in
            #expect(result == .succeeded())
            let directory = usesReleaseName ? "out/rel/web/templates" : "out/web/templates"
            #expect(
                try bench.read("\(directory)/all.yaml")
                    == """
                    ---
                    # Source: web/templates/all.yaml
                    apiVersion: apps/v1
                    kind: Deployment
                    metadata:
                      name: Web
                      namespace: prod
                    ---
                    # Source: web/templates/all.yaml
                    # nothing but a comment

                    """
            )
            #expect(bench.contains("\(directory)/hook.yaml"))
            #expect(try bench.read("\(directory)/service.yaml").split(separator: "---\n").count == 2)
        }
    }

    @Test func `writes a file for each resource`() async throws {
        try await run(["outPath": "out", "outLayout": "flat"]) { bench, result, _ throws in
            #expect(result == .succeeded())
            #expect(
                try bench.tree().filter { $0.hasPrefix("out/") } == [
                    "out/apps-deployment-prod-web.yaml", "out/batch-job-web.yaml", "out/resource-0.yaml",
                    "out/service-web-2.yaml", "out/service-web.yaml",
                ]
            )
            #expect(
                try bench.read("out/service-web.yaml")
                    == "# Source: web/templates/service.yaml\napiVersion: v1\nkind: Service\nmetadata:\n  name: web"
            )
        }
    }

    @Test(arguments: ["../../evil.yaml", "/tmp/evil.yaml", "a/../../evil.yaml"])
    func `writes no file outside of the directory`(path: String) async throws {
        try await run(["outPath": "out"], script: "printf -- '---\\n# Source: \(path)\\na: 1\\n'") {
            bench,
            result,
            _ throws in
            #expect(result.status == .errored)
            #expect(!bench.contains("out") && !bench.contains("evil.yaml") && !bench.outside.contains("evil.yaml"))
        }
        let script = "printf -- 'kind: K\\nmetadata: {name: ../evil}\\n'"
        try await run(["outPath": "out", "outLayout": "flat"], script: script) { bench, result, _ throws in
            #expect(result.status == .errored)
            #expect(!bench.contains("out"))
        }
    }

    @Test func `says what helm says, with paths as the user knows them`() async throws {
        try await run(["outPath": "o"], script: "echo \"Error: $PWD/tree/charts/web: bad\" >&2; exit 1") {
            _,
            result,
            _ in
            #expect(result == .errored("error rendering \"charts/web\": Error: charts/web: bad"))
        }
    }

    @Test(arguments: [("exit 3", "exit code 3"), ("kill -9 $$", "signal 9")])
    func `says how helm ended where that says nothing`(script: String, ending: String) async throws {
        try await run(["outPath": "o"], script: script) { _, result, _ in
            #expect(result == .errored("error rendering \"charts/web\": helm ended with \(ending)"))
        }
    }

    @Test func `reports values before the chart`() async throws {
        try await run(["outPath": "o", "path": "none", "valuesFiles": ["none.yaml"]]) { _, result, calls throws in
            #expect(result.status == .errored)
            #expect(result.message.contains("none.yaml"))
            #expect(calls.isEmpty)
        }
        try await run(["outPath": "o", "path": "none"]) { _, result, calls throws in
            #expect(result == .errored("can't read \"none\": no such file or directory"))
            #expect(calls.isEmpty)
        }
    }

    @Test func `copies no link that leads out`() async throws {
        try await run(["outPath": "o"]) { bench in
            try bench.outside.write("secret", to: "secret")
            try bench.link("charts/web/secret", to: "../../../secret")
        } _: { _, result, calls throws in
            #expect(result.status == .errored)
            #expect(calls.isEmpty)
        }
    }

    @Test func `fails for good without helm`() async throws {
        try await StepBench.with { bench in
            try bench.write("name: a", to: "a/Chart.yaml")
            let config: JSONValue = ["path": "a", "outPath": "o", "releaseName": "r"]
            let result = try await bench.run("helm-template", config, environment: ["PATH": "/none"])
            #expect(result == .erroredForGood("the program helm is needed to render charts and is not on the PATH"))
        }
    }

    @Test func `fetches dependencies first, and keeps them`() async throws {
        let script = """
            case "$1" in
            dependency) mkdir -p "$4/charts" && echo archive > "$4/charts/db-1.tgz" && echo lock > "$4/Chart.lock";;
            *) cat "$5/charts/db-1.tgz";;
            esac
            """
        try await run(["outPath": "o.yaml", "buildDependencies": true], script: script) { bench in
            try bench.write(
                "name: web\ndependencies:\n- {name: db, version: 1, repository: 'http://127.0.0.1:1'}\n",
                to: "charts/web/Chart.yaml"
            )
        } _: { bench, result, calls throws in
            #expect(result == .succeeded())
            #expect(calls.map { $0[1] } == ["dependency", "template"])
            #expect(calls[0] == ["helm", "dependency", "build", "--", "tree/charts/web"])
            #expect(try bench.read("o.yaml") == "archive\n")
            #expect(try bench.read("charts/web/charts/db-1.tgz") == "archive\n")
            #expect(try bench.read("charts/web/Chart.lock") == "lock\n")
        }
    }

    @Test func `ends helm when the task is cancelled`() async throws {
        try await StepBench.with { bench in
            let pipe = try Pipe(in: bench.outside)
            let script = "exec 3>'\(pipe.path)'; echo up >&3; sleep 1000 & wait"
            let programs = try await StandIn(in: bench, ["helm"], script: script)
            try bench.write("name: a", to: "a/Chart.yaml")
            try await withThrowingTaskGroup(of: StepResult.self) { group in
                group.addTask {
                    let config: JSONValue = ["path": "a", "outPath": "o", "releaseName": "r"]
                    return try await bench.run("helm-template", config, environment: programs.environment)
                }
                try await pipe.read { _, end in
                    group.cancelAll()
                    await #expect(throws: CancellationError.self) { try await group.next() }
                    try await end()
                }
            }
            #expect(try bench.tree() == ["a", "a/Chart.yaml"])
            #expect(try bench.leftInPrivate().isEmpty)
        }
    }

    @Test(
        arguments: [
            ([:], "(root): path is required"), ([:], "(root): outPath is required"),
            ([:], "(root): releaseName is required"),
            (
                ["path": "a", "outPath": "b", "releaseName": ""],
                "releaseName: String length must be greater than or equal to 1"
            ),
            (
                ["path": "a", "outPath": "b", "releaseName": "r", "outLayout": "x"],
                "outLayout must be one of the following: \"helm\", \"flat\""
            ),
            (
                ["path": "a", "outPath": "b", "releaseName": "r", "setValues": [["key": "a"]]],
                "setValues.0: value is required"
            ),
        ] as [(JSONValue, String)]
    )
    func `refuses other configurations`(config: JSONValue, problem: String) async throws {
        try await StepBench.with { bench in
            let result = try await bench.run("helm-template", config)
            #expect(result.status == .failed)
            #expect(result.message.contains(problem), "\(result.message)")
        }
    }
}
