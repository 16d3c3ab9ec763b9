import KargoCore
import KargoTestSupport
import Testing

@testable import ControlPlane

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Passwords of ECR")
struct AWSCredentialsTests {
    private static let image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app"
    private static let password = Data("AWS:p4ss".utf8).base64EncodedString()
    private static let answer = """
        {"authorizationData":[{"authorizationToken":"\(password)","expiresAt":1.772643967E9,\
        "proxyEndpoint":"https://123456789012.dkr.ecr.eu-west-1.amazonaws.com"}]}
        """
    private static let found = RepositoryCredentials(username: "AWS", password: "p4ss")

    private static func secret(_ change: [String: String?] = [:]) -> String {
        var data = [
            "repoURL": image, "awsRegion": "eu-west-1", "awsAccessKeyID": "AKID", "awsSecretAccessKey": "s3cret",
        ]
        for (key, value) in change { data[key] = value }
        return CredentialsFixture.secret("aws", type: .image, data)
    }

    /// The example `get-vanilla` of AWS's own test suite.
    @Test func `are asked for with AWS's signature`() {
        let signature = AWSSignature(
            key: AWSSignature.Key(id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1",
            service: "service"
        )
        let moment = Date(timeIntervalSince1970: 1_440_938_160)
        let request = signature.sign(CloudRequest("GET", "https://example.amazonaws.com/"), at: moment)
        #expect(request.header("X-Amz-Date") == "20150830T123600Z")
        #expect(
            request.header("Authorization")
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=host;x-amz-date, "
                + "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        )
    }

    @Test func `are got with the key in a Secret, and used for ten hours`() async throws {
        let fixture = try CredentialsFixture(Self.secret(), cloud: StubCloud { _ in .text(Self.answer) })
        #expect(try await fixture.find(.image, Self.image) == Self.found)
        fixture.advance(minutes: 599)
        #expect(try await fixture.find(.image, Self.image) == Self.found)
        #expect(fixture.cloud.urls == ["https://api.ecr.eu-west-1.amazonaws.com/"])
        let request = fixture.cloud.requests[0]
        #expect(
            request.header("X-Amz-Target") == "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"
        )
        #expect(
            request.header("Authorization")?
                .contains(
                    "Credential=AKID/20260304/eu-west-1/ecr/aws4_request, "
                        + "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
                ) == true
        )
        fixture.advance(minutes: 2)
        #expect(try await fixture.find(.image, Self.image) == Self.found)
        #expect(fixture.cloud.requests.count == 2)
    }

    @Test(
        arguments: [
            ("awsRegion", nil, "is missing"), ("awsRegion", "evil.test/", "is not a region of AWS"),
            ("awsSecretAccessKey", nil, "is missing"),
        ] as [(String, String?, String)]
    )
    func `name the field that is wrong`(field: String, value: String?, problem: String) async throws {
        let fixture = try CredentialsFixture(Self.secret([field: value]), cloud: StubCloud { _ in .text(Self.answer) })
        let error = try await #require(throws: CredentialsFailure.self) { try await fixture.find(.image, Self.image) }
        #expect(error.description == "Secret \"demo/aws\": field \(field) \(problem)")
        #expect(fixture.cloud.requests.isEmpty)
    }

    @Test(arguments: [
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.test/app", "12345.dkr.ecr.eu-west-1.amazonaws.com/app",
        "public.ecr.aws/app", "evil.test/123456789012.dkr.ecr.eu-west-1.amazonaws.com/app",
    ])
    func `are for registries of AWS only`(url: String) async throws {
        let fixture = try CredentialsFixture(Self.secret(["repoURL": url]))
        #expect(try await fixture.find(.image, url) == nil)
        #expect(fixture.cloud.requests.isEmpty)
    }

    // MARK: The controller's identity

    private static let lent = """
        <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>\
        <AccessKeyId>ASIALENT</AccessKeyId><SecretAccessKey>lent</SecretAccessKey><SessionToken>t/+=</SessionToken>\
        <Expiration>2026-03-04T06:06:07Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
        """
    private static let denied = """
        <ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>
        """

    /// AWS as it answers; the accounts are those whose role may be taken on.
    private static func aws(roleIn accounts: [String], own: Bool = true) -> StubCloud {
        StubCloud { request in
            if request.url.hasPrefix("http://169.254.170.23/") {
                return .text(
                    "{\"AccessKeyId\":\"ASIAPOD\",\"SecretAccessKey\":\"pod\",\"Token\":\"podtoken\",\"AccountId\":\"1\"}"
                )
            }
            if request.text.hasPrefix("Action=AssumeRoleWithWebIdentity") { return .text(lent) }
            if request.text.hasPrefix("Action=GetCallerIdentity") {
                return .text("<GetCallerIdentityResponse><Account>999999999999</Account></GetCallerIdentityResponse>")
            }
            if request.text.hasPrefix("Action=AssumeRole&") {
                return accounts.contains { request.text.contains("%3A%3A\($0)%3A") }
                    ? .text(lent) : .text(denied, status: 403)
            }
            let isOwn = request.header("X-Amz-Security-Token") == "podtoken"
            return isOwn && !own
                ? .text("{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}", status: 400) : .text(answer)
        }
    }

    private static let podIdentity = [
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "podidentity", "AWS_REGION": "us-east-1",
    ]

    private func roles(_ fixture: CredentialsFixture) -> [String] {
        fixture.cloud.requests.filter { $0.text.hasPrefix("Action=AssumeRole&") }
            .compactMap { $0.text.split(separator: "&").first { $0.hasPrefix("RoleArn=") } }
            .map { $0.dropFirst("RoleArn=arn%3Aaws%3Aiam%3A%3A".count).split(separator: "%3A").joined(separator: " ") }
    }

    @Test(arguments: [
        (["123456789012"], ["123456789012 role%2Fkargo-project-demo"]),
        (
            ["999999999999"],
            ["123456789012 role%2Fkargo-project-demo", "999999999999 role%2Fkargo-project-demo"]
        ),
        ([], ["123456789012 role%2Fkargo-project-demo", "999999999999 role%2Fkargo-project-demo"]),
    ])
    func `are got with the Project's role, or else with the controller's`(
        accounts: [String],
        asked: [String]
    ) async throws {
        let fixture = try CredentialsFixture(environment: Self.podIdentity, cloud: Self.aws(roleIn: accounts))
        #expect(try await fixture.find(.helm, "oci://\(Self.image)") == Self.found)
        #expect(roles(fixture) == asked)
        #expect(fixture.cloud.requests[0].header("Authorization") == "podidentity")
        let last = try #require(fixture.cloud.requests.last)
        #expect(last.header("X-Amz-Security-Token") == (accounts.isEmpty ? "podtoken" : "t/+="))
        #expect(last.url == "https://api.ecr.eu-west-1.amazonaws.com/")
        #expect(fixture.cloud.requests[1].url == "https://sts.us-east-1.amazonaws.com/")
        let count = fixture.cloud.requests.count
        #expect(try await fixture.find(.image, Self.image) == Self.found)
        #expect(fixture.cloud.requests.count == count)
    }

    @Test func `are none where nobody is allowed to`() async throws {
        let fixture = try CredentialsFixture(environment: Self.podIdentity, cloud: Self.aws(roleIn: [], own: false))
        #expect(try await fixture.find(.image, Self.image) == nil)
    }

    @Test func `are got with the service account's token`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("webtoken\n", to: "token")
            let fixture = try CredentialsFixture(
                environment: [
                    "AWS_ROLE_ARN": "arn:aws:iam::999999999999:role/kargo",
                    "AWS_WEB_IDENTITY_TOKEN_FILE": directory.file("token"),
                ],
                cloud: Self.aws(roleIn: ["123456789012"])
            )
            #expect(try await fixture.find(.image, Self.image) == Self.found)
            let first = fixture.cloud.requests[0]
            #expect(first.url == "https://sts.eu-west-1.amazonaws.com/")
            #expect(first.text.contains("&WebIdentityToken=webtoken"))
            #expect(first.header("Authorization") == nil)
        }
    }

    @Test func `are none without an identity, and a Secret goes before it`() async throws {
        let none = try CredentialsFixture(cloud: Self.aws(roleIn: []))
        #expect(try await none.find(.image, Self.image) == nil)
        #expect(none.cloud.requests.isEmpty)
        let both = try CredentialsFixture(
            CredentialsFixture.secret("a", type: .image, ["repoURL": Self.image, "username": "u", "password": "p"]),
            environment: Self.podIdentity,
            cloud: Self.aws(roleIn: [])
        )
        #expect(try await both.user(.image, Self.image) == "u")
        #expect(both.cloud.requests.isEmpty)
    }
}
