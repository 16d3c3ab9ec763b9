import KargoCore
import Testing

@testable import BuiltinSteps

@Suite("http: what follows from a response")
struct HTTPVerdictTests {
    private func run(
        _ config: [String: JSONValue],
        _ response: StubServer.Response = .text("{\"n\": 1}")
    ) async throws -> StepResult {
        var result = StepResult(status: .aborted)
        try await HTTPBench.with(answer: .always(response)) { http async throws in result = try await http.run(config) }
        return result
    }

    @Test(
        arguments: [
            ("true", "true", .failed), ("true", "false", .succeeded), ("false", "true", .failed),
            ("false", "false", .running), ("true", nil, .succeeded), ("false", nil, .running), (nil, "true", .failed),
            (nil, "false", .running), ("", "", .succeeded), (nil, nil, .succeeded),
        ] as [(String?, String?, StepStatus)]
    )
    func `decides by both expressions`(success: String?, failure: String?, status: StepStatus) async throws {
        var config: [String: JSONValue] = [:]
        config["successExpression"] = success.map(JSONValue.string)
        config["failureExpression"] = failure.map(JSONValue.string)
        let result = try await run(config)
        #expect(result.status == status)
        #expect(result.retryAfter == (status == .running ? .seconds(30) : nil))
        if status == .failed { #expect(result == .failed("HTTP (200) response met failure criteria")) }
    }

    @Test(arguments: [200, 204, 299])
    func `takes a status of 2xx for success`(status: Int) async throws {
        #expect(try await run([:], StubServer.Response(status: status)).status == .succeeded)
    }

    @Test(arguments: [300, 304, 400, 404, 500, 503])
    func `takes any other status for a failed attempt, which may be repeated`(status: Int) async throws {
        let result = try await run([:], StubServer.Response(status: status))
        #expect(result.status == .failed)
        guard case .retryable(let message) = result.failure else {
            Issue.record("\(result)")
            return
        }
        #expect(message.contains("\(status)"))
    }

    @Test func `asks again when it is told to`() async throws {
        let config: [String: JSONValue] = ["successExpression": "false", "pollInterval": "1m30s"]
        #expect(try await run(config).retryAfter == .seconds(90))
    }

    @Test(
        arguments: [
            ("response.body.why", ": \"no \\\"luck\\\"\""), ("response.body.none", ""), ("response.body.none.x", ""),
            ("1", ""), ("", ""), ("\"\"", ""),
        ]
    )
    func `tells why it has failed`(expression: String, suffix: String) async throws {
        let config: [String: JSONValue] = ["failureExpression": "true", "errorExpression": .string(expression)]
        let result = try await run(config, .text("{\"why\": \"no \\\"luck\\\"\"}", status: 500))
        #expect(result == .failed("HTTP (500) response met failure criteria\(suffix)"))
    }

    @Test(arguments: ["successExpression", "failureExpression", "errorExpression"])
    func `gives up for good on what is no expression`(name: String) async throws {
        var config: [String: JSONValue] = name == "errorExpression" ? ["failureExpression": "true"] : [:]
        config[name] = "a +"
        let result = try await run(config)
        #expect(result.status == .errored)
        #expect(result.failure == .terminal(result.message))
    }

    @Test(arguments: ["1", "nil", "response.none.x", "\"true\""])
    func `breaks on a criterion that is neither true nor false`(expression: String) async throws {
        let result = try await run(["successExpression": .string(expression)])
        #expect(result.status == .errored)
        #expect(result.failure == .retryable(result.message))
    }

    @Test func `puts out what is asked for, numbers as they are`() async throws {
        let outputs: JSONValue = [
            ["name": "n", "fromExpression": "response.body.n"], ["name": "s", "fromExpression": "response.status"],
            ["name": "l", "fromExpression": "len(response.body.list)"],
            ["name": "h", "fromExpression": "response.header(\"x-REQUEST-id\")"],
            ["name": "hs", "fromExpression": "response.headers[\"X-Request-Id\"]"],
            ["name": "none", "fromExpression": "response.header(\"none\")"],
        ]
        var response = StubServer.Response.text("{\"n\": 12345678901, \"list\": [1.5]}")
        response.headers = [("x-request-id", "a"), ("X-Request-ID", "b")]
        let result = try await run(["outputs": outputs], response)
        let expected: [String: JSONValue] = [
            "n": 12_345_678_901, "s": 200, "l": 1, "h": "a", "hs": ["a", "b"], "none": "",
        ]
        #expect(result == .succeeded(output: expected))
    }

    @Test func `puts nothing out unless it has succeeded`() async throws {
        let outputs: JSONValue = [["name": "n", "fromExpression": "this is wrong"]]
        #expect(try await run(["outputs": outputs, "successExpression": "false"]).status == .running)
        let result = try await run(["outputs": outputs])
        #expect(result.status == .errored)
        #expect(result.failure == .terminal(result.message))
    }

    @Test(
        arguments: [
            ("{\"a\": 1}", nil, nil, ["a": 1]), ("{\"a\": 1}", "text/html", nil, ["a": 1]),
            ("<html>", "text/html", nil, [:]), ("", "application/json", nil, [:]),
            ("{\"a\": 1}", "text/plain; charset=utf-8", nil, "{\"a\": 1}"),
            ("a: 1", "Application/X-YAML", nil, ["a": 1]),
            ("a: 1", "text/yaml", nil, ["a": 1]), ("a: 1", "application/json", "application/yaml", ["a": 1]),
            ("a: 1", "application/yaml", "text/plain", "a: 1"), ("[1]", "APPLICATION/JSON ;x=y", nil, [1]),
            ("7", nil, nil, 7), ("null", nil, nil, .null),
        ] as [(String, String?, String?, JSONValue)]
    )
    func `reads the body by its type`(text: String, type: String?, override: String?, body: JSONValue) async throws {
        var config: [String: JSONValue] = ["outputs": [["name": "o", "fromExpression": "response.body"]]]
        config["responseContentType"] = override.map(JSONValue.string)
        #expect(try await run(config, .text(text, type: type)) == .succeeded(output: ["o": body]))
    }

    @Test(arguments: [("{", "application/json"), ("a: [", "application/yaml"), ("a: b", "application/json")])
    func `breaks on a body that is not what it says`(text: String, type: String) async throws {
        let result = try await run([:], .text(text, type: type))
        #expect(result.status == .errored)
        #expect(result.failure == .retryable(result.message))
    }

    @Test(arguments: [true, false])
    func `breaks on a body that is too large`(isChunked: Bool) async throws {
        var response = StubServer.Response(body: [UInt8](repeating: 0x20, count: HTTPSender.largestBody + 1))
        if isChunked { response.headers = [("transfer-encoding", "chunked")] }
        let result = try await run([:], response)
        #expect(result.status == .errored)
        #expect(result.message.contains("more than 2097152 bytes"))
        response.body.removeLast()
        #expect(try await run([:], response).status == .succeeded)
    }
}
