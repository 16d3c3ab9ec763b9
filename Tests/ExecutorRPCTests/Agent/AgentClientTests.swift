import AsyncHTTPClient
import ExecutorRPC
import KargoCore
import Testing

@Suite("Agent client", .timeLimit(.minutes(1)))
struct AgentClientTests {
    /// Asks a server that has one answer.
    private func asking<Answer: Sendable>(
        _ reply: String,
        staysOpen: Bool = false,
        limit: Duration = .seconds(60),
        _ ask: (AgentClient) async throws -> Answer
    ) async throws -> (answer: Result<Answer, any Error>, requests: [String]) {
        let identity = try RunningAgent.identity.get()
        let pin = try RunningAgent.pin(identity)
        return try await SecureServer.with(identity: identity, reply: reply, staysOpen: staysOpen) { server in
            let client = HTTPPluginTransport.makeClient()
            let result: Result<Answer, any Error>
            do {
                let agent = AgentClient(
                    host: "127.0.0.1",
                    port: server.port,
                    pin: pin,
                    token: "the token",
                    client: client,
                    limit: limit
                )
                result = .success(try await ask(agent))
            } catch {
                result = .failure(error)
            }
            try await client.shutdown()
            return (result, server.requests)
        }
    }

    @Test func `shows its token and sends what the protocol says`() async throws {
        let start = ExecutionStart(id: "0.0.1", step: StepFixtures.fullStep)
        let report = #"{"id": "0.0.1", "bootID": "boot"}"#
        let (answer, requests) = try await asking(LoopbackServer.json(report)) { try await $0.start(start) }
        #expect(try answer.get() == ExecutionReport(id: "0.0.1", bootID: "boot"))
        let request = try #require(requests.first)
        #expect(request.hasPrefix("POST /api/v1/executions HTTP/1.1\r\n"))
        #expect(request.contains("authorization: Bearer the token\r\n"))
        #expect(request.contains("content-type: application/json\r\n"))
        let body = try JSONValue(
            parsing: String(request[try #require(request.firstRange(of: "\r\n\r\n")).upperBound...])
        )
        #expect(try JSONValueDecoder().decode(ExecutionStart.self, from: body) == start)
    }

    @Test func `waits in whole seconds`() async throws {
        let report = #"{"id": "a", "bootID": "boot"}"#
        let (answer, requests) = try await asking(LoopbackServer.json(report)) {
            try await $0.wait(for: "a", limit: .milliseconds(7900))
        }
        #expect(try answer.get() == ExecutionReport(id: "a", bootID: "boot"))
        #expect(requests.first?.hasPrefix("GET /api/v1/executions/a?wait=7 HTTP/1.1\r\n") == true)
    }

    @Test(
        arguments: [
            ("401 Unauthorized", "{}", AgentFailure.unauthorized),
            ("500 Internal Server Error", #"{"error": "broken"}"#, .refused("broken")),
            ("502 Bad Gateway", "<html>", .refused("it answered 502")),
            ("302 Found", "{}", .refused("it answered 302")),
            ("404 Not Found", "{}", .refused("it serves no executions")),
        ]
    )
    func `tells why there is no answer`(status: String, body: String, expected: AgentFailure) async throws {
        let (answer, requests) = try await asking(LoopbackServer.json(body, status: status)) { try await $0.list() }
        #expect(throws: expected) { try answer.get() }
        #expect(requests.count == 1)
    }

    @Test(arguments: ["", "no JSON", "[]", #"{"bootID": 5}"#])
    func `refuses an answer that makes no sense`(body: String) async throws {
        let (answer, _) = try await asking(LoopbackServer.json(body)) { try await $0.list() }
        let failure = try #require(throws: AgentFailure.self) { try answer.get() }
        guard case .refused(let reason) = failure else {
            Issue.record("\(failure) is no refusal")
            return
        }
        #expect(reason.hasPrefix("its answer can't be read: "))
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"])
    func `waits for no answer that does not end`(reply: String) async throws {
        let (answer, _) = try await asking(reply, staysOpen: true, limit: .milliseconds(200)) { try await $0.list() }
        #expect(throws: AgentFailure.unreachable("it took more than 200ms to answer")) { try answer.get() }
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"])
    func `takes a broken connection for being out of reach`(reply: String) async throws {
        let (answer, _) = try await asking(reply) { try await $0.list() }
        let failure = try #require(throws: AgentFailure.self) { try answer.get() }
        guard case .unreachable = failure else {
            Issue.record("\(failure) is not unreachable")
            return
        }
    }
}
