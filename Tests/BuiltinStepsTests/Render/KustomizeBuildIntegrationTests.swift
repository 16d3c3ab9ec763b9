import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

@Suite("kustomize-build", .tags(.integration))
struct KustomizeBuildIntegrationTests {
    private static let hasProgram = ["kustomize", "kubectl"].contains { ProgramPath(environment: [:]).find($0) != nil }

    private static func configMap(_ name: String, namespace: String? = nil) -> String {
        let place = namespace.map { "\n  namespace: \($0)" } ?? ""
        return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \(name)\(place)\n"
    }

    @Test(.enabled(if: hasProgram))
    func `writes one file, resources in the order in which they are named`() async throws {
        try await StepBench.with { bench in
            try bench.write("resources: [z.yaml, a.yaml]\nnamePrefix: dev-\n", to: "app/kustomization.yaml")
            try bench.write(Self.configMap("z"), to: "app/z.yaml")
            try bench.write("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n", to: "app/a.yaml")
            #expect(try await bench.run("kustomize-build", ["path": "app", "outPath": "out/all.yaml"]) == .succeeded())
            #expect(
                try bench.read("out/all.yaml")
                    == "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: dev-z\n---\napiVersion: v1\nkind: Namespace\n"
                    + "metadata:\n  name: a\n"
            )
            #expect(try bench.mode("out/all.yaml") == bench.modeUnderUmask(0o666))
            #expect(!bench.outside.contains("private/scratch"))
            #expect(try bench.leftInPrivate().isEmpty)
        }
    }

    @Test(
        .enabled(if: hasProgram),
        arguments: [
            (
                nil,
                [
                    "configmap-b.yaml", "one-configmap-a.yaml", "two-configmap-a.yaml", "deployment-d.yaml",
                    "namespace-n.yaml",
                ]
            ),
            (
                "kustomize",
                [
                    "v1_configmap_b.yaml", "one_v1_configmap_a.yaml", "two_v1_configmap_a.yaml",
                    "apps_v1_deployment_d.yaml", "v1_namespace_n.yaml",
                ]
            ),
        ] as [(String?, [String])]
    )
    func `writes a file for each resource`(format: String?, names: [String]) async throws {
        try await StepBench.with { bench in
            try bench.write("resources: [all.yaml]\n", to: "kustomization.yaml")
            try bench.write(
                [
                    Self.configMap("a", namespace: "one"), Self.configMap("a", namespace: "two"), Self.configMap("b"),
                    "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: D}\n",
                    "kind: Namespace\napiVersion: v1\nmetadata: {name: n}\n",
                ]
                .joined(separator: "---\n"),
                to: "all.yaml"
            )
            try bench.write("", to: "out/kept")
            var config: [String: JSONValue] = ["path": ".", "outPath": "out"]
            if let format { config["outputFormat"] = .string(format) }
            #expect(try await bench.run("kustomize-build", .object(config)) == .succeeded())
            #expect(try bench.tree().filter { $0.hasPrefix("out/") } == (names + ["kept"]).map { "out/\($0)" }.sorted())
            #expect(
                try bench.read("out/\(names[3])") == "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: D\n"
            )
        }
    }

    @Test(.enabled(if: hasProgram))
    func `keeps resources apart whose files would have one name`() async throws {
        try await StepBench.with { bench in
            try bench.write("resources: [all.yaml]\n", to: "kustomization.yaml")
            try bench.write(
                "{apiVersion: a/v1, kind: K, metadata: {name: x}}\n---\n{apiVersion: b/v1, kind: K, metadata: {name: x}}\n",
                to: "all.yaml"
            )
            _ = try await bench.run("kustomize-build", ["path": ".", "outPath": "out"])
            #expect(try bench.read("out/k-x.yaml").contains("a/v1"))
            #expect(try bench.read("out/k-x-2.yaml").contains("b/v1"))
        }
    }

    @Test(.enabled(if: hasProgram), arguments: ["a/../../../evil", "a\\b"])
    func `refuses resources whose files would be elsewhere`(name: String) async throws {
        try await StepBench.with { bench in
            try bench.write("resources: [all.yaml]\n", to: "kustomization.yaml")
            try bench.write("{apiVersion: a/v1, kind: K, metadata: {name: '\(name)'}}\n", to: "all.yaml")
            let result = try await bench.run("kustomize-build", ["path": ".", "outPath": "out"])
            #expect(result.status == .errored)
            #expect(!bench.contains("out"))
        }
    }

    @Test(.enabled(if: hasProgram))
    func `says what kustomize says, with paths as the user knows them`() async throws {
        try await StepBench.with { bench in
            try bench.write("resources: [bad.yaml]\n", to: "app/kustomization.yaml")
            try bench.write("a: [\n", to: "app/bad.yaml")
            let result = try await bench.run("kustomize-build", ["path": "app", "outPath": "out"])
            #expect(result.status == .errored)
            #expect(result.message.contains("bad.yaml"))
            #expect(!result.message.contains(bench.outside.path.split(separator: "/").last.map(String.init) ?? "?"))
        }
    }

    @Test(.enabled(if: hasProgram))
    func `builds what a list of files, patches and plugins makes of it`() async throws {
        try await StepBench.with { bench in
            try bench.write(
                """
                resources: [../base]
                configMapGenerator: [{name: files, files: [../files/a.txt], options: {disableNameSuffixHash: true}}]
                patches: [{path: ../patches/p.yaml}]
                transformers: [t.yaml]
                """,
                to: "app/kustomization.yaml"
            )
            try bench.write("resources: [c.yaml]", to: "base/kustomization.yaml")
            try bench.write(Self.configMap("c"), to: "base/c.yaml")
            try bench.write("content", to: "files/a.txt")
            try bench.write(Self.configMap("c") + "data: {k: v}\n", to: "patches/p.yaml")
            try bench.write(
                "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: t}\nprefix: x-\n"
                    + "fieldSpecs: [{path: metadata/name}]\n",
                to: "app/t.yaml"
            )
            #expect(try await bench.run("kustomize-build", ["path": "app", "outPath": "o.yml"]) == .succeeded())
            #expect(
                try bench.read("o.yml")
                    == "apiVersion: v1\ndata:\n  k: v\nkind: ConfigMap\nmetadata:\n  name: x-c\n---\napiVersion: v1\ndata:\n"
                    + "  a.txt: content\nkind: ConfigMap\nmetadata:\n  name: x-files\n"
            )
        }
    }

    @Test func `fails for good without a program`() async throws {
        try await StepBench.with { bench in
            try bench.write("{}", to: "kustomization.yaml")
            let result = try await bench.run(
                "kustomize-build",
                ["path": ".", "outPath": "o"],
                environment: ["PATH": "/none"]
            )
            #expect(
                result
                    == .erroredForGood(
                        "the program kustomize, or kubectl in its place, is needed to build kustomizations and is not on "
                            + "the PATH"
                    )
            )
            try bench.write("helmCharts: [{name: a}]", to: "kustomization.yaml")
            let helm = try await bench.run(
                "kustomize-build",
                ["path": ".", "outPath": "o"],
                environment: ["PATH": "/none"]
            )
            #expect(helm == .erroredForGood("the program helm is needed for helmCharts and is not on the PATH"))
        }
    }

    @Test func `hands on what helm is to know, and prefers kustomize`() async throws {
        try await StepBench.with { bench in
            let programs = try await StandIn(in: bench, ["kustomize", "helm"], script: "echo 'kind: A'")
            try bench.write("helmCharts: [{name: a}]", to: "app/kustomization.yaml")
            let result = try await bench.run(
                "kustomize-build",
                [
                    "path": "app", "outPath": "o.yaml",
                    "plugin": ["helm": ["apiVersions": ["a/v1", "b/v1"], "kubeVersion": "1.30"]],
                ],
                environment: programs.environment
            )
            #expect(result == .succeeded())
            #expect(
                try programs.calls() == [
                    [
                        "kustomize", "build", "--load-restrictor=LoadRestrictionsNone", "--enable-helm",
                        "--helm-command=\(programs.file("helm"))", "--helm-api-versions=a/v1",
                        "--helm-api-versions=b/v1", "--helm-kube-version=1.30", ".",
                    ]
                ]
            )
            #expect(try bench.read("o.yaml") == "kind: A\n")
        }
    }

    @Test func `ends kustomize when the task is cancelled, and leaves nothing`() async throws {
        try await StepBench.with { bench in
            let pipe = try Pipe(in: bench.outside)
            let programs = try await StandIn(
                in: bench,
                ["kustomize"],
                script: "exec 3>'\(pipe.path)'; echo up >&3; sleep 1000 & wait"
            )
            try bench.write("{}", to: "kustomization.yaml")
            try await withThrowingTaskGroup(of: StepResult.self) { group in
                group.addTask {
                    try await bench.run(
                        "kustomize-build",
                        ["path": ".", "outPath": "o.yaml"],
                        environment: programs.environment
                    )
                }
                try await pipe.read { _, end in
                    group.cancelAll()
                    await #expect(throws: CancellationError.self) { try await group.next() }
                    try await end()
                }
            }
            #expect(try bench.tree() == ["kustomization.yaml"])
            #expect(try bench.leftInPrivate().isEmpty)
        }
    }

    @Test(.enabled(if: hasProgram))
    func `builds many at once`() async throws {
        try await StepBench.with { bench in
            try bench.write("resources: [c.yaml]\n", to: "kustomization.yaml")
            try bench.write(Self.configMap("c"), to: "c.yaml")
            try await withThrowingTaskGroup(of: StepResult.self) { group in
                for number in 0..<4 {
                    group.addTask {
                        try await bench.run("kustomize-build", ["path": ".", "outPath": .string("o\(number)")])
                    }
                }
                for try await result in group { #expect(result == .succeeded()) }
            }
            #expect(bench.contains("o3/configmap-c.yaml"))
        }
    }
}
