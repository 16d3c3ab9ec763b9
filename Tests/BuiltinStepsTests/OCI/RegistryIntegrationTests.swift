import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

/// The steps against a registry that others have written.
@Suite(.tags(.integration), .enabled(if: DockerRegistry.path != nil), .timeLimit(.minutes(1)))
struct RegistryIntegrationTests {
    private static let large = String(repeating: "0123456789abcdef", count: 1 << 18)

    @Test func `takes an artifact, gives it other names and hands it out again`() async throws {
        try await DockerRegistry.with { host in
            try await RegistryBench.with { bench async throws in
                let image = TestImage.image(("text/plain", Array("small".utf8)), ("text/large", Array(Self.large.utf8)))
                bench.registry.add(image, to: "a", as: "1")
                let pushed = try await bench.push("\(bench.host)/a:1", to: "\(host)/team/app:1")
                #expect(
                    pushed
                        == .succeeded(output: [
                            "image": .string("\(host)/team/app:1"), "digest": .string(image.digest), "tag": "1",
                        ])
                )
                let moved = try await bench.push("\(host)/team/app:1", to: "\(host)/prod/app:1.0")
                #expect(moved.output?["digest"] == .string(image.digest))
                let result = try await bench.download("\(host)/prod/app@\(image.digest)", ["mediaType": "text/large"])
                #expect(result == .succeeded())
                #expect(try bench.bench.read("out") == Self.large)
                let annotated = try await bench.push(
                    "\(host)/prod/app:1.0",
                    to: "\(host)/prod/app:1.1",
                    annotations: ["org.opencontainers.image.version": "1.1"]
                )
                #expect(annotated.status == .succeeded)
                #expect(annotated.output?["digest"] != .string(image.digest))
                #expect(try await bench.download("\(host)/prod/app:1.1", ["outPath": "again"]) == .succeeded())
                #expect(try bench.bench.read("again") == "small")
                let missing = try await bench.download("\(host)/prod/app:2", ["outPath": "none"])
                #expect(missing.message.contains("MANIFEST_UNKNOWN"))
            }
        }
    }

    @Test func `takes an index after its images`() async throws {
        try await DockerRegistry.with { host in
            try await RegistryBench.with { bench async throws in
                let images = [TestImage.text("amd64"), TestImage.text("arm64")]
                for image in images { bench.registry.add(image, to: "a") }
                let index = TestImage.index(
                    zip(images, ["amd64", "arm64"])
                        .map { image, architecture in
                            (image, ["os": "linux", "architecture": .string(architecture)])
                        }
                )
                bench.registry.add(index, to: "a", as: "1")
                let pushed = try await bench.push(
                    "\(bench.host)/a:1",
                    to: "\(host)/team/app:1",
                    annotations: ["a": "b", "index:c": "d"]
                )
                #expect(pushed.status == .succeeded, "\(pushed.message)")
                #expect(try await bench.download("\(host)/team/app:1") == .succeeded())
                #expect(try bench.bench.read("out") == "amd64")
            }
        }
    }

    @Test func `asks for user and password`() async throws {
        try await DockerRegistry.with(authenticated: true) { host in
            try await RegistryBench.with { bench async throws in
                var bench = bench
                bench.registry.add(TestImage.text(Self.large), to: "a", as: "1")
                let refused = try await bench.push("\(bench.host)/a:1", to: "\(host)/team/app:1")
                #expect(refused.status == .errored)
                #expect(refused.message.contains("there are no credentials for it"))
                let alice = RepositoryCredentials(username: "alice", password: "secret")
                bench.credentials = StubCredentials(["\(host)/team/app": alice, "\(host)/prod/app": alice])
                #expect(try await bench.push("\(bench.host)/a:1", to: "\(host)/team/app:1").status == .succeeded)
                #expect(try await bench.push("\(host)/team/app:1", to: "\(host)/prod/app:1").status == .succeeded)
                #expect(try await bench.download("\(host)/prod/app:1") == .succeeded())
                #expect(try bench.bench.read("out") == Self.large)
            }
        }
    }
}
