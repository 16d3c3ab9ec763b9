import KargoCore
import NIOHTTP1
import Testing

@testable import BuiltinSteps

@Suite("oci-push", .timeLimit(.minutes(1)))
struct OCIPushStepTests {
    private static let linux: JSONValue = ["os": "linux", "architecture": "amd64"]
    private static let arm: JSONValue = ["os": "linux", "architecture": "arm64"]

    private static func terminal(_ result: StepResult) -> Bool {
        if case .terminal = result.failure { true } else { false }
    }

    /// Puts an index of two images into a repository.
    @discardableResult
    private static func addIndex(to registry: StubRegistry, _ repository: String) -> TestImage {
        let images = [TestImage.text("one"), TestImage.image(("t", Array("two".utf8)), annotations: ["kept": "yes"])]
        for image in images { registry.add(image, to: repository) }
        let index = TestImage.index([(images[0], linux), (images[1], arm)])
        registry.add(index, to: repository, as: "1")
        return index
    }

    @Test(
        arguments: [
            ([:], ["(root): srcRef is required", "(root): destRef is required"]),
            (["srcRef": "", "destRef": ""], ["srcRef: String length", "destRef: String length"]),
            (["srcRef": "a:1", "destRef": "a:2", "annotations": ["x": 1]], ["annotations.x: Invalid type"]),
            (["srcRef": "a:1", "destRef": "a:2", "no": 1], ["Additional property no is not allowed"]),
        ] as [(JSONValue, [String])]
    )
    func `takes what its schema allows`(config: JSONValue, problems: [String]) async throws {
        try await StepBench.with { bench async throws in
            let result = try await bench.run("oci-push", config)
            #expect(result.status == .failed)
            for problem in problems { #expect(result.message.contains(problem)) }
        }
    }

    @Test(arguments: [
        ("ghcr.io/A:1", "ghcr.io/a:1"), ("ghcr.io/a:1", "ghcr.io/A:1"),
        ("ghcr.io/a:1", "ghcr.io/a@sha256:\(String(repeating: "0", count: 64))"),
    ])
    func `fails for good where a reference is of no use`(source: String, destination: String) async throws {
        try await RegistryBench.with { bench async throws in
            let result = try await bench.push(source, to: destination)
            #expect(result.status == .failed)
            #expect(Self.terminal(result))
        }
    }

    @Test func `gives another tag without touching anything else`() async throws {
        try await RegistryBench.with { bench async throws in
            let image = TestImage.text("x")
            bench.registry.add(image, to: "a/b", as: "1")
            let result = try await bench.push("\(bench.host)/a/b:1", to: "oci://\(bench.host)/a/b:2", limit: .atMost(0))
            #expect(
                result
                    == .succeeded(output: [
                        "image": .string("\(bench.host)/a/b:2"), "digest": .string(image.digest), "tag": "2",
                    ])
            )
            #expect(bench.registry.manifest("2", of: "a/b") == image.manifest)
            #expect(bench.requests.map(\.method) == [.GET, .PUT])
        }
    }

    @Test func `copies an index with all that it lists, byte by byte`() async throws {
        try await RegistryBench.with { source async throws in
            try await RegistryBench.with { destination async throws in
                let index = Self.addIndex(to: source.registry, "a")
                let result = try await source.push("\(source.host)/a:1", to: "\(destination.host)/b/c:2")
                #expect(result.output?["digest"] == .string(index.digest))
                #expect(destination.registry.manifest("2", of: "b/c") == index.manifest)
                #expect(destination.registry.manifestNames.count == 3)
                #expect(try await destination.download("\(destination.host)/b/c:2") == .succeeded())
                #expect(try destination.bench.read("out") == "one")
                let again = try await source.push("\(source.host)/a:1", to: "\(destination.host)/b/c:3")
                #expect(again.status == .succeeded)
                let uploads = destination.requests.filter { $0.method == .POST }
                #expect(uploads.count == 3)
                #expect(destination.registry.manifest("3", of: "b/c") == index.manifest)
            }
        }
    }

