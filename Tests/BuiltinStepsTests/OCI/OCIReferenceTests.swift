import Testing

@testable import BuiltinSteps

@Suite("References to artifacts")
struct OCIReferenceTests {
    private static let hex = String(repeating: "0a", count: 32)

    @Test(arguments: [
        ("nginx", "index.docker.io/library/nginx:latest"),
        ("nginx:1.27", "index.docker.io/library/nginx:1.27"),
        ("docker.io/nginx:1.27", "index.docker.io/library/nginx:1.27"),
        ("registry-1.docker.io/a/b:c", "index.docker.io/a/b:c"),
        ("a/b", "index.docker.io/a/b:latest"),
        ("ghcr.io/a/b:v1", "ghcr.io/a/b:v1"),
        ("GHCR.io/a/b:V1", "ghcr.io/a/b:V1"),
        ("localhost/a:1", "localhost/a:1"),
        ("localhost:5000/a", "localhost:5000/a:latest"),
        ("[::1]:5000/a:1", "[::1]:5000/a:1"),
        ("oci://ghcr.io/charts/x:1.0.0", "ghcr.io/charts/x:1.0.0"),
        ("ghcr.io/a@sha256:\(hex)", "ghcr.io/a@sha256:\(hex)"),
        ("ghcr.io/a:1@sha256:\(hex)", "ghcr.io/a@sha256:\(hex)"),
        ("a.b/c__d/e-f:x_1.2", "a.b/c__d/e-f:x_1.2"),
    ])
    func `are read in full`(text: String, full: String) throws {
        #expect(try OCIReference(text).description == full)
    }

    @Test(arguments: [
        "", ":", "@", "ghcr.io/", "ghcr.io//a", "ghcr.io/a/:1", "ghcr.io/A:1", "ghcr.io/a:", "ghcr.io/a:-x",
        "ghcr.io/a:a/b:é",
        "ghcr.io/a@sha256:1", "ghcr.io/a@md5:\(hex)", "ghcr.io/a@SHA256:\(hex)", "ghcr.io/../a:1", "ghcr.io/a b:1",
        "ghcr.io/a?x:1", "gh cr.io:1/a", "host:port/a:1", "a.b:0/c", "a.b:65536/c", "https://ghcr.io/a:1",
        "user@ghcr.io/a:1",
        "ghcr.io/\(String(repeating: "a", count: 256)):1", "ghcr.io/a:\(String(repeating: "a", count: 129))",
    ])
    func `are refused if they name nothing`(text: String) {
        #expect(throws: OCIReference.Malformed.self) { try OCIReference(text) }
    }

    @Test func `tell charts from images`() throws {
        #expect(try OCIReference("oci://ghcr.io/a:1").repositoryURL == "oci://ghcr.io/a")
        #expect(try OCIReference("ghcr.io/a:1").repositoryURL == "ghcr.io/a")
        #expect(try OCIReference("nginx").repositoryURL == "index.docker.io/library/nginx")
        #expect(try OCIReference("oci://nginx").sharesRepository(with: OCIReference("docker.io/library/nginx:2")))
    }
}

@Suite("Challenges of registries")
struct RegistryChallengeTests {
    @Test func `are read`() throws {
        let challenge = try #require(
            RegistryChallenge(
                "Bearer realm=\"https://auth.test/token?a=b,c\", service=registry.test ,scope=\"repository:a/b:pull,push\""
            )
        )
        #expect(challenge.scheme == "bearer")
        #expect(
            challenge.parameters == [
                "realm": "https://auth.test/token?a=b,c", "service": "registry.test",
                "scope": "repository:a/b:pull,push",
            ]
        )
        #expect(RegistryChallenge("BASIC realm=\"a \\\"b\\\"\"")?.parameters == ["realm": "a \"b\""])
        #expect(RegistryChallenge("Negotiate")?.scheme == "negotiate")
    }

    @Test(arguments: ["", "  ", "Bearer realm=\"open", "Bearer realm=\"open\\"])
    func `are passed over if they are malformed`(text: String) {
        #expect(RegistryChallenge(text) == nil)
    }
}

@Suite("When registries are called")
struct RegistryPolicyTests {
    @Test(arguments: [
        ("localhost", true), ("a.localhost", true), ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true),
        ("registry.kube-system.svc.cluster.local", true), ("10.1.2.3", true), ("172.31.0.1", true),
        ("172.32.0.1", false),
        ("192.168.1.1", true), ("ghcr.io", false), ("8.8.8.8", false), ("localhost.test", false), ("fe80::1", false),
    ])
    func `plain HTTP will do`(host: String, allowed: Bool) {
        #expect(RegistryPolicy.allowsPlainHTTP(host) == allowed)
    }

    @Test func `a busy one is waited for, but not for long`() {
        #expect(RegistryPolicy.pause(afterRefusals: 1, retryAfter: nil) == .seconds(1))
        #expect(RegistryPolicy.pause(afterRefusals: 3, retryAfter: "soon") == .seconds(4))
        #expect(RegistryPolicy.pause(afterRefusals: 1, retryAfter: "7") == .seconds(7))
        #expect(RegistryPolicy.pause(afterRefusals: 1, retryAfter: "61") == nil)
    }
}
