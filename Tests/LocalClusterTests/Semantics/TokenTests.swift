import KargoCore
import Testing

@testable import LocalCluster

@Suite("Tokens of ServiceAccounts", .timeLimit(.minutes(1)))
struct TokenTests {
    private static let accounts = "/api/v1/namespaces/default/serviceaccounts"
    private static let pods = "/api/v1/namespaces/default/pods"
    private static let reviews = "/apis/authentication.k8s.io/v1/tokenreviews"

    private func with(_ body: @Sendable (HandlerFixture) async throws -> Void) async throws {
        try await HandlerFixture.with { cluster in
            for name in ["robot", "other"] {
                try await cluster.create(Self.accounts, ["metadata": ["name": .string(name)]])
            }
            try await body(cluster)
        }
    }

    private func token(_ cluster: HandlerFixture, _ spec: JSONValue = [:]) async throws -> String {
        let answer = try await cluster.create("\(Self.accounts)/robot/token", ["spec": spec])
        return answer.object[path: "status", "token"]?.stringValue ?? ""
    }

    private func review(
        _ cluster: HandlerFixture,
        _ token: String,
        audiences: JSONValue = .null
    ) async throws -> JSONValue {
        let spec: JSONValue = ["token": .string(token), "audiences": audiences]
        return try await cluster.create(Self.reviews, ["spec": spec]).object["status"] ?? .null
    }

    private func pod(_ cluster: HandlerFixture, _ account: String = "robot") async throws -> HandlerFixture.Answer {
        try await cluster.create(
            Self.pods,
            [
                "metadata": ["name": "p"],
                "spec": [
                    "serviceAccountName": .string(account), "containers": [["name": "c", "image": "busybox"]],
                    "terminationGracePeriodSeconds": 0,
                ],
            ]
        )
    }

