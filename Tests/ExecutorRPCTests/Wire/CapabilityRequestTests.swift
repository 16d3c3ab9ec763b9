import AsyncHTTPClient
import ExecutorRPC
import KargoCore
import NIOHTTP1
import Testing

@Suite("Questions and answers on the wire", .timeLimit(.minutes(1)))
struct CapabilityRequestTests {
    private static func warehouse() -> Warehouse {
        var warehouse = Warehouse()
        warehouse.metadata.name = "main"
        return warehouse
    }

    @Test(
        arguments: [
            .credentials(type: .helm, url: "oci://r.example/c"), .gitUser, .warehouse(name: "main"),
        ] as [CapabilityQuestion]
    )
    func `a need is read back as it was written`(question: CapabilityQuestion) throws {
        let request = CapabilityRequest(id: "1", question: question)
        let report = ExecutionReport(id: "0.0.1", bootID: "boot", needs: [request])
        let bytes = try JSONValueEncoder().encode(report).serialized()
        #expect(try JSONValueDecoder().decode(ExecutionReport.self, from: JSONValue(parsing: bytes)) == report)
    }

    @Test(
        arguments: [
            .credentials(username: "u", password: "p\n\u{0}ü", sshPrivateKey: "k"),
            .gitUser(name: "n", email: "e", signingKey: "s"), .warehouse(warehouse()), .nothing,
            .refused(reason: "no"), .failed(reason: "down"),
        ] as [CapabilityReply]
    )
    func `an answer is read back as it was written`(reply: CapabilityReply) throws {
        let answers = ExecutionAnswers([CapabilityAnswer(id: "1", reply: reply)])
        let bytes = try JSONValueEncoder().encode(answers).serialized()
        #expect(try JSONValueDecoder().decode(ExecutionAnswers.self, from: JSONValue(parsing: bytes)) == answers)
    }

    @Test func `a report without needs is that of before`() throws {
        let value = try JSONValueEncoder().encode(ExecutionReport(id: "a", bootID: "boot"))
        #expect(value == ["id": "a", "bootID": "boot"])
        #expect(try JSONValueDecoder().decode(ExecutionReport.self, from: value).needs == [])
    }

    @Test(
        arguments: [
            .credentials(username: "u", password: "secret-1", sshPrivateKey: "secret-2"),
            .gitUser(name: "n", email: "e", signingKey: "secret-3"),
        ] as [CapabilityReply]
    )
    func `an answer does not show its secrets`(reply: CapabilityReply) {
        let answers = ExecutionAnswers([CapabilityAnswer(id: "1", reply: reply)])
        for text in ["\(reply)", "\(answers)", String(reflecting: answers), "\([reply])"] {
            #expect(!text.contains("secret-"), "\(text)")
        }
    }

    // MARK: Over HTTP

    private let service = ExecutionService(bootID: "boot") { step, _ in
        let found = try await BrokeredCapabilities().credentials(.git, for: "https://git.example/a", project: "")
        return .succeeded(output: ["user": .string(found?.username ?? "")])
    }

    @Test func `go over HTTP`() async throws {
        try await RunningAgent.with(service) { agent in
            let connection = agent.connection
            _ = try await connection.start(ExecutionStart(id: "0.0.1", step: StepFixtures.step()))
            let report = try #require(try await connection.wait(for: "0.0.1", limit: .seconds(25)))
            let request = try #require(report.needs.first)
            #expect(request.question == .credentials(type: .git, url: "https://git.example/a"))
            let reply = CapabilityReply.credentials(username: "me", password: "secret", sshPrivateKey: "")
            let answers = ExecutionAnswers([CapabilityAnswer(id: request.id, reply: reply)])
            #expect(try await connection.answer("none", answers) == nil)
            let answered = try #require(try await connection.answer("0.0.1", answers))
            #expect(answered.needs == [])
            let end = try await connection.wait(for: "0.0.1", limit: .seconds(25))
            #expect(end?.result == .succeeded(output: ["user": "me"]))
            // Again, as after a broken connection.
            #expect(try await connection.answer("0.0.1", answers) == end)
        }
    }

    @Test(
        arguments: [
            ("a/answers", "Bearer wrong", "{", 401), ("a/answers", "Bearer \(RunningAgent.token)", "{", 400),
            (
                "a/answers", "Bearer \(RunningAgent.token)",
                #"{"answers": [{"id": "1", "reply": {"credentials": {"password": ["secret-1"]}}}]}"#, 400
            ),
            ("a/answers", "Bearer \(RunningAgent.token)", #"{"answers": []}"#, 404),
            ("/answers", "Bearer \(RunningAgent.token)", #"{"answers": []}"#, 404),
            ("answers", "Bearer \(RunningAgent.token)", #"{"answers": []}"#, 404),
        ]
    )
    func `are refused without quoting them`(
        path: String,
        authorization: String,
        body: String,
        status: Int
    ) async throws {
        try await RunningAgent.with(service) { agent in
            var request = HTTPClientRequest(url: "/api/v1/executions/\(path)")
            request.method = .POST
            request.headers.add(name: "authorization", value: authorization)
            request.body = .bytes(Array(body.utf8))
            let reply = try await agent.send(request)
            #expect(reply.status == status)
            #expect(!reply.body.contains("secret-1"))
        }
    }
}
