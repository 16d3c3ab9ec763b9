import ArgumentParser
import KargoCore
import KargoTestSupport
import Testing

@testable import KargoCommands

@Suite("Manifests in files")
struct ManifestTests {
    private func names(_ text: String) throws -> [String] {
        try Manifest.all(in: text, of: "f.yaml").map { "\($0.place) \($0.kind)/\($0.name ?? "")" }
    }

    @Test func `takes documents and lists apart`() throws {
        let text = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: a}
            ---
            # nothing
            ---
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
            - apiVersion: kargo.akuity.io/v1alpha1
              kind: StageList
              items:
              - {apiVersion: kargo.akuity.io/v1alpha1, kind: Stage, metadata: {name: c}}
            """
        #expect(
            try names(text) == [
                "f.yaml: document 1 ConfigMap/a", "f.yaml: document 2: items[0] ConfigMap/b",
                "f.yaml: document 2: items[1]: items[0] Stage/c",
            ]
        )
    }

    @Test func `reads JSON with tabs`() throws {
        #expect(try names("{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Pod\"\n}") == ["f.yaml Pod/"])
    }

    @Test func `names Freight by its contents`() throws {
        let freight = """
            {apiVersion: kargo.akuity.io/v1alpha1, kind: Freight, metadata: {name: mine}, origin: {kind: Warehouse, name: w},
             images: [{repoURL: r, tag: "1"}]}
            """
        let name = try #require(try Manifest.all(in: freight, of: "f").first?.name)
        #expect(name.count == 40 && name.allSatisfy(\.isHexDigit))
    }

    @Test func `labels Freight with its alias`() throws {
        let freight = """
            {apiVersion: kargo.akuity.io/v1alpha1, kind: Freight, metadata: {name: mine, labels: {a: b}}, alias: first,
             origin: {kind: Warehouse, name: w}}
            """
        let object = try #require(try Manifest.all(in: freight, of: "f").first?.object)
        #expect(object[path: "metadata", "labels"] == ["a": "b", "kargo.akuity.io/alias": "first"])
    }

    @Test(
        arguments: [
            ("[1]", "f.yaml: is array, not an object"), ("kind: Pod", "f.yaml: apiVersion must be given"),
            ("apiVersion: v1", "f.yaml: kind must be given"),
            ("{apiVersion: v1, kind: List, items: [1]}", "f.yaml: items[0]: is integer, not an object"),
            ("a: b: c", "f.yaml: line 1, column "),
        ]
    )
    func `says where a text is no manifest`(text: String, reason: String) throws {
        let error = #expect(throws: CommandError.self) { try names(text) }
        #expect(error?.description.hasPrefix(reason) == true, "\(error?.description ?? "")")
    }

    @Test func `puts first what others need`() throws {
        let text = ["Stage", "Project", "ConfigMap", "CustomResourceDefinition", "Namespace"]
            .map { "{apiVersion: v1, kind: \($0)}" }
            .joined(separator: "\n---\n")
        #expect(
            try Manifest.all(in: text, of: "f").inOrderOfNeed.map(\.kind) == [
                "CustomResourceDefinition", "Project", "Namespace", "Stage", "ConfigMap",
            ]
        )
    }

    private func manifests(_ arguments: String...) throws -> [String] {
        try ManifestOptions.parse(arguments).manifests().map { $0.name ?? "" }
    }

    private func manifest(_ name: String) -> String { "{apiVersion: v1, kind: ConfigMap, metadata: {name: \(name)}}" }

    @Test func `reads files and directories in order`() async throws {
        try await ScopedDirectory.with { directory in
            for (file, name) in [
                ("d/2.yml", "two"), ("d/1.yaml", "one"), ("d/3.json", "three"), ("d/4.txt", "four"),
                ("d/inner/5.yaml", "five"), ("single", "single"),
            ] { try directory.write(manifest(name), to: file) }
            let d = directory.file("d")
            #expect(try manifests("-f", d) == ["one", "two", "three"])
            #expect(try manifests("-R", "-f", d) == ["one", "two", "three", "five"])
            #expect(try manifests("-f", directory.file("single"), "-f", d + "/") == ["single", "one", "two", "three"])
        }
    }

    @Test func `says which file can't be used`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("x: 1", to: "bad.yaml")
            try directory.write("", to: "empty/readme.txt")
            for (file, reason) in [
                ("absent", "absent: can't be read: no such file or directory"),
                ("bad.yaml", "bad.yaml: apiVersion must be"),
                ("empty", "empty: holds no objects"),
            ] {
                let error = #expect(throws: CommandError.self) { try manifests("-f", directory.file(file)) }
                #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
            }
        }
    }
}
