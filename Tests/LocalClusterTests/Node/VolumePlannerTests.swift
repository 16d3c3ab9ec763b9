import KargoCore
import KargoTestSupport
import Testing

@testable import LocalCluster

struct VolumePlannerTests {
    /// What a token is there for.
    private var source: PodTokens.Source {
        var source = PodTokens.Source()
        source.audience = "vault"
        source.path = "run/token"
        return source
    }

    private func content(_ volume: JSONValue) throws -> VolumeContent {
        var pod = Pod()
        pod.metadata.name = "p"
        let planner = VolumePlanner(
            downwardAPI: DownwardAPI(
                pod: pod,
                address: "127.64.0.1",
                node: NodeFacts(name: "local", processors: 1, memory: 1)
            ),
            references: PodReferences(
                configMaps: ["settings": .settings],
                secrets: ["keys": .keys, "broken": .broken],
                tokens: [source: "abc"]
            )
        )
        var object = volume
        object["name"] = "v"
        return try planner.content(of: JSONValueDecoder().decode(Volume.self, from: object))
    }

    private func file(_ path: String, _ text: String, _ mode: UInt32 = 0o644) -> VolumeFile {
        VolumeFile(path: path, content: Array(text.utf8), mode: mode)
    }

    @Test func `makes files of the keys of a ConfigMap`() throws {
        #expect(
            try content(["configMap": ["name": "settings"]])
                == .files([
                    file("one", "eins"), VolumeFile(path: "raw", content: [0, 1], mode: 0o644), file("two", "zwei"),
                ])
        )
        #expect(
            try content([
                "configMap": [
                    "name": "settings", "defaultMode": 0o600,
                    "items": [["key": "two", "path": "a/b"], ["key": "one", "path": "c", "mode": 0o755]],
                ]
            ]) == .files([file("a/b", "zwei", 0o600), file("c", "eins", 0o755)])
        )
    }

    @Test func `makes a file of a token`() throws {
        let token: JSONValue = ["serviceAccountToken": ["audience": "vault", "path": "run/token"]]
        #expect(
            try content(["projected": ["sources": [token], "defaultMode": 0o440]])
                == .files([file("run/token", "abc", 0o440)])
        )
    }

    @Test func `makes files of a Secret, of fields of the Pod, and of all of them together`() throws {
        #expect(
            try content(["secret": ["secretName": "keys", "defaultMode": 0o400]])
                == .files([file("key", "open sesame", 0o400)])
        )
        #expect(
            try content([
                "projected": [
                    "defaultMode": 0o640,
                    "sources": [
                        ["secret": ["name": "keys", "items": [["key": "key", "path": "k"]]]],
                        ["configMap": ["name": "settings", "items": [["key": "one", "path": "o"]]]],
                        ["downwardAPI": ["items": [["path": "name", "fieldRef": ["fieldPath": "metadata.name"]]]]],
                    ],
                ]
            ]) == .files([file("k", "open sesame", 0o640), file("o", "eins", 0o640), file("name", "p", 0o640)])
        )
    }

    @Test func `makes nothing of what is optional and missing`() throws {
        #expect(try content(["configMap": ["name": "no", "optional": true]]) == .files([]))
        #expect(
            try content([
                "secret": ["secretName": "keys", "optional": true, "items": [["key": "no", "path": "x"]]]
            ]) == .files([])
        )
    }

    @Test func `takes an empty directory for what it is, in memory or not`() throws {
        #expect(try content(["emptyDir": ["medium": "Memory"]]) == .emptyDirectory)
        #expect(try content(["hostPath": ["path": "/x", "type": "Directory"]]) == .host(path: "/x", type: "Directory"))
    }

    @Test(
        arguments: [
            (["configMap": ["name": "no"]], "configmap \"no\" not found", true),
            (["secret": ["secretName": "no"]], "secret \"no\" not found", true),
            (
                ["secret": ["secretName": "broken"]],
                "secret \"broken\": key \"key\" of the Secret's data is not base64", true
            ),
            (
                ["configMap": ["name": "settings", "items": [["key": "no", "path": "x"]]]],
                "configmap \"settings\" has no key \"no\"", true
            ),
            (
                ["configMap": ["name": "settings", "items": [["key": "one", "path": "../x"]]]],
                "path \"../x\" is not a relative path without \"..\"", false
            ),
            (
                ["persistentVolumeClaim": ["claimName": "x"]],
                "type \"persistentVolumeClaim\" is not supported on a local cluster", false
            ),
            (
                ["projected": ["sources": [["serviceAccountToken": ["path": "t"]]]]],
                "serviceaccount \"default\" not found", true
            ),
            (
                ["projected": ["sources": [["clusterTrustBundle": ["path": "t"]]]]],
                "projected source \"clusterTrustBundle\" is not supported on a local cluster", false
            ),
            (["hostPath": ["path": "a/../b"]], "hostPath \"a/../b\" is not an absolute path without \"..\"", false),
            ([:], "type \"none\" is not supported on a local cluster", false),
        ] as [(JSONValue, String, Bool)]
    )
    func `says what is wrong with a volume`(volume: JSONValue, message: String, mayComeLater: Bool) {
        let blocker = #expect(throws: PodBlocker.self) { try content(volume) }
        #expect(blocker?.message == "volume \"v\": \(message)")
        #expect(blocker?.remedy == (mayComeLater ? .time : PodBlocker.Remedy.none))
    }

    @Test func `keeps an empty directory and writes files anew`() async throws {
        try await ScopedDirectory.with { directory in
            let volume = VolumeDirectory(name: "v", path: directory.file("v"))
            _ = try volume.make(.emptyDirectory)
            #expect(FileSystem.kind(of: directory.file("v")) == .directory(mode: 0o777))
            try directory.write("kept", to: "v/file")
            _ = try volume.make(.emptyDirectory)
            #expect(try directory.read("v/file") == "kept")
            _ = try volume.make(.files([file("a/b", "text", 0o400)]))
            #expect(try directory.read("v/a/b") == "text")
            #expect(!directory.contains("v/file"))
        }
    }

    @Test(arguments: [
        ("", true), ("File", true), ("FileOrCreate", true), ("Directory", false), ("DirectoryOrCreate", false),
        ("Socket", false), ("Nonsense", false),
    ])
    func `checks the type of a path of the machine`(type: String, isRight: Bool) async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("x", to: "file")
            let volume = VolumeDirectory(name: "v", path: "")
            let content = VolumeContent.host(path: directory.file("file"), type: type)
            if isRight {
                #expect(try volume.make(content) == directory.file("file"))
            } else {
                #expect(throws: PodBlocker.self) { try volume.make(content) }
            }
        }
    }
}
