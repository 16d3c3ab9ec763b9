import KargoCore
import KargoTestSupport
import Testing

@testable import ControlPlane

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Tokens of Google Cloud")
struct GARCredentialsTests {
    private static let image = "europe-docker.pkg.dev/team/repo/app"

    private static func secret(
        tokenURL: String = "https://oauth2.googleapis.com/token",
        key: String = TestKey.pem
    ) -> String {
        let document: JSONValue = [
            "type": "service_account", "client_email": "kargo@team.iam.gserviceaccount.com", "private_key_id": "k1",
            "private_key": .string(key), "token_uri": .string(tokenURL),
        ]
        let field = Data(document.serialized()).base64EncodedString()
        return CredentialsFixture.secret("gcp", type: .image, ["repoURL": image, "gcpServiceAccountKey": field])
    }

    @Test func `are got with the key in a Secret, and used for 40 minutes`() async throws {
        let cloud = StubCloud { _ in
            .text("{\"access_token\":\"ya29.a\",\"expires_in\":3599,\"token_type\":\"Bearer\"}")
        }
        let fixture = try CredentialsFixture(Self.secret(), cloud: cloud)
        let expected = RepositoryCredentials(username: "oauth2accesstoken", password: "ya29.a")
        #expect(try await fixture.find(.image, Self.image) == expected)
        fixture.advance(minutes: 39)
        #expect(try await fixture.find(.image, Self.image) == expected)
        #expect(cloud.urls == ["https://oauth2.googleapis.com/token"])
        let text = cloud.requests[0].text
        #expect(text.hasPrefix("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="))
        let assertion = text.split(separator: "=").last ?? ""
        let claims = try #require(TestKey.claims(String(assertion)))
        #expect(claims["iss"] == "kargo@team.iam.gserviceaccount.com")
        #expect(claims["aud"] == "https://oauth2.googleapis.com/token")
        fixture.advance(minutes: 2)
        #expect(try await fixture.find(.image, Self.image) == expected)
        #expect(cloud.requests.count == 2)
    }

    @Test(arguments: [
        (secret(tokenURL: "https://evil.test/token"), "has a token_uri that is not Google's"),
        (secret(tokenURL: "http://oauth2.googleapis.com/token"), "has a token_uri that is not Google's"),
        (secret(tokenURL: "https://evil.test?.googleapis.com/token"), "has a token_uri that is not Google's"),
        (secret(key: "s3cret"), "has a private_key that is not an RSA key"),
        (
            CredentialsFixture.secret("gcp", type: .image, ["repoURL": image, "gcpServiceAccountKey": "s3cret"]),
            "is not JSON in base64"
        ),
        (
            CredentialsFixture.secret("gcp", type: .image, ["repoURL": image, "gcpServiceAccountKey": "e30="]),
            "is not the key of a service account"
        ),
    ])
    func `name what is wrong with the key`(secret: String, problem: String) async throws {
        let fixture = try CredentialsFixture(secret)
        let error = try await #require(throws: CredentialsFailure.self) { try await fixture.find(.image, Self.image) }
        #expect(error.description == "Secret \"demo/gcp\": field gcpServiceAccountKey \(problem)")
        #expect(fixture.cloud.requests.isEmpty)
    }

    private static func google(impersonation: CloudResponse) -> StubCloud {
        StubCloud { request in
            if request.url.hasSuffix("/project/project-id") { return .text("team") }
            if request.url.hasSuffix("/default/token") {
                return .text("{\"access_token\":\"own\",\"expires_in\":3599,\"token_type\":\"Bearer\"}")
            }
            return impersonation
        }
    }

