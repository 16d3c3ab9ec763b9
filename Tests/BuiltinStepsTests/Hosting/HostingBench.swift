import KargoCore
import KargoTestSupport

@testable import BuiltinSteps

/// Runs steps against a hosting service of this process.
struct HostingBench<Fake: FakeHosting>: Sendable {
    let bench: StepBench
    let fake: Fake
    let server: StubServer

    /// The URL of the repository.
    var repoURL: String { server.url("/\(fake.path).git") }

    static func with(fake: Fake = .make(), _ body: (HostingBench<Fake>) async throws -> Void) async throws {
        try await StepBench.with { bench async throws in
            try await StubServer.with(answer: fake.answer) { server in
                try await body(HostingBench(bench: bench, fake: fake, server: server))
            }
        }
    }

    /// Runs a step; the repository, and the service where the kind needs it, are added to its configuration.
    func run(
        _ kind: String,
        _ config: [String: JSONValue],
        output: JSONValue? = nil,
        controlPlane: (any ControlPlaneAccess)? = nil
    ) async throws -> StepResult {
        var config = config
        config["repoURL"] = .string(repoURL)
        if kind.hasPrefix("git-") { config["provider"] = .string(Fake.hosting.rawValue) }
        let capabilities = StepCapabilities(credentials: OneToken(), controlPlane: controlPlane)
        return try await bench.run(kind, .object(config), capabilities: capabilities) { context in
            context.promotion.project = "demo"
            context.promotion.targetFreight.name = "f-1"
            if let output { context.sharedState[context.alias] = output }
        }
    }

    /// Hands pull requests of the repository to the body.
    func withProvider<Result>(
        clock: any Clock<Duration> = ManualClock(),
        _ body: (any GitProvider) async throws -> Result
    ) async throws -> Result {
        let access = HostingAccess(credentials: OneToken(), proxies: ProxyRules(environment: [:]), clock: clock)
        let target = HostingAccess.Target(repoURL: repoURL, hosting: Fake.hosting, project: "demo")
        return try await access.withProvider(for: target, body)
    }
}

/// A database whose credentials open everything.
struct OneToken: CredentialsDatabase {
    var project = "demo"

    func credentials(_ type: CredentialType, for url: String, project: String) -> RepositoryCredentials? {
        guard type == .git, project == self.project else { return nil }
        return RepositoryCredentials(username: "kargo", password: FakePulls.token)
    }
}

extension GitHosting {
    /// The fake of the service.
    var fake: any FakeHosting.Type {
        switch self {
        case .azure: FakeAzure.self
        case .bitbucket: FakeBitbucket.self
        case .gitea: FakeGitea.self
        case .github: FakeGitHub.self
        case .gitlab: FakeGitLab.self
        }
    }
}
