import KargoCore
import Testing

@testable import ControlPlane

@Suite("Credentials in Secrets")
struct ClusterCredentialsTests {
    private static func secret(
        _ name: String,
        namespace: String = "demo",
        type: CredentialType = .git,
        url: String,
        isExpression: String? = nil
    ) -> String {
        var data = ["repoURL": url, "username": "\(namespace)/\(name)", "password": "secret"]
        data["repoURLIsRegex"] = isExpression
        return CredentialsFixture.secret(name, namespace: namespace, type: type, data)
    }

    @Test func `are found by the repository's address`() async throws {
        let fixture = try CredentialsFixture(Self.secret("a", url: "https://GitHub.com/Team/Repo.git"))
        let found = try await fixture.find(.git, "https://github.com/team/repo/")
        #expect(found == RepositoryCredentials(username: "demo/a", password: "secret"))
        #expect(try await fixture.find(.git, "https://github.com/team/other") == nil)
        #expect(try await fixture.find(.image, "https://github.com/team/repo") == nil)
        #expect(try await fixture.find(.git, "https://github.com/team/repo", project: "other") == nil)
    }

    @Test(arguments: [
        (CredentialType.image, "docker.io/library/nginx", "nginx:1.27"),
        (.image, "index.docker.io/library/nginx", "nginx"),
        (.image, "ghcr.io/a/b", "GHCR.io/a/b@sha256:00"),
        (.helm, "oci://ghcr.io/charts/x", "ghcr.io/charts/x"),
        (.helm, "https://charts.test/stable", "https://Charts.test/stable"),
        (.git, "git@github.com:a/b.git", "ssh://git@github.com/a/b"),
    ])
    func `are found however the address is written`(type: CredentialType, stored: String, asked: String) async throws {
        let fixture = try CredentialsFixture(Self.secret("a", type: type, url: stored))
        #expect(try await fixture.user(type, asked) == "demo/a")
    }

    @Test func `of the Project go before those for all Projects`() async throws {
        let fixture = try CredentialsFixture(
            Self.secret("z", url: "^https://github\\.com/.*$", isExpression: "true"),
            Self.secret("a", namespace: "shared", url: "https://github.com/a/b"),
            Self.secret("b", namespace: "shared", url: "https://gitlab.com/a/b")
        )
        #expect(try await fixture.user(.git, "https://github.com/a/b") == "demo/z")
        #expect(try await fixture.user(.git, "https://gitlab.com/a/b") == "shared/b")
        #expect(try await fixture.user(.git, "https://github.com/a/b", project: "other") == "shared/a")
    }

    @Test func `are those of the Project alone where the operator wants that`() async throws {
        let fixture = try CredentialsFixture(
            Self.secret("a", url: "https://github.com/a/b"),
            Self.secret("b", namespace: "shared", url: "https://gitlab.com/a/b"),
            isProjectOnly: true
        )
        #expect(try await fixture.user(.git, "https://github.com/a/b") == "demo/a")
        #expect(try await fixture.find(.git, "https://gitlab.com/a/b") == nil)
        // Its own identity is not for all either.
        #expect(try await fixture.find(.image, "europe-docker.pkg.dev/team/repo/app") == nil)
        #expect(fixture.cloud.urls == [])
    }

    @Test func `that name the repository go before those with an expression, and both by their names`() async throws {
        let fixture = try CredentialsFixture(
            Self.secret("a", url: ".*", isExpression: "true"),
            Self.secret("b", url: ".*", isExpression: "true"),
            Self.secret("d", url: "https://github.com/a/b"),
            Self.secret("c", url: "https://github.com/a/b.git")
        )
        #expect(try await fixture.user(.git, "https://github.com/a/b") == "demo/c")
        #expect(try await fixture.user(.git, "https://github.com/x/y") == "demo/a")
    }

