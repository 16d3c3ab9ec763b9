import Testing

@testable import BuiltinSteps

@Suite("images of a kustomization")
struct KustomizationImagesTests {
    private func set(_ text: String, _ images: KustomizeImage...) throws -> String {
        try KustomizationImages.set(images, in: text).text
    }

    @Test func `replaces the tag and nothing else`() throws {
        let text = """
            # what we run
            resources: [ deployment.yaml ]   # kept
            images:
            # the front
            - name: 'web'   # ours
              newTag: "1.0" # pinned
            - name: cache
              newName: mirror/cache
              newTag: v7

            namePrefix:  dev-

            """
        #expect(
            try set(text, KustomizeImage(name: "web", newTag: "1.1"))
                == text.replacing("\"1.0\" # pinned", with: "\"1.1\" # pinned")
        )
    }

    @Test(
        arguments: [
            ("images:\n- name: a\n  newTag: v1\n", "images:\n- name: a\n  digest: sha256:1\n"),
            (
                "images:\n  - newTag: v1 # old\n    name: a # it\n  - name: b\n",
                "images:\n  - name: a # it\n    digest: sha256:1\n  - name: b\n"
            ),
            ("images:\n- name: a # it\nx: 1", "images:\n- name: a # it\n  digest: sha256:1\nx: 1"),
            ("images:\n- name: a", "images:\n- name: a\n  digest: sha256:1\n"),
            ("images:\r\n- name: a\r\n", "images:\r\n- name: a\r\n  digest: sha256:1\r\n"),
            ("images:\n- {name: a, digest: x}\n", "images:\n- name: a\n  digest: sha256:1\n"),
            ("images: [{name: a, newTag: v1}] # all\nx: 1\n", "images:\n- name: a\n  digest: sha256:1\nx: 1\n"),
            ("images:\n  [\n    {name: a}\n  ]\nx: 1\n", "images:\n- name: a\n  digest: sha256:1\nx: 1\n"),
            ("images: []\nx: 1\n", "images:\n- name: a\n  digest: sha256:1\nx: 1\n"),
            ("images:\nx: 1\n", "images:\n- name: a\n  digest: sha256:1\nx: 1\n"),
            ("x: 1", "x: 1\nimages:\n- name: a\n  digest: sha256:1\n"),
            ("", "images:\n- name: a\n  digest: sha256:1\n"),
            ("# nothing yet\n", "# nothing yet\nimages:\n- name: a\n  digest: sha256:1\n"),
            ("{images: [{name: a}], x: 1}", "images:\n- digest: sha256:1\n  name: a\nx: 1\n"),
            ("images:\n- name: a\n  newTag: |-\n    v1\nx: 1\n", "images:\n- name: a\n  digest: sha256:1\nx: 1\n"),
            ("images:\n- name: a\n  digest:\n", "images:\n- name: a\n  digest: sha256:1\n"),
        ]
    )
    func `sets a digest however the list is laid out`(text: String, result: String) throws {
        #expect(try set(text, KustomizeImage(name: "a", digest: "sha256:1")) == result)
    }

    @Test func `puts new images in their place`() throws {
        let text = "images:\n# first\n  - name: b # b\n  # last\n  - name: d\n\n# end\nx: 1\n"
        let images = ["c", "a", "e"].map { KustomizeImage(name: $0, newTag: "v1") }
        #expect(
            try KustomizationImages.set(images, in: text).text
                == "images:\n  - name: a\n    newTag: v1\n# first\n  - name: b # b\n  - name: c\n    newTag: v1\n"
                + "  # last\n  - name: d\n  - name: e\n    newTag: v1\n\n# end\nx: 1\n"
        )
    }

    @Test func `quotes what would be read as something else`() throws {
        #expect(
            try set("images:\n- name: a\n  newTag: v1\n", KustomizeImage(name: "a", newTag: "1.10"))
                == "images:\n- name: a\n  newTag: \"1.10\"\n"
        )
        #expect(try set("", KustomizeImage(name: "a", newTag: "007")) == "images:\n- name: a\n  newTag: \"007\"\n")
    }

    @Test func `an asterisk keeps what is there, or nothing`() throws {
        let text = "images:\n- name: a\n  newName: mirror/a\n  newTag: v1\n"
        let image = KustomizeImage(name: "a", newName: "*", newTag: "v2")
        #expect(try set(text, image) == text.replacing("v1", with: "v2"))
        #expect(try set(text, KustomizeImage(name: "a", newTag: "*")) == "images:\n- name: a\n  newTag: v1\n")
        #expect(try set("", KustomizeImage(name: "a", newName: "*", newTag: "*")) == "images:\n- name: a\n")
    }

    @Test func `replaces an entry as a whole`() throws {
        let text = "images:\n- name: a\n  newName: b\n  tagSuffix: -alpine\n  newTag: v1\n  digest: sha256:0\n"
        #expect(try set(text, KustomizeImage(name: "a", newTag: "v2")) == "images:\n- name: a\n  newTag: v2\n")
    }

    @Test func `changes nothing where there is nothing to change`() throws {
        let text = "images:   # odd\n-   newTag: v1\n    name:   a"
        #expect(try set(text, KustomizeImage(name: "a", newTag: "v1")) == text)
        #expect(try set(text) == text)
    }

    @Test(arguments: [
        "- a", "images: 1", "images: {a: 1}", "images: [a]", "images: [{newTag: x}]", "a: [", "a: 1\n b: 2",
    ])
    func `refuses what is no kustomization`(text: String) {
        #expect(throws: KustomizationImages.Problem.self) { try set(text, KustomizeImage(name: "a", newTag: "v1")) }
    }
}
