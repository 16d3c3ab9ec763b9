import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

/// There is no helm to be had where these tests run: a stand-in records how it is called and writes what is prepared.
@Suite("helm-update-chart", .tags(.integration))
struct HelmUpdateChartIntegrationTests {
    private static let chart = """
        # ours
        name: web
        dependencies:
        - name: db   # the data
          version: "1.0.0"
          repository: https://charts.example.com
        - name: cache
          version: 2.x
          repository: oci://127.0.0.1:1/charts

        """

    /// Writes a lock with versions, and an archive for each.
    private static func script(_ versions: [String: String], then more: String = "") -> String {
        let lock = versions.sorted { $0.key < $1.key }.map { "- {name: \($0.key), version: \($0.value)}" }
        let archives = versions.sorted { $0.key < $1.key }
            .map { "echo x > \"$chart/charts/\($0.key)-\($0.value).tgz\"" }
        return """
            for chart; do :; done
            mkdir -p "$chart/charts"; rm -f "$chart"/charts/*.tgz
            printf 'dependencies:\\n\(lock.joined(separator: "\\n"))\\ngenerated: now\\n' > "$chart/Chart.lock"
            \(archives.joined(separator: "\n"))
            \(more)
            """
    }

    private func run(
        _ config: [String: JSONValue] = [:],
        script: String,
        credentials: any CredentialsDatabase = NoCredentials(),
        prepare: (StepBench) throws -> Void = { _ in },
        _ body: (StepBench, StepResult, [[String]]) throws -> Void
    ) async throws {
        try await StepBench.with { bench in
            let programs = try await StandIn(in: bench, ["helm"], script: script)
            try bench.write(Self.chart, to: "web/Chart.yaml")
            try prepare(bench)
            let result = try await bench.run(
                "helm-update-chart",
                .object(config.merging(["path": "web"]) { given, _ in given }),
                capabilities: StepCapabilities(credentials: credentials),
                environment: programs.environment
            ) { $0.promotion.project = "demo" }
            try body(bench, result, programs.calls())
            #expect(try bench.leftInPrivate().isEmpty)
        }
    }