    @Test func `sends what is large as a stream`() async throws {
        try await RegistryBench.with { source async throws in
            try await RegistryBench.with { destination async throws in
                let large = String(repeating: "0123456789abcdef", count: 1 << 17)
                source.registry.add(TestImage.text(large), to: "a", as: "1")
                let result = try await source.push("\(source.host)/a:1", to: "\(destination.host)/b:1")
                #expect(result.status == .succeeded)
                #expect(destination.requests.filter { $0.method == .PATCH }.count == 1)
                #expect(destination.registry.hasBlob(OCIDigest(of: Array(large.utf8)).description, in: "b"))
            }
        }
    }

    @Test func `copies several blobs at a time`() async throws {
        let gate = Gate(ImageTree.maximumCopies)
        let turns = Turns()
        let registry = StubRegistry { request in
            guard request.method == .HEAD, turns.next() > 1 else { return nil }
            return StubServer.Response(status: 404, gate: gate)
        }
        try await RegistryBench.with { source async throws in
            try await RegistryBench.with(registry) { destination async throws in
                // Some go in one request, some as streams.
                let layers = (1...2 * ImageTree.maximumCopies)
                    .map { number in
                        let text = String(repeating: "\(number)", count: number % 2 == 0 ? 10 : 1 << 21)
                        return (type: "t", content: Array(text.utf8))
                    }
                let image = TestImage.image(layers)
                source.registry.add(image, to: "a", as: "1")
                let result = try await source.push("\(source.host)/a:1", to: "\(destination.host)/b:1")
                #expect(result.status == .succeeded, "\(result)")
                for digest in image.blobs.keys { #expect(destination.registry.hasBlob(digest, in: "b")) }
                #expect(await gate.most == ImageTree.maximumCopies)
            }
        }
    }

    @Test func `lets a registry take blobs from its own repositories`() async throws {
        try await RegistryBench.with { bench async throws in
            bench.registry.add(TestImage.text("x"), to: "a/b", as: "1")
            #expect(try await bench.push("\(bench.host)/a/b:1", to: "\(bench.host)/c:1").status == .succeeded)
            #expect(bench.requests.filter { $0.method == .PUT }.map(\.path) == ["/v2/c/manifests/1"])
            #expect(bench.requests.filter { $0.method == .POST }.allSatisfy { $0.uri.contains("&from=a%2Fb") })
        }
    }

    @Test func `sends blobs where it may not have them taken`() async throws {
        let registry = StubRegistry { request in
            request.uri.contains("?mount=") ? StubServer.Response(status: 403) : nil
        }
        try await RegistryBench.with(registry) { bench async throws in
            let image = TestImage.text("x")
            bench.registry.add(image, to: "a/b", as: "1")
            #expect(try await bench.push("\(bench.host)/a/b:1", to: "\(bench.host)/c:1").status == .succeeded)
            #expect(bench.registry.manifest("1", of: "c") == image.manifest)
            for digest in image.blobs.keys { #expect(bench.registry.hasBlob(digest, in: "c")) }
        }
    }

    @Test func `leaves layers that only their owner may give`() async throws {
        try await RegistryBench.with { source async throws in
            try await RegistryBench.with { destination async throws in
                let foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
                let image = TestImage.image((foreign, Array("windows".utf8)), ("t", Array("x".utf8)))
                source.registry.add(image, to: "a", as: "1")
                let result = try await source.push("\(source.host)/a:1", to: "\(destination.host)/b:1")
                #expect(result.status == .succeeded)
                #expect(!destination.registry.hasBlob(OCIDigest(of: Array("windows".utf8)).description, in: "b"))
            }
        }
    }

    @Test func `writes no tag where a blob is not what its digest says`() async throws {
        try await RegistryBench.with { source async throws in
            try await RegistryBench.with { destination async throws in
                source.registry.add(TestImage.text("content"), to: "a", as: "1")
                let digest = OCIDigest(of: Array("content".utf8)).description
                source.registry.replaceBlob(digest, of: "a", by: Array("c0ntent".utf8))
                let result = try await source.push("\(source.host)/a:1", to: "\(destination.host)/b:1")
                #expect(result.status == .errored)
                #expect(result.message.contains("has the digest"))
                #expect(destination.registry.manifestNames.isEmpty)
            }
        }
    }

    @Test(arguments: [
        (SizeLimit.atMost(15), true), (.atMost(16), false), (.none, false), (.atMost(0), true),
    ])
    func `copies no more than is allowed`(limit: SizeLimit, refused: Bool) async throws {
        try await RegistryBench.with { bench async throws in
            // A configuration of 12 bytes and a layer of 4.
            bench.registry.add(TestImage.text("four"), to: "a", as: "1")
            let result = try await bench.push("\(bench.host)/a:1", to: "\(bench.host)/b:1", limit: limit)
            #expect(result.status == (refused ? .errored : .succeeded), "\(result.message)")
            #expect(Self.terminal(result) == refused)
        }
    }

    @Test func `fails for good on an index of other things`() async throws {
        try await RegistryBench.with { bench async throws in
            let other = TestImage.image(("t", []), type: "application/x-other")
            bench.registry.add(other, to: "a")
            bench.registry.add(TestImage.index([(other, nil)]), to: "a", as: "1")
            let result = try await bench.push("\(bench.host)/a:1", to: "\(bench.host)/b:1")
            #expect(result.status == .errored)
            #expect(Self.terminal(result))
            #expect(result.message.contains("application/x-other"))
        }
    }

    // MARK: Annotations

    @Test func `adds annotations to an image, and keeps the others`() async throws {
        try await RegistryBench.with { bench async throws in
            let image = TestImage.image(("t", []), annotations: ["kept": "yes", "changed": "no"])
            bench.registry.add(image, to: "a", as: "1")
            let result = try await bench.push(
                "\(bench.host)/a:1",
                to: "\(bench.host)/a:2",
                annotations: ["changed": "yes", "manifest:added": "yes", "index:left": "out"]
            )
            let bytes = try #require(bench.registry.manifest("2", of: "a"))
            let pushed = try JSONValue(parsing: bytes)
            #expect(pushed["annotations"] == ["kept": "yes", "changed": "yes", "added": "yes"])
            #expect(try pushed["layers"] == image.document["layers"])
            #expect(result.output?["digest"] == .string(OCIDigest(of: bytes).description))
        }
    }

    @Test func `adds annotations to an index and its images`() async throws {
        try await RegistryBench.with { bench async throws in
            let index = Self.addIndex(to: bench.registry, "a")
            let result = try await bench.push(
                "\(bench.host)/a:1",
                to: "\(bench.host)/a:2",
                annotations: ["all": "1", "index:top": "2"]
            )
            let bytes = try #require(bench.registry.manifest("2", of: "a"))
            let pushed = try JSONValue(parsing: bytes)
            #expect(result.output?["digest"] == .string(OCIDigest(of: bytes).description))
            #expect(pushed["annotations"] == ["top": "2"])
            let descriptors = try #require(pushed["manifests"]?.arrayValue)
            let before = try #require(index.document["manifests"]?.arrayValue)
            #expect(descriptors.map { $0["platform"] } == before.map { $0["platform"] })
            for (place, descriptor) in descriptors.enumerated() {
                let digest = try #require(descriptor["digest"]?.stringValue)
                let child = try #require(bench.registry.manifest(digest, of: "a"))
                #expect(OCIDigest(of: child).description == digest)
                #expect(descriptor["size"] == .int(Int64(child.count)))
                let annotations = try JSONValue(parsing: child)["annotations"]
                #expect(annotations == (place == 0 ? ["all": "1"] : ["all": "1", "kept": "yes"]))
            }
        }
    }

    @Test func `changes the images of an index only where they are told to`() async throws {
        try await RegistryBench.with { bench async throws in
            let index = Self.addIndex(to: bench.registry, "a")
            _ = try await bench.push("\(bench.host)/a:1", to: "\(bench.host)/a:2", annotations: ["index:top": "2"])
            let pushed = try JSONValue(parsing: try #require(bench.registry.manifest("2", of: "a")))
            #expect(try pushed["manifests"] == index.document["manifests"])
        }
    }
}