    @Test func `with an expression see the address as it is and in its normal form`() async throws {
        let fixture = try CredentialsFixture(
            Self.secret("raw", url: "^git@GitHub\\.com:.*\\.git$", isExpression: "true"),
            Self.secret("normal", url: "^ssh://git@gitlab\\.com/a$", isExpression: "true")
        )
        #expect(try await fixture.user(.git, "git@GitHub.com:a.git") == "demo/raw")
        #expect(try await fixture.user(.git, "git@GitLab.com:a.git") == "demo/normal")
    }

    @Test func `whose expression or address is of no use are passed over`() async throws {
        let fixture = try CredentialsFixture(
            Self.secret("a", url: "(", isExpression: "true"),
            CredentialsFixture.secret("b", ["username": "x", "password": "y"]),
            "{metadata: {name: c, namespace: demo, labels: {kargo.akuity.io/cred-type: git}}, data: {repoURL: '???'}}",
            Self.secret("d", url: "https://x.test/.*", isExpression: "yes"),
            Self.secret("e", url: "https://x.test/.*", isExpression: "true")
        )
        #expect(try await fixture.user(.git, "https://x.test/a") == "demo/e")
    }

    @Test(arguments: ["http://x.test/a", "HTTP://x.test/a", " http://x.test/a", "\u{FEFF}http://x.test/a"])
    func `are not given for plain HTTP, unless that is allowed`(url: String) async throws {
        let secret = Self.secret("a", url: "http://x.test/a")
        #expect(try await CredentialsFixture(secret).find(.git, url) == nil)
        let fixture = try CredentialsFixture(secret, environment: ["ALLOW_CREDENTIALS_OVER_HTTP": "true"])
        #expect(try await fixture.user(.git, url) == "demo/a")
    }

    @Test(arguments: ["0", "false"])
    func `are not given if that is disabled`(value: String) async throws {
        let fixture = try CredentialsFixture(
            Self.secret("a", url: "https://x.test/a"),
            environment: ["CREDENTIAL_PROVIDERS_ENABLED": value]
        )
        #expect(try await fixture.find(.git, "https://x.test/a") == nil)
    }

    @Test func `that lack something decide all the same`() async throws {
        let fixture = try CredentialsFixture(
            CredentialsFixture.secret("a", ["repoURL": "https://x.test/a", "username": "me"]),
            Self.secret("b", url: "https://x.test/a")
        )
        #expect(try await fixture.find(.git, "https://x.test/a") == nil)
    }

    @Test func `are keys for SSH too`() async throws {
        let fixture = try CredentialsFixture(
            CredentialsFixture.secret("a", ["repoURL": "git@x.test:a", "sshPrivateKey": "KEY"])
        )
        #expect(try await fixture.find(.git, "git@x.test:a") == RepositoryCredentials(sshPrivateKey: "KEY"))
    }

    @Test func `that are malformed are named, without what they hold`() async throws {
        let fixture = try CredentialsFixture(
            """
            metadata: {name: a, namespace: demo, labels: {kargo.akuity.io/cred-type: git}}
            data: {repoURL: aHR0cHM6Ly94LnRlc3QvYQ==, username: bWU=, password: '???s3cret'}
            """
        )
        let error = try await #require(throws: CredentialsFailure.self) {
            try await fixture.find(.git, "https://x.test/a")
        }
        #expect(error.description == "Secret \"demo/a\": field password is not base64")
    }

    @Test func `come from settings that are understood`() throws {
        #expect(throws: CredentialsSettings.Failure.self) {
            try CredentialsSettings(environment: ["CREDENTIAL_PROVIDERS_ENABLED": "yes"])
        }
        let settings = try CredentialsSettings(environment: [:])
        #expect(settings.isEnabled)
        #expect(!(try CredentialsSettings(environment: ["CREDENTIAL_PROVIDERS_ENABLED": "false"]).isEnabled))
        #expect(settings.sharedNamespace == "kargo-shared-resources")
        #expect(!settings.aws.isConfigured)
    }
}
