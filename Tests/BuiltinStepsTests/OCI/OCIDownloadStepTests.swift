import KargoCore
import Testing

@testable import BuiltinSteps

@Suite("oci-download", .timeLimit(.minutes(1)))
struct OCIDownloadStepTests {
    private static let digest = "sha256:" + String(repeating: "0", count: 64)
    private static let linux: JSONValue = ["os": "linux", "architecture": "amd64"]

    private static func terminal(_ result: StepResult) -> Bool {
        if case .terminal = result.failure { true } else { false }
    }

    @Test(
        arguments: [
            ([:], ["(root): imageRef is required", "(root): outPath is required"]),
            (["imageRef": "", "outPath": ""], ["imageRef: String length", "outPath: String length"]),
            (["imageRef": "ghcr.io/a/b", "outPath": "x"], ["imageRef: Does not match pattern"]),
            (["imageRef": "https://ghcr.io/a/b:1 ", "outPath": "x"], ["imageRef: Does not match pattern"]),
            (["imageRef": "ghcr.io/a@sha256:1", "outPath": "x"], ["imageRef: Does not match pattern"]),
            (["imageRef": "a:1", "outPath": "x", "no": 1], ["Additional property no is not allowed"]),
        ] as [(JSONValue, [String])]
    )
    func `takes what its schema allows`(config: JSONValue, problems: [String]) async throws {
        try await StepBench.with { bench async throws in
            let result = try await bench.run("oci-download", config)
            #expect(result.status == .failed)
            for problem in problems { #expect(result.message.contains(problem)) }
        }
    }

    @Test func `fails for good where the reference is malformed`() async throws {
        try await RegistryBench.with { bench async throws in
            let result = try await bench.download("ghcr.io/A/b:1")
            #expect(result.status == .failed)
            #expect(Self.terminal(result))
        }
    }

    @Test func `writes the first layer, or that of a media type`() async throws {
        try await RegistryBench.with { bench async throws in
            let image = TestImage.image(("text/a", Array("first".utf8)), ("text/b", Array("second".utf8)))
            bench.registry.add(image, to: "a/b", as: "1")
            #expect(try await bench.download("\(bench.host)/a/b:1") == .succeeded())
            #expect(try bench.bench.read("out") == "first")
            #expect(try bench.bench.mode("out") == bench.bench.modeUnderUmask(0o666))
            let second = try await bench.download(
                "oci://\(bench.host)/a/b@\(image.digest)",
                ["mediaType": "text/b", "outPath": "x/y"]
            )
            #expect(second == .succeeded())
            #expect(try bench.bench.read("x/y") == "second")
            let none = try await bench.download("\(bench.host)/a/b:1", ["mediaType": "text/c", "outPath": "z"])
            #expect(none.status == .errored)
            #expect(none.message.contains("it has no layer of the media type \"text/c\""))
            #expect(try bench.bench.tree() == ["out", "x", "x/y"])
            #expect(
                bench.credentials.asked == [
                    "image \(bench.host)/a/b demo", "helm oci://\(bench.host)/a/b demo", "image \(bench.host)/a/b demo",
                ]
            )
        }
    }

    @Test(arguments: [0, 1, 2])
    func `takes the image for linux/amd64 of an index`(place: Int) async throws {
        try await RegistryBench.with { bench async throws in
            let images = (0..<3).map { TestImage.text("image \($0)") }
            let platforms: [JSONValue] = (0..<3)
                .map { index in
                    index == place ? Self.linux : ["os": "linux", "architecture": "arm64"]
                }
            for image in images { bench.registry.add(image, to: "a") }
            let index = TestImage.index(zip(images, platforms).map { ($0, $1) })
            bench.registry.add(TestImage.index([(index, nil)]), to: "a", as: "1")
            bench.registry.add(index, to: "a")
            #expect(try await bench.download("\(bench.host)/a:1") == .succeeded())
            #expect(try bench.bench.read("out") == "image \(place)")
        }
    }

    @Test func `errs where an index has no image for linux/amd64`() async throws {
        try await RegistryBench.with { bench async throws in
            let image = TestImage.text("x")
            let arm: JSONValue = ["os": "linux", "architecture": "arm64"]
            bench.registry.add(TestImage.index([(image, arm)]), to: "a", as: "1")
            let result = try await bench.download("\(bench.host)/a:1")
            #expect(result.status == .errored)
            #expect(result.message.contains("no image for linux/amd64"))
        }
    }

    @Test func `errs on what is not there`() async throws {
        try await RegistryBench.with { bench async throws in
            let result = try await bench.download("\(bench.host)/a:1")
            #expect(result.status == .errored)
            #expect(result.message.contains("status 404 (MANIFEST_UNKNOWN)"))
        }
    }

    @Test func `fails for good on a manifest of another kind`() async throws {
        try await RegistryBench.with { bench async throws in
            let image = TestImage.image(("t", []), type: "application/vnd.docker.distribution.manifest.v1+json")
            bench.registry.add(image, to: "a", as: "1")
            let result = try await bench.download("\(bench.host)/a:1")
            #expect(result.status == .errored)
            #expect(Self.terminal(result))
            #expect(result.message.contains("manifest.v1+json"))
        }
    }

