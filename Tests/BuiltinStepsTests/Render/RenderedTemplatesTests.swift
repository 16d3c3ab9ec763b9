import KargoCore
import Testing

@testable import BuiltinSteps

@Suite("what helm prints")
struct RenderedTemplatesTests {
    @Test func `is taken apart at lines of dashes only`() {
        let templates = RenderedTemplates(
            "---\n# Source: a.yaml\ntext: |\n  ---\n  x\n--- \n---\n\n---\n# Source: b.yaml \nb: 1\n--- # no\n"
        )
        #expect(
            templates.documents == [
                .init(source: "a.yaml", text: "# Source: a.yaml\ntext: |\n  ---\n  x"),
                .init(source: "b.yaml", text: "# Source: b.yaml \nb: 1\n--- # no\n"),
            ]
        )
    }

    @Test func `goes to the file of the template before where it doesn't say`() {
        let templates = RenderedTemplates(
            "lost: 1\n---\n# Source: crds/a.yaml\na: 1\n---\nb: 1\n---\n# Source: c.yaml\nc: 1\n---\n# Source: crds/a.yaml\nd: 1\n"
        )
        #expect(templates.files.map(\.path) == ["crds/a.yaml", "c.yaml"])
        #expect(
            templates.files.first?.text
                == "---\n# Source: crds/a.yaml\na: 1\n---\nb: 1\n---\n# Source: crds/a.yaml\nd: 1\n"
        )
    }

    @Test(arguments: ["", "\n", "---\n", "---\n---\n\n"])
    func `may be nothing`(text: String) { #expect(RenderedTemplates(text).documents.isEmpty) }
}

@Suite("names of files of resources")
struct ManifestFileNamesTests {
    @Test func `are in lower case, each once`() throws {
        var names = ManifestFileNames()
        #expect(
            try ["A-B", "a-b", "a-b-2", "a-b", "ü"].map { try names.name($0).description }
                == ["a-b.yaml", "a-b-2.yaml", "a-b-2-2.yaml", "a-b-3.yaml", "ü.yaml"]
        )
    }

    @Test(arguments: ["a/b", "../a", "/a", "a\\b", "a\0b"])
    func `are no paths`(stem: String) {
        var names = ManifestFileNames()
        #expect(throws: ManifestFileNames.Problem.self) { try names.name(stem) }
    }

    @Test func `come from what identifies a resource`() {
        let identity = ManifestIdentity([
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web", "namespace": "prod"],
        ])
        #expect(identity.group == "apps")
        #expect(identity.version == "v1")
        #expect(ManifestIdentity(["apiVersion": "v1"]).group.isEmpty)
        #expect(ManifestIdentity("text").name.isEmpty)
    }
}
