import KargoCore
import Testing

@testable import KargoCommands

@Suite("What apply makes of a manifest")
struct AppliedManifestTests {
    private let annotation = "kubectl.kubernetes.io/last-applied-configuration"

    private func manifest(_ data: JSONValue) -> JSONValue {
        ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"], "data": data]
    }

    /// The object as a server has it after the manifest was applied, with what others wrote.
    private func live(_ data: JSONValue, _ others: JSONValue = [:]) -> JSONValue {
        AppliedManifest(manifest(data)).object.applying(mergePatch: others)
    }

    @Test func `remembers what was applied where kubectl looks for it`() {
        let object = AppliedManifest(manifest(["k": "v"])).object
        #expect(object["data"] == ["k": "v"])
        #expect(
            object[path: "metadata", "annotations", annotation]
                == .string(manifest(["k": "v"]).text() + "\n")
        )
    }

    @Test func `leaves out what servers write`() {
        var exported = manifest([:])
        exported["status"] = ["phase": "Active"]
        for field in ["uid", "resourceVersion", "creationTimestamp", "generation"] {
            exported[path: "metadata", field] = "x"
        }
        exported[path: "metadata", "labels"] = ["a": "b"]
        let object = AppliedManifest(exported).object
        #expect(object["status"] == nil)
        #expect(object[path: "metadata"]?.objectValue?.keys.sorted() == ["annotations", "labels", "name"])
    }

    @Test func `finds nothing to do where all is as it should be`() {
        let others: JSONValue = [
            "metadata": ["uid": "1", "labels": ["theirs": "1"]], "data": ["theirs": "1"], "status": ["x": 1],
        ]
        #expect(AppliedManifest(manifest(["k": "v"])).patch(of: live(["k": "v"], others)) == nil)
    }

    @Test func `changes what the manifest says and keeps what others wrote`() throws {
        let before = live(["k": "v"], ["data": ["theirs": "1"]])
        let patch = try #require(AppliedManifest(manifest(["k": "w"])).patch(of: before))
        #expect(patch["data"] == ["k": "w"])
        let after = before.applying(mergePatch: patch)
        #expect(after["data"] == ["k": "w", "theirs": "1"])
        #expect(AppliedManifest(manifest(["k": "w"])).patch(of: after) == nil)
    }

    @Test func `removes what was applied before and is no longer in the file`() throws {
        let before = live(["k": "v", "old": ["x": 1, "y": 2]], ["data": ["theirs": "1", "old": ["z": 3]]])
        let patch = try #require(AppliedManifest(manifest(["old": ["y": 2]])).patch(of: before))
        #expect(before.applying(mergePatch: patch)["data"] == ["old": ["y": 2, "z": 3], "theirs": "1"])
    }

    @Test func `takes over an object that was not applied`() throws {
        let before = manifest(["theirs": "1"])
        let patch = try #require(AppliedManifest(manifest(["k": "v"])).patch(of: before))
        #expect(before.applying(mergePatch: patch)["data"] == ["k": "v", "theirs": "1"])
    }

    @Test func `is not led astray by an annotation that can't be read`() throws {
        let before = live(["k": "v"], ["metadata": ["annotations": [annotation: "{"]]])
        let patch = try #require(AppliedManifest(manifest(["k": "v"])).patch(of: before))
        #expect(patch.objectValue?.keys.sorted() == ["metadata"])
    }

    @Test func `keeps no copy of a Secret or of what is too long`() {
        var secret = manifest(["k": "v"])
        secret["kind"] = "Secret"
        let long = manifest(["k": .string(String(repeating: "x", count: 300_000))])
        for value in [secret, long] {
            let applied = AppliedManifest(value)
            #expect(applied.object[path: "metadata", "annotations"] == nil)
            #expect(applied.patch(of: applied.object) == nil)
            let old = applied.object.applying(mergePatch: ["metadata": ["annotations": [annotation: "{}"]]])
            #expect(applied.patch(of: old)?[path: "metadata", "annotations", annotation] == .null)
        }
    }
}
