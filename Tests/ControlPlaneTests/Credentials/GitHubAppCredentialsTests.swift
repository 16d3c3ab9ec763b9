import KargoCore
import Testing

@testable import ControlPlane

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Tokens of GitHub Apps")
struct GitHubAppCredentialsTests {
    private static func secret(
        url: String = "https://github.com/team/.*",
        annotations: String = "{}",
        _ change: [String: String?] = [:]
    ) -> String {
        var data = [
            "repoURL": url, "repoURLIsRegex": "true", "githubAppClientID": "Iv1.abc",
            "githubAppInstallationID": "123", "githubAppPrivateKey": TestKey.pem,
        ]
        for (key, value) in change { data[key] = value }
        return CredentialsFixture.secret("app", annotations: annotations, data)
    }

    /// GitHub as it answers, with tokens that count for an hour.
    private static func gitHub(unknownFor attempts: Int = 0) -> StubCloud {
        let checks = Counter()
        let tokens = Counter()
        return StubCloud { request in
            if request.method == "POST" {
                return .text(
                    """
                    {"token":"ghs_\(tokens.next())","expires_at":"2026-03-04T06:06:07Z",\
                    "permissions":{"contents":"write"},"repository_selection":"selected"}
                    """,
                    status: 201
                )
            }
            return checks.next() <= attempts
                ? .text("{\"message\":\"Not Found\"}", status: 404) : .text("{\"id\":1,\"name\":\"repo\"}")
        }
    }

    @Test func `are for one repository`() async throws {
        let fixture = try CredentialsFixture(Self.secret(), cloud: Self.gitHub())
        let found = try await fixture.find(.git, "https://github.com/Team/Repo.git")
        #expect(found == RepositoryCredentials(username: "kargo", password: "ghs_1"))
        #expect(
            fixture.cloud.urls == [
                "https://api.github.com/app/installations/123/access_tokens",
                "https://api.github.com/repos/team/repo",
            ]
        )
        let requests = fixture.cloud.requests
        #expect(requests[0].text == "{\"repositories\":[\"repo\"]}")
        let header = try #require(requests[0].header("Authorization"))
        #expect(header.hasPrefix("Bearer "))
        let claims = try #require(TestKey.claims(String(header.dropFirst("Bearer ".count))))
        let now = Int64(ProjectFixture.moment.timeIntervalSince1970)
        #expect(claims == ["iss": "Iv1.abc", "iat": .int(now - 60), "exp": .int(now + 540)])
        #expect(requests[1].header("Authorization") == "Bearer ghs_1")
    }

    @Test func `are used again until shortly before their end`() async throws {
        let fixture = try CredentialsFixture(Self.secret(), cloud: Self.gitHub())
        let url = "https://github.com/team/repo"
        for minutes in [0.0, 30, 24] {
            fixture.advance(minutes: minutes)
            #expect(try await fixture.find(.git, url)?.password == "ghs_1")
        }
        #expect(try await fixture.find(.git, "https://github.com/team/other")?.password == "ghs_2")
        fixture.advance(minutes: 2)
        #expect(try await fixture.find(.git, url)?.password == "ghs_3")
    }

    @Test func `are waited for until GitHub knows them everywhere`() async throws {
        let fixture = try CredentialsFixture(Self.secret(), cloud: Self.gitHub(unknownFor: 3))
        #expect(try await fixture.find(.git, "https://github.com/team/repo") != nil)
        #expect(fixture.waits == [.seconds(3), .seconds(10), .seconds(30)])
        let hopeless = try CredentialsFixture(Self.secret(), cloud: Self.gitHub(unknownFor: 4))
        let error = try await #require(throws: CredentialsFailure.self) {
            try await hopeless.find(.git, "https://github.com/team/repo")
        }
        #expect(error.description.hasSuffix("team/repo: status 404 (Not Found)"))
    }

    @Test func `come from a GitHub Enterprise Server too`() async throws {
        let fixture = try CredentialsFixture(
            Self.secret(
                url: "https://git.test/.*",
                [
                    "githubAppClientID": nil, "githubAppID": "77",
                    "githubAppPrivateKey": Data(TestKey.pem.utf8).base64EncodedString(),
                ]
            ),
            cloud: Self.gitHub()
        )
        #expect(try await fixture.find(.git, "https://git.test/team/repo") != nil)
        #expect(fixture.cloud.urls[0] == "https://git.test/api/v3/app/installations/123/access_tokens")
        let token = fixture.cloud.requests[0].header("Authorization")?.dropFirst("Bearer ".count) ?? ""
        #expect(TestKey.claims(String(token))?["iss"] == "77")
    }

    @Test func `are given to those Projects that the annotation names`() async throws {
        let scopes = "{kargo.akuity.io/github-token-scopes: '{\"demo\":[\"Repo\"],\"other\":[]}'}"
        let fixture = try CredentialsFixture(Self.secret(annotations: scopes), cloud: Self.gitHub())
        #expect(try await fixture.find(.git, "https://github.com/team/repo") != nil)
        #expect(try await fixture.find(.git, "https://github.com/team/secret") == nil)
        let broken = try CredentialsFixture(
            Self.secret(annotations: "{kargo.akuity.io/github-token-scopes: '[]'}"),
            cloud: Self.gitHub()
        )
        await #expect(throws: CredentialsFailure.self) { try await broken.find(.git, "https://github.com/team/repo") }
    }

    @Test(arguments: ["ssh://git@github.com/team/repo", "git@github.com:team/repo"])
    func `are not for SSH`(url: String) async throws {
        let fixture = try CredentialsFixture(Self.secret(url: ".*"), cloud: Self.gitHub())
        #expect(try await fixture.find(.git, url) == nil)
    }

    @Test(
        arguments: [
            ("githubAppInstallationID", nil, "is missing"), ("githubAppClientID", nil, "is missing"),
            ("githubAppInstallationID", "1/../2", "is not a number"),
            ("githubAppPrivateKey", "s3cret", "is neither PEM nor PEM in base64"),
            (
                "githubAppPrivateKey", "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n",
                "is not an RSA key"
            ),
        ] as [(String, String?, String)]
    )
    func `name the field that is wrong, and not what it holds`(
        field: String,
        value: String?,
        problem: String
    ) async throws {
        let fixture = try CredentialsFixture(Self.secret([field: value]), cloud: Self.gitHub())
        let error = try await #require(throws: CredentialsFailure.self) {
            try await fixture.find(.git, "https://github.com/team/repo")
        }
        let name = value == nil && field == "githubAppClientID" ? "githubAppID" : field
        #expect(error.description.hasPrefix("Secret \"demo/app\": field \(name) \(problem)"))
        #expect(!error.description.contains("s3cret"))
        #expect(fixture.cloud.requests.isEmpty)
    }

    @Test func `can't be had where GitHub refuses or is away`() async throws {
        let refusing = StubCloud { _ in .text("{\"message\":\"Bad credentials\"}", status: 401) }
        for (cloud, reason) in [(refusing, "status 401 (Bad credentials)"), (StubCloud(), "Unreachable()")] {
            let fixture = try CredentialsFixture(Self.secret(), cloud: cloud)
            let error = try await #require(throws: CredentialsFailure.self) {
                try await fixture.find(.git, "https://github.com/team/repo")
            }
            #expect(error.description == "can't get a token of the GitHub App for team/repo: \(reason)")
        }
    }
}