    @Test func `are got as the Project's service account`() async throws {
        let cloud = Self.google(
            impersonation: .text("{\"accessToken\":\"project\",\"expireTime\":\"2026-03-04T06:06:07Z\"}")
        )
        let fixture = try CredentialsFixture(environment: ["GCE_METADATA_HOST": "metadata.test"], cloud: cloud)
        #expect(try await fixture.find(.image, "eu.gcr.io/team/app")?.password == "project")
        #expect(
            cloud.urls == [
                "http://metadata.test/computeMetadata/v1/project/project-id",
                "http://metadata.test/computeMetadata/v1/instance/service-accounts/default/token",
                "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
                    + "kargo-project-demo@team.iam.gserviceaccount.com:generateAccessToken",
            ]
        )
        #expect(cloud.requests[0].header("Metadata-Flavor") == "Google")
        #expect(cloud.requests[2].header("Authorization") == "Bearer own")
    }

    @Test func `are the controller's own where that may not be`() async throws {
        let cloud = Self.google(impersonation: .text("{\"error\":{\"message\":\"no\"}}", status: 403))
        let fixture = try CredentialsFixture(cloud: cloud)
        #expect(try await fixture.find(.image, Self.image)?.password == "own")
        #expect(cloud.requests.count == 3)
        fixture.advance(minutes: 41)
        #expect(try await fixture.find(.image, Self.image)?.password == "own")
        #expect(cloud.requests.count == 4)
        fixture.advance(minutes: 12 * 60)
        #expect(try await fixture.find(.image, Self.image)?.password == "own")
        #expect(cloud.requests.count == 7)
    }

    @Test func `are none elsewhere, which is remembered`() async throws {
        let fixture = try CredentialsFixture()
        #expect(try await fixture.find(.image, Self.image) == nil)
        #expect(try await fixture.find(.image, Self.image) == nil)
        #expect(fixture.cloud.requests.count == 1)
        #expect(try await fixture.find(.image, "docker.pkg.dev.evil.test/a") == nil)
        #expect(try await fixture.find(.image, "evilgcr.io/a") == nil)
        #expect(fixture.cloud.requests.count == 1)
    }
}

@Suite("Tokens of Azure Container Registry")
struct ACRCredentialsTests {
    private static let expected = RepositoryCredentials(
        username: "00000000-0000-0000-0000-000000000000",
        password: "refresh"
    )

    private static func azure(exchange: CloudResponse = .text("{\"refresh_token\":\"refresh\"}")) -> StubCloud {
        StubCloud { request in
            if request.url.hasSuffix("/oauth2/exchange") { return exchange }
            return .text("{\"token_type\":\"Bearer\",\"expires_in\":86399,\"access_token\":\"aad\"}")
        }
    }

    @Test func `are got with the service account's token`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("federated", to: "token")
            let fixture = try CredentialsFixture(
                environment: [
                    "AZURE_CLIENT_ID": "client", "AZURE_TENANT_ID": "tenant",
                    "AZURE_FEDERATED_TOKEN_FILE": directory.file("token"),
                ],
                cloud: Self.azure()
            )
            #expect(try await fixture.find(.image, "team.azurecr.io/app") == Self.expected)
            #expect(
                fixture.cloud.urls == [
                    "https://login.microsoftonline.com/tenant/oauth2/v2.0/token",
                    "https://team.azurecr.io/oauth2/exchange",
                ]
            )
            let requests = fixture.cloud.requests
            #expect(requests[0].text.hasSuffix("&client_assertion=federated"))
            #expect(
                requests[1].text
                    == "grant_type=access_token&service=team.azurecr.io&access_token=aad&tenant=tenant"
            )
            fixture.advance(minutes: 149)
            #expect(try await fixture.find(.helm, "oci://team.azurecr.io/charts/x") == Self.expected)
            #expect(fixture.cloud.requests.count == 2)
            fixture.advance(minutes: 2)
            #expect(try await fixture.find(.image, "team.azurecr.io/app") == Self.expected)
            #expect(fixture.cloud.requests.count == 4)
        }
    }

    @Test func `are got with a managed identity`() async throws {
        let fixture = try CredentialsFixture(cloud: Self.azure())
        #expect(try await fixture.find(.image, "team.azurecr.io/app") == Self.expected)
        #expect(
            fixture.cloud.urls[0]
                == "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
                + "&resource=https%3A%2F%2Fcontainerregistry.azure.net"
        )
    }

    @Test func `are none where Azure or the registry does not know the controller`() async throws {
        let elsewhere = try CredentialsFixture()
        #expect(try await elsewhere.find(.image, "team.azurecr.io/app") == nil)
        #expect(try await elsewhere.find(.image, "team.azurecr.io/app") == nil)
        #expect(elsewhere.cloud.requests.count == 1)
        let stranger = try CredentialsFixture(cloud: Self.azure(exchange: .text("{}", status: 401)))
        #expect(try await stranger.find(.image, "team.azurecr.io/app") == nil)
    }

    @Test(arguments: ["azurecr.io/a", "team.azurecr.io.evil.test/a", "a.b.azurecr.io/a", "evil.test/team.azurecr.io/a"])
    func `are for registries of Azure only`(url: String) async throws {
        let fixture = try CredentialsFixture(cloud: Self.azure())
        #expect(try await fixture.find(.image, url) == nil)
        #expect(fixture.cloud.requests.isEmpty)
    }
}