    @Test func `say who their bearer is`() async throws {
        try await with { cluster in
            let answer = try await cluster.create("\(Self.accounts)/robot/token", ["spec": [:]])
            #expect(answer.object["kind"] == "TokenRequest")
            #expect(answer.object[path: "spec", "expirationSeconds"] == 3600)
            #expect(answer.object[path: "status", "expirationTimestamp"] == "2027-01-15T09:00:00Z")
            let status = try await review(cluster, answer.object[path: "status", "token"]?.stringValue ?? "")
            #expect(status["authenticated"] == true)
            #expect(status["audiences"] == [.string(AccountToken.issuer)])
            #expect(status[path: "user", "username"] == "system:serviceaccount:default:robot")
            #expect(
                status[path: "user", "groups"] == [
                    "system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated",
                ]
            )
            let account = try await cluster.get("\(Self.accounts)/robot")
            #expect(status[path: "user", "uid"]?.stringValue == account.uid)
        }
    }

    @Test func `are worth nothing after their end, and with a clock before their beginning`() async throws {
        try await with { cluster in
            let token = try await token(cluster, ["expirationSeconds": 600])
            cluster.time.advance(by: -30)
            #expect(try await review(cluster, token)["authenticated"] == true)
            cluster.time.advance(by: -90)
            #expect(try await review(cluster, token)["error"] == "the token is not valid yet")
            cluster.time.advance(by: 120 + 599)
            #expect(try await review(cluster, token)["authenticated"] == true)
            cluster.time.advance(by: 1)
            let status = try await review(cluster, token)
            #expect(status["authenticated"] == nil && status["error"] == "the token has expired")
        }
    }

    @Test func `are for their audiences only`() async throws {
        try await with { cluster in
            let token = try await token(cluster, ["audiences": ["vault", "mail"]])
            #expect(try await review(cluster, token)["error"] == "the token is for another audience")
            let status = try await review(cluster, token, audiences: ["mail", "bank"])
            #expect(status["authenticated"] == true && status["audiences"] == ["mail"])
            #expect(throws: Authenticator.Refusal.self) { try cluster.handler.authenticator.caller(withToken: token) }
        }
    }

    @Test func `end with their account, also where another one gets its name`() async throws {
        try await with { cluster in
            let token = try await token(cluster)
            #expect(try await cluster.send("DELETE", "\(Self.accounts)/robot").status == 200)
            #expect(try await review(cluster, token)["authenticated"] == nil)
            try await cluster.create(Self.accounts, ["metadata": ["name": "robot"]])
            let status = try await review(cluster, token)
            #expect(status["authenticated"] == nil)
            #expect(status["error"]?.stringValue?.contains("serviceaccounts \"default/robot\"") == true)
        }
    }

    @Test func `end with the Pod that they are bound to`() async throws {
        try await with { cluster in
            let uid = try await pod(cluster).uid
            let bound: JSONValue = ["apiVersion": "v1", "kind": "Pod", "name": "p", "uid": .string(uid)]
            let token = try await token(cluster, ["boundObjectRef": bound])
            let user = try await review(cluster, token)["user"]
            #expect(user?["extra"]?["authentication.kubernetes.io/pod-uid"] == [.string(uid)])
            #expect(try await cluster.send("DELETE", "\(Self.pods)/p").status == 200)
            #expect(try await review(cluster, token)["authenticated"] == nil)
        }
    }

    @Test func `of others, and changed ones, are worth nothing`() async throws {
        try await with { cluster in
            let token = try await token(cluster)
            let parts = token.split(separator: ".").map(String.init)
            let claims = try JSONValue(parsing: #require(Token.bytes(base64URL: parts[1])))
            var longer = claims
            longer["exp"] = 9_999_999_999
            let forged = Token.base64URL(longer.serialized())
            let unsigned = Token.base64URL(Array(#"{"alg":"none","typ":"JWT"}"#.utf8))
            let read = try #require(AccountToken(token, signedWith: Array("key".utf8)))
            let texts = [
                "\(parts[0]).\(forged).\(parts[2])", "\(unsigned).\(forged).", "\(parts[0]).\(parts[1]).",
                "\(parts[0]).\(parts[1])", read.signed(with: Array("other".utf8)), token + "A", token + "=", "..",
                "se\u{1F600}same", "sesam",
            ]
            for text in texts {
                let status = try await review(cluster, text)
                #expect(status["error"] == "the token is unknown" && status["user"] == [:], "\(text)")
            }
            #expect(read.signed(with: Array("key".utf8)) == token)
        }
    }

    @Test func `of the data directory are known for every audience`() async throws {
        try await with { cluster in
            let status = try await review(cluster, "sesame", audiences: ["any"])
            #expect(status[path: "user", "username"] == "admin" && status["audiences"] == ["any"])
            #expect(status[path: "user", "groups"] == ["system:masters", "system:authenticated"])
            #expect(try await cluster.send("POST", Self.reviews, ["spec": [:]]).status == 400)
        }
    }

    @Test(
        arguments: [
            ("robot", ["expirationSeconds": 599], 422, "10 minutes"),
            ("robot", ["expirationSeconds": 4_294_967_297], 422, "2^32"), ("nobody", [:], 404, "not found"),
            ("robot", ["boundObjectRef": ["apiVersion": "v1", "kind": "Node", "name": "n"]], 400, "type Node"),
            ("robot", ["boundObjectRef": ["apiVersion": "v1", "kind": "Pod", "name": "q"]], 404, "pods \"q\""),
            (
                "robot", ["boundObjectRef": ["apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "x"]], 409,
                "does not match the UID"
            ),
            ("other", ["boundObjectRef": ["apiVersion": "v1", "kind": "Pod", "name": "p"]], 400, "another service"),
        ] as [(String, JSONValue, Int, String)]
    )
    func `that can't be issued`(account: String, spec: JSONValue, status: Int, text: String) async throws {
        try await with { cluster in
            _ = try await pod(cluster)
            let answer = try await cluster.send("POST", "\(Self.accounts)/\(account)/token", ["spec": spec])
            #expect(answer.status == status && answer.message.contains(text), "\(answer.status) \(answer.message)")
            #expect(try await cluster.get("\(Self.accounts)/\(account)/token").status == 405)
        }
    }
}