    @Test func `sets versions, fetches and says what changed`() async throws {
        let update: JSONValue = ["repository": "https://charts.example.com", "name": "db", "version": "1.1.0"]
        try await run(["charts": [update]], script: Self.script(["db": "1.1.0", "cache": "2.1.0"])) { bench in
            try bench.write(
                "dependencies:\n- {name: db, version: 1.0.0}\n- {name: gone, version: 1.0.0}\n",
                to: "web/Chart.lock"
            )
            try bench.write("old", to: "web/charts/db-1.0.0.tgz")
            try bench.write("", to: "web/charts/vendored/Chart.yaml")
        } _: { bench, result, calls throws in
            #expect(
                result
                    == .succeeded(
                        output: [
                            "commitMessage":
                                """
                            Updated chart dependencies for web

                            - cache: 2.1.0
                            - db: 1.0.0 -> 1.1.0
                            - gone: removed
                            """
                        ]
                    )
            )
            #expect(calls == [["helm", "dependency", "update", "--", "tree/web"]])
            #expect(try bench.read("web/Chart.yaml") == Self.chart.replacing("1.0.0", with: "1.1.0"))
            #expect(try bench.read("web/Chart.lock").contains("generated: now"))
            #expect(
                try bench.tree() == [
                    "web", "web/Chart.lock", "web/Chart.yaml", "web/charts", "web/charts/cache-2.1.0.tgz",
                    "web/charts/db-1.1.0.tgz", "web/charts/vendored", "web/charts/vendored/Chart.yaml",
                ]
            )
        }
    }

    @Test func `leaves the lock alone where nothing changed`() async throws {
        let lock = "dependencies:\n- {name: db, version: 1.0.0}\ngenerated: before\n"
        try await run(script: Self.script(["db": "1.0.0"])) {
            try $0.write(lock, to: "web/Chart.lock")
        } _: { bench, result, _ throws in
            #expect(result == .succeeded())
            #expect(try bench.read("web/Chart.lock") == lock)
            #expect(try bench.read("web/Chart.yaml") == Self.chart)
        }
    }

    @Test func `changes nothing when helm fails`() async throws {
        let update: JSONValue = ["repository": "https://charts.example.com", "name": "db", "version": "9"]
        try await run(["charts": [update]], script: Self.script([:], then: "echo no such version >&2; exit 1")) {
            bench,
            result,
            _ throws in
            #expect(result == .errored("error updating the dependencies of \"web\": no such version"))
            #expect(try bench.tree() == ["web", "web/Chart.yaml"])
            #expect(try bench.read("web/Chart.yaml") == Self.chart)
        }
    }

    @Test func `gives credentials in files that only it can read, and none over plain HTTP`() async throws {
        let script = """
            cat "$HELM_REPOSITORY_CONFIG" "$HELM_REGISTRY_CONFIG" > "$(dirname "$0")/../seen"
            stat -c %a "$HELM_REPOSITORY_CONFIG" "$HELM_REGISTRY_CONFIG" >> "$(dirname "$0")/../seen"
            """
        let credentials = Credentials(known: [
            "https://charts.example.com": ("user", "pass"), "http://plain.example.com": ("never", "never"),
            "oci://127.0.0.1:1/charts/cache": ("robot", "token"),
        ])
        try await run(script: script, credentials: credentials) { bench in
            try bench.write(
                Self.chart + "- {name: plain, version: 1, repository: 'http://plain.example.com'}\n",
                to: "web/Chart.yaml"
            )
        } _: { bench, result, calls throws in
            #expect(result == .succeeded())
            let seen = try bench.outside.read("seen")
            #expect(seen.contains("password: pass\n"))
            #expect(seen.contains("username: user\n"))
            #expect(seen.contains("url: http://plain.example.com\n"))
            #expect(!seen.contains("never"))
            #expect(seen.contains(#"{"auths":{"127.0.0.1:1":{"auth":"cm9ib3Q6dG9rZW4="}}}"#))
            #expect(seen.hasSuffix("600\n600\n"))
            #expect(!calls.joined().joined(separator: " ").contains("pass"))
        }
    }

    @Test func `takes charts of the work directory along`() async throws {
        let chart = "name: web\ndependencies:\n- {name: common, version: 1, repository: 'file://../common'}\n"
        try await run(script: "cat tree/common/Chart.yaml >&2; exit 1") { bench in
            try bench.write(chart, to: "web/Chart.yaml")
            try bench.write("name: real", to: "shared/Chart.yaml")
            try bench.link("common", to: "shared")
        } _: { _, result, _ throws in
            #expect(result.message.hasSuffix("name: real"))
        }
    }

    @Test(arguments: ["file:///etc", "file://../../secret", "file://../none", "file://../link", "file://../linking"])
    func `refuses charts of elsewhere`(repository: String) async throws {
        try await run(script: "true") { bench in
            try bench.outside.write("", to: "secret/Chart.yaml")
            try bench.link("link", to: "../secret")
            try bench.makeDirectory("linking")
            try bench.link("linking/x", to: "../../secret/Chart.yaml")
            try bench.write("dependencies: [{name: a, version: 1, repository: '\(repository)'}]", to: "web/Chart.yaml")
        } _: { _, result, calls throws in
            #expect(result.status == .errored)
            #expect(calls.isEmpty)
        }
    }

    @Test func `refuses what it can't update`() async throws {
        let update: JSONValue = ["repository": "https://charts.example.com/", "name": "db", "version": "1"]
        try await run(["charts": [update]], script: "true") { _, result, calls throws in
            #expect(result.status == .errored)
            #expect(result.message.contains("no dependency in Chart.yaml has the repository"))
            #expect(calls.isEmpty)
        }
        try await run(script: "true") {
            try $0.link("web/Chart.lock", to: "other")
        } _: { _, result, _ throws in
            #expect(result.message.hasSuffix("Chart.lock is a symbolic link"))
        }
        try await run(script: "true") {
            try $0.write("a: [", to: "web/Chart.yaml")
        } _: { _, result, _ throws in
            #expect(result.message.contains("Chart.yaml is not YAML"))
        }
        try await run(["charts": []], script: "true") { _, result, _ throws in
            #expect(result.status == .failed)
            #expect(result.message == "invalid helm-update-chart config: charts: Array must have at least 1 items")
        }
        try await run(script: "true") {
            try $0.write("name: web", to: "web/Chart.yaml")
        } _: { _, result, calls throws in
            #expect(result == .succeeded())
            #expect(calls.isEmpty)
        }
    }

    @Test func `tells helm where registries have no TLS`() async throws {
        try await StubServer.with(answer: .always(.text("{}"))) { server in
            let repository = "oci://127.0.0.1:\(server.port)/charts"
            try await run(script: "true") { bench in
                try bench.write(
                    "dependencies: [{name: a, version: 1, repository: '\(repository)'}]",
                    to: "web/Chart.yaml"
                )
            } _: { _, result, calls throws in
                #expect(result == .succeeded())
                #expect(calls == [["helm", "dependency", "update", "--plain-http", "--", "tree/web"]])
            }
        }
    }

    @Test func `fails for good without helm`() async throws {
        try await StepBench.with { bench in
            try bench.write(Self.chart, to: "web/Chart.yaml")
            let result = try await bench.run("helm-update-chart", ["path": "web"], environment: ["PATH": "/none"])
            #expect(
                result
                    == .erroredForGood(
                        "the program helm is needed to fetch dependencies of charts and is not on the PATH"
                    )
            )
        }
    }
}

private struct Credentials: CredentialsDatabase {
    let known: [String: (String, String)]

    func credentials(_ type: CredentialType, for url: String, project: String) -> RepositoryCredentials? {
        guard type == .helm, project == "demo" else { return nil }
        return known[url].map { RepositoryCredentials(username: $0.0, password: $0.1) }
    }
}