    @Test func `reads manifests of Docker`() async throws {
        try await RegistryBench.with { bench async throws in
            let image = TestImage.image(("t", Array("x".utf8)), type: OCIManifest.MediaType.dockerManifest)
            bench.registry.add(image, to: "a", as: "1")
            #expect(try await bench.download("\(bench.host)/a:1") == .succeeded())
        }
    }

    @Test func `is not fooled by a manifest that is not what its digest says`() async throws {
        let image = TestImage.text("x")
        let registry = StubRegistry { request in
            request.path.hasSuffix(Self.digest)
                ? StubServer.Response(headers: [("content-type", image.type)], body: image.manifest) : nil
        }
        try await RegistryBench.with(registry) { bench async throws in
            let result = try await bench.download("\(bench.host)/a@\(Self.digest)")
            #expect(result.status == .errored)
            #expect(result.message.contains("has the digest \(image.digest)"))
        }
    }

    @Test(arguments: [
        ("conte", "ends after 5 of 7 bytes"),
        ("content and more", "goes on after its 7 bytes"),
        ("c0ntent", "has the digest"),
    ])
    func `is not fooled by a blob that is not what its digest says`(content: String, reason: String) async throws {
        try await RegistryBench.with { bench async throws in
            let image = TestImage.text("content")
            bench.registry.add(image, to: "a", as: "1")
            let digest = OCIDigest(of: Array("content".utf8)).description
            bench.registry.replaceBlob(digest, of: "a", by: Array(content.utf8))
            try bench.bench.write("old", to: "out")
            let result = try await bench.download("\(bench.host)/a:1", ["allowOverwrite": true])
            #expect(result.status == .errored)
            #expect(result.message.contains(reason))
            #expect(try bench.bench.read("out") == "old")
            #expect(try bench.bench.tree() == ["out"])
        }
    }

    @Test(arguments: [
        StubServer.Response(body: Array("cont".utf8), announcedLength: 7),
        StubServer.Response(body: Array("content".utf8), isEndless: true),
    ])
    func `leaves nothing of a blob that breaks off or never ends`(blob: StubServer.Response) async throws {
        let registry = StubRegistry { $0.path.contains("/blobs/") ? blob : nil }
        try await RegistryBench.with(registry) { bench async throws in
            bench.registry.add(TestImage.text("content"), to: "a", as: "1")
            let result = try await bench.download("\(bench.host)/a:1")
            #expect(result.status == .errored)
            #expect(!Self.terminal(result))
            #expect(try bench.bench.tree() == [])
        }
    }

    @Test func `fails for good on a layer that is too large`() async throws {
        try await RegistryBench.with { bench async throws in
            bench.registry.add(TestImage.text("content"), to: "a", as: "1")
            let result = try await bench.download("\(bench.host)/a:1", limit: .atMost(6))
            #expect(result.status == .errored)
            #expect(Self.terminal(result))
            #expect(result.message.contains("the layer has 7 bytes, which exceeds the limit of 6 bytes"))
            #expect(try await bench.download("\(bench.host)/a:1", limit: .atMost(7)) == .succeeded())
        }
    }

    @Test func `leaves a file that is there, and every directory`() async throws {
        try await RegistryBench.with { bench async throws in
            bench.registry.add(TestImage.text("new"), to: "a", as: "1")
            try bench.bench.write("old", to: "out")
            try bench.bench.makeDirectory("dir")
            let refused = try await bench.download("\(bench.host)/a:1")
            #expect(refused == .erroredForGood("file \"out\" already exists and overwrite is not allowed"))
            let directory = try await bench.download("\(bench.host)/a:1", ["outPath": "dir", "allowOverwrite": true])
            #expect(Self.terminal(directory))
            #expect(bench.server.requests.isEmpty)
            #expect(try await bench.download("\(bench.host)/a:1", ["allowOverwrite": true]) == .succeeded())
            #expect(try bench.bench.read("out") == "new")
        }
    }

    @Test func `stops when nobody wants the file any more`() async throws {
        let (asked, continuation) = AsyncStream.makeStream(of: Void.self)
        let registry = StubRegistry { request in
            guard request.path.contains("/blobs/") else { return nil }
            continuation.yield()
            return StubServer.Response(body: [1, 2], announcedLength: nil, isEndless: true)
        }
        try await RegistryBench.with(registry) { bench async throws in
            let manifest = try JSONValue(parsing: TestImage.text("x").manifest)
            var layer = try #require(manifest["layers"]?.arrayValue?.first)
            layer["size"] = .int(1 << 40)
            var document = manifest
            document["layers"] = .array([layer])
            let bytes = document.serialized([.sortedKeys])
            bench.registry.add(TestImage.raw(bytes), to: "a", as: "1")
            let task = Task { try await bench.download("\(bench.host)/a:1", limit: .none) }
            for await _ in asked { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try bench.bench.tree() == [])
        }
    }
}
