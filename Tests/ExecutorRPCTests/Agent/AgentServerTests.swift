import AsyncHTTPClient
import ExecutorRPC
import KargoCore
import NIOHTTP1
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// When executions start.
private let moment = Date(timeIntervalSince1970: 0)
private let now: @Sendable () -> Date = { moment }

@Suite("Agent server", .timeLimit(.minutes(1)))
struct AgentServerTests {
    /// Runs steps that succeed at once, except those of the kind `endless`.
    private let service = ExecutionService(bootID: "boot", now: now) { step, _ in
        if step.kind == "endless" {
            let (never, _) = AsyncStream.makeStream(of: Void.self)
            for await _ in never {}
            throw CancellationError()
        }
        return .succeeded(output: step.config.objectValue)
    }

    private struct Reply: Sendable {
        var status: Int
        var error: String
    }

    private func send(
        _ agent: RunningAgent,
        _ method: String,
        _ path: String,
        authorization: String? = "Bearer \(RunningAgent.token)",
        body: String = ""
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: path)
        request.method = HTTPMethod(rawValue: method)
        if let authorization { request.headers.add(name: "authorization", value: authorization) }
        if !body.isEmpty { request.body = .bytes(Array(body.utf8)) }
        let (status, text) = try await agent.send(request)
        return Reply(status: status, error: try JSONValue(parsing: text)["error"]?.stringValue ?? "")
    }

    @Test(
        arguments: [
            nil, "", "Bearer", "Bearer ", "Bearer wrong",
            "Basic \(RunningAgent.token)", RunningAgent.token,
        ] as [String?]
    )
    func `turns away whoever has not the right token`(authorization: String?) async throws {
        try await RunningAgent.with(service) { agent in
            for (method, path) in [
                ("GET", "/api/v1/executions"), ("POST", "/api/v1/executions"), ("GET", "/api/v1/executions/a"),
                ("DELETE", "/api/v1/executions/a"), ("GET", "/elsewhere"),
            ] {
                let reply = try await send(agent, method, path, authorization: authorization, body: "{")
                #expect(reply.status == 401)
                #expect(reply.error == "the bearer token is missing or wrong")
            }
            #expect(agent.authorizedRequests == 0)
        }
    }

    @Test(.enabled(if: IPAddress.kernelHasIPv6), arguments: ["::1", "0:0:0:0:0:0:0:1"])
    func `is reached by IPv6`(host: String) async throws {
        try await RunningAgent.with(service, host: host) { agent in
            let list = try await agent.connection.list()
            #expect(list.bootID == "boot")
        }
    }

    @Test func `tells a controller of the wrong token so`() async throws {
        try await RunningAgent.with(service) { agent in
            await #expect(throws: AgentFailure.unauthorized) {
                try await agent.connection(token: "wrong").list()
            }
        }
    }

    @Test func `runs a step for whoever has the right token`() async throws {
        try await RunningAgent.with(service) { agent in
            let step = StepFixtures.step(config: ["n": 1])
            _ = try await agent.connection.start(ExecutionStart(id: "0.0.1", step: step))
            let report = try await agent.connection.wait(for: "0.0.1", limit: .seconds(25))
            #expect(
                report
                    == ExecutionReport(
                        id: "0.0.1",
                        bootID: "boot",
                        startedAt: KubernetesMicroTime(moment),
                        result: .succeeded(output: ["n": 1])
                    )
            )
            #expect(try await agent.connection.list().executions == [try #require(report)])
            #expect(agent.authorizedRequests == 3)
        }
    }

    @Test func `starts nothing twice and no two at a time`() async throws {
        try await RunningAgent.with(service) { agent in
            let start = ExecutionStart(id: "a", step: StepFixtures.step("endless"))
            for _ in 0..<2 {
                let report = try await agent.connection.start(start)
                #expect(report == ExecutionReport(id: "a", bootID: "boot", startedAt: KubernetesMicroTime(moment)))
            }
            await #expect(throws: AgentFailure.refused("execution a is going on")) {
                try await agent.connection.start(ExecutionStart(id: "b", step: StepFixtures.step()))
            }
        }
    }

    @Test func `cancels`() async throws {
        try await RunningAgent.with(service) { agent in
            _ = try await agent.connection.start(ExecutionStart(id: "a", step: StepFixtures.step("endless")))
            try await agent.connection.cancel("a")
            let report = try await agent.connection.wait(for: "a", limit: .zero)
            #expect(report?.result == .errored("the step was cancelled"))
        }
    }

    @Test func `knows no other execution`() async throws {
        try await RunningAgent.with(service) { agent in
            #expect(try await agent.connection.wait(for: "a", limit: .seconds(25)) == nil)
            try await agent.connection.cancel("a")
            let reply = try await send(agent, "GET", "/api/v1/executions/a")
            #expect(reply.status == 404)
            #expect(reply.error == "there is no such execution")
        }
    }

    @Test(arguments: ["nan", "inf", "1e300", "-1e300", "9223372036854775807", "soon", "-1", ""])
    func `survives any wait that is asked for`(wait: String) async throws {
        try await RunningAgent.with(service) { agent in
            _ = try await agent.connection.start(ExecutionStart(id: "a", step: StepFixtures.step()))
            _ = try await agent.connection.wait(for: "a", limit: .seconds(25))
            let reply = try await send(agent, "GET", "/api/v1/executions/a?wait=\(wait)")
            #expect(reply.status == 200)
        }
    }

    @Test(
        arguments: [
            ("GET", "/", 404), ("GET", "/api/v1/other", 404), ("PUT", "/api/v1/executions", 404),
            ("POST", "/api/v1/executions/a", 404), ("GET", "/api/v1/executions", 200),
        ]
    )
    func `has nothing at other paths`(method: String, path: String, status: Int) async throws {
        try await RunningAgent.with(service) { agent in
            let reply = try await send(agent, method, path)
            #expect(reply.status == status)
        }
    }

    @Test(arguments: ["", "no JSON", "[]", "{}", #"{"id": "a"}"#, #"{"id": 5, "step": {}}"#])
    func `refuses a body that is no execution`(body: String) async throws {
        try await RunningAgent.with(service) { agent in
            let reply = try await send(agent, "POST", "/api/v1/executions", body: body)
            #expect(reply.status == 400)
            #expect(reply.error.hasPrefix("the body is no execution: "))
        }
    }

    @Test func `refuses a body that is too large`() async throws {
        try await RunningAgent.with(service) { agent in
            let body = String(repeating: " ", count: AgentProtocol.largestRequest + 1)
            let reply = try await send(agent, "POST", "/api/v1/executions", body: body)
            #expect(reply.status == 413)
        }
    }
}
