import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("copies of kustomizations")
struct KustomizationStageTests {
    /// What a kustomization of a directory `app` becomes.
    private func fill(
        _ kustomization: String,
        _ prepare: (StepBench) throws -> Void = { _ in }
    ) async throws -> (stage: KustomizationStage, kustomization: JSONValue, tree: [String]) {
        try await ScopedDirectory.with { outside in
            try outside.write("secret", to: "secret/secret.yaml")
            try outside.write("resources: []", to: "secret/kustomization.yaml")
            try outside.write("", to: "stage/empty")
            let bench = StepBench(outside: outside)
            try bench.write(kustomization, to: "app/kustomization.yaml")
            try prepare(bench)
            var stage = try KustomizationStage(
                of: WorkDirectory(bench.directory),
                at: WorkDirectory(outside.file("stage")),
                RemoteContents(),
                Cancellation()
            )
            let root = try stage.fill("app")
            #expect(root == ["tree", "app"])
            return (
                stage, try JSONValue(yaml: outside.read("stage/tree/app/kustomization.yaml")),
                try FileManager.default.subpathsOfDirectory(atPath: outside.file("stage")).sorted()
            )
        }
    }

    @Test func `copies what is referred to and nothing else`() async throws {
        let result = try await fill(
            """
            resources: [deployment.yaml, ../base]
            components: [../part/]
            crds: [crd.json]
            configurations: [conf.yaml]
            openapi: {path: schema.json}
            patches: [{path: ../patches/a.yaml}, {patch: "{}"}]
            patchesStrategicMerge: [../patches/b.yaml, "kind: A\\nb: 1\\n"]
            patchesJson6902: [{path: ../patches/c.yaml, target: {kind: A}}]
            replacements: [{path: r.yaml}, {source: {kind: A}}]
            configMapGenerator:
            - {name: a, files: [../files/a.txt, "key=../files/b.txt"], envs: [a.env], literals: [x=../../..]}
            secretGenerator:
            - {name: b, env: a.env}
            """
        ) { bench in
            for name in [
                "app/deployment.yaml", "app/crd.json", "app/conf.yaml", "app/schema.json", "patches/a.yaml",
                "patches/b.yaml", "patches/c.yaml", "app/r.yaml", "files/a.txt", "files/b.txt", "app/a.env",
                "app/other.yaml", "base/x.yaml", "base/y.yaml",
            ] { try bench.write("text", to: name) }
            try bench.write("resources: [x.yaml]", to: "base/kustomization.yml")
            try bench.write("kind: Component", to: "part/Kustomization")
        }
        #expect(
            result.kustomization
                == [
                    "resources": ["./deployment.yaml", "../base"], "components": ["../part"], "crds": ["./crd.json"],
                    "configurations": ["./conf.yaml"], "openapi": ["path": "./schema.json"],
                    "patches": [["path": "../patches/a.yaml"], ["patch": "{}"]],
                    "patchesStrategicMerge": ["../patches/b.yaml", "b: 1\nkind: A\n"],
                    "patchesJson6902": [["path": "../patches/c.yaml", "target": ["kind": "A"]]],
                    "replacements": [["path": "./r.yaml"], ["source": ["kind": "A"]]],
                    "configMapGenerator": [
                        [
                            "name": "a", "files": ["a.txt=../files/a.txt", "key=../files/b.txt"], "envs": ["./a.env"],
                            "literals": ["x=../../.."],
                        ]
                    ],
                    "secretGenerator": [["name": "b", "env": "./a.env"]],
                    "sortOptions": ["order": "fifo"],
                ]
        )
        let files = result.tree.filter { $0.contains(".") || $0.hasSuffix("empty") }
        #expect(
            files == [
                "empty", "tree/app/a.env", "tree/app/conf.yaml", "tree/app/crd.json", "tree/app/deployment.yaml",
                "tree/app/kustomization.yaml", "tree/app/r.yaml", "tree/app/schema.json",
                "tree/base/kustomization.yaml",
                "tree/base/x.yaml", "tree/files/a.txt", "tree/files/b.txt", "tree/part/kustomization.yaml",
                "tree/patches/a.yaml", "tree/patches/b.yaml", "tree/patches/c.yaml",
            ]
        )
    }

    @Test func `follows links inside, as kustomize would`() async throws {
        let result = try await fill("resources: [link, file, linked/../x.yaml]") { bench in
            try bench.write("resources: [../near.yaml]", to: "shared/base/kustomization.yaml")
            for name in ["shared/near.yaml", "real.yaml", "app/x.yaml"] { try bench.write("", to: name) }
            try bench.link("app/link", to: "../shared/base")
            try bench.link("app/linked", to: "../shared/base")
            try bench.link("app/file", to: bench.path("real.yaml"))
        }
        #expect(result.kustomization["resources"] == ["../shared/base", "../real.yaml", "./x.yaml"])
        #expect(result.tree.contains("tree/shared/near.yaml"))
    }

    /// Everywhere where a path may stand.
    static let places: [String] = [
        "resources: [PATH]", "bases: [PATH]", "components: [PATH]", "crds: [PATH]", "configurations: [PATH]",
        "openapi: {path: PATH}", "patches: [{path: PATH}]", "patchesStrategicMerge: [PATH]",
        "patchesJson6902: [{path: PATH}]", "replacements: [{path: PATH}]", "configMapGenerator: [{files: [PATH]}]",
        "configMapGenerator: [{files: [k=PATH]}]", "configMapGenerator: [{envs: [PATH]}]",
        "secretGenerator: [{env: PATH}]", "secretGenerator: [{files: [PATH]}]", "generators: [PATH]",
        "transformers: [PATH]", "validators: [PATH]", "helmCharts: [{name: a, valuesFile: PATH}]",
        "helmCharts: [{name: a, additionalValuesFiles: [PATH]}]",
        "helmCharts: [{name: a}]\nhelmGlobals: {chartHome: PATH}",
        "helmCharts: [{name: a}]\nhelmGlobals: {configHome: PATH}",
        "generators: ['{apiVersion: builtin, kind: ConfigMapGenerator, files: [PATH]}']",
        "generators: ['{apiVersion: builtin, kind: SecretGenerator, envs: [PATH]}']",
        "generators: ['{apiVersion: builtin, kind: HelmChartInflationGenerator, valuesFile: PATH}']",
        "generators: ['{apiVersion: builtin, kind: HelmChartInflationGenerator, chartHome: PATH}']",
        "transformers: ['{apiVersion: builtin, kind: PatchTransformer, path: PATH}']",
        "transformers: ['{apiVersion: builtin, kind: PatchJson6902Transformer, path: PATH}']",
        "transformers: ['{apiVersion: builtin, kind: PatchStrategicMergeTransformer, paths: [PATH]}']",
        "transformers: ['{apiVersion: builtin, kind: ReplacementTransformer, replacements: [{path: PATH}]}']",
        "transformers: ['{apiVersion: builtin, kind: ValueAddTransformer, targetFilePath: PATH}']",
    ]

    @Test(arguments: places)
    func `nothing outside is copied`(place: String) async throws {
        for path in [
            "../../secret/secret.yaml", "../../secret", "/etc/passwd", "/etc", "link", "linked/secret.yaml",
            "up/secret",
            "x/../../../secret",
        ] {
            let error = await #expect(throws: (any Error).self, "\(path)") {
                try await fill(place.replacing("PATH", with: path)) { bench in
                    try bench.link("app/link", to: "../../secret/secret.yaml")
                    try bench.link("app/linked", to: "../../secret")
                    try bench.link("app/up", to: "../..")
                    try bench.makeDirectory("app/x")
                }
            }
            #expect(error is FileError || error is KustomizationProblem)
        }
    }

    @Test(
        arguments: [
            "Resources: [a]", "resources: a", "resources: [1]", "resources: {a: b}", "patches: [{Path: a}]",
            "configMapGenerator: [{fileſ: [a]}]", "configMapGenerator: [{FILES: [a]}]", "openapi: {PATH: a}",
            "helmChartInflationGenerator: [{chartName: a}]", "generators: [../base]", "transformers: ['kind: A']",
            "transformers: ['{apiVersion: x/v1, kind: A}']", "transformers: ['{apiVersion: builtin, kind: A}']",
            "generators: ['https://example.com/a.yaml']", "helmCharts: [{name: a, releaseName: --post-renderer=x}]",
            "helmCharts: [{name: a, apiVersions: [-x]}]", "helmCharts: [{name: ../a}]",
            "helmCharts: [{name: a, helmBin: x}]",
            "helmCharts: [{name: a, version: 1/../..}]", "a: [", "- a", "unknown: 1", "resources: [missing.yaml]",
            "resources: ['file:///etc']", "resources: ['ext::sh -c id']", "resources: [a, a]\nresources: [b]",
        ]
    )
    func `refuses what it does not know or what is not harmless`(kustomization: String) async throws {
        await #expect(throws: KustomizationProblem.self) {
            try await fill(kustomization) { try $0.write("", to: "base/kustomization.yaml") }
        }
    }

    @Test(
        arguments: ["resources", "bases", "components", "generators", "transformers", "validators"],
        [
            "https://example.com/a/b?ref=--upload-pack=x", "https://example.com/a/b?ref=%2D-upload-pack=x",
            "https://example.com/a/b?x=1&version=-x", "a?timeout=-1", "git@example.com:a/b?ref=-u",
            "https://example.com/a/b?%72ef=%2Dx", "https://example.com/a/b?x=1;ref=-x",
        ]
    )
    func `refuses parameters that git would take for options`(field: String, reference: String) async throws {
        let nested = await #expect(throws: KustomizationProblem.self) {
            try await fill("resources: [../base]") { bench in
                try bench.write("\(field): ['\(reference)']", to: "base/kustomization.yaml")
            }
        }
        #expect(nested?.description.contains("begins with \"-\"") == true)
    }

    @Test func `asks for what is elsewhere, once`() async throws {
        let result = try await fill(
            "resources: [https://example.com/a.yaml, github.com/a/b//c?ref=v1, ../base]\ncrds: ['https://example.com/c']"
        ) { try $0.write("resources: [https://example.com/a.yaml]", to: "base/kustomization.yaml") }
        #expect(
            result.stage.missing == ["https://example.com/a.yaml", "github.com/a/b//c?ref=v1", "https://example.com/c"]
        )
    }

    @Test func `ends where kustomizations refer to each other`() async throws {
        let result = try await fill("resources: [../base]") { bench in
            try bench.write("resources: [../app]", to: "base/kustomization.yaml")
        }
        #expect(result.tree.contains("tree/base/kustomization.yaml"))
    }

    @Test func `copies charts with their values`() async throws {
        let result = try await fill("helmCharts: [{name: web, valuesFile: ../values.yaml, valuesInline: {a: -1}}]") {
            bench in
            try bench.write("", to: "values.yaml")
            try bench.write("", to: "app/charts/web/Chart.yaml")
            try bench.write("", to: "app/charts/web/templates/a.yaml")
            try bench.write("", to: "shared.tpl")
            try bench.link("app/charts/web/templates/shared.tpl", to: "../../../../shared.tpl")
        }
        #expect(result.stage.usesHelm)
        #expect(result.tree.contains("tree/app/charts/web/templates/shared.tpl"))
        #expect(result.kustomization["helmGlobals"] == ["chartHome": "./charts"])
        #expect(result.kustomization["helmCharts"]?.arrayValue?[0]["valuesFile"] == "../values.yaml")
    }
}
