import KargoCore
import KargoTestSupport
import NIOHTTP1
import Testing

@testable import BuiltinSteps

@Suite("http: what is sent")
struct HTTPRequestTests {
    private func send(
        _ config: [String: JSONValue],
        prepare: (StepBench) throws -> Void = { _ in }
    ) async throws -> (result: StepResult, request: StubServer.Request?) {
        var outcome: (StepResult, StubServer.Request?) = (StepResult(status: .aborted), nil)
        try await HTTPBench.with(answer: .always(.text("{}"))) { http async throws in
            try prepare(http.bench)
            outcome = (try await http.run(config), http.server.requests.last)
        }
        return outcome
    }

    @Test(arguments: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    func `uses the method`(method: String) async throws {
        let (result, request) = try await send(["method": .string(method)])
        #expect(result.status == .succeeded)
        #expect(request?.method.rawValue == method)
        #expect(request?.body == "")
    }

    @Test func `gets unless told otherwise`() async throws {
        #expect(try await send([:]).request?.method == .GET)
    }

    @Test func `sends headers, several of one name too, and none of the connection's own`() async throws {
        let headers: JSONValue = [
            ["name": "X-A", "value": "1"], ["name": "X-A", "value": "2"], ["name": "Host", "value": "evil"],
            ["name": "Content-Length", "value": "7"], ["name": "Transfer-Encoding", "value": "chunked"],
        ]
        let (result, request) = try await send(["headers": headers, "method": "POST", "body": "ab"])
        #expect(result.status == .succeeded)
        #expect(request?.headers["x-a"] == ["1", "2"])
        #expect(request?.headers["content-length"] == ["2"])
        #expect(request?.headers["transfer-encoding"] == [])
        #expect(request?.headers["host"].first?.hasPrefix("127.0.0.1:") == true)
        #expect(request?.headers["content-type"] == [])
    }

    @Test(arguments: ["bad name", "x\r\ny"])
    func `sends no header that is malformed`(name: String) async throws {
        let (result, request) = try await send(["headers": [["name": .string(name), "value": "1"]]])
        #expect(result.status == .errored)
        #expect(request == nil)
    }

    @Test func `sends a text or a file`() async throws {
        #expect(try await send(["method": "POST", "body": "日本 {}"]).request?.body == "日本 {}")
        let (result, request) = try await send(["method": "PUT", "bodyFromFile": "d/body.json"]) { bench in
            try bench.write("{\"é\": 1}", to: "d/body.json")
        }
        #expect(result.status == .succeeded)
        #expect(request?.body == "{\"é\": 1}")
    }

    @Test(arguments: ["none", "../secret", "/secret", "link", "large"])
    func `gives up for good on a file that can't be sent`(path: String) async throws {
        let (result, request) = try await send(["method": "POST", "bodyFromFile": .string(path)]) { bench in
            try bench.outside.write("secret", to: "secret")
            try bench.link("link", to: "../secret")
            try bench.write(String(repeating: "x", count: HTTPSender.largestBody + 1), to: "large")
        }
        #expect(result.status == .errored)
        #expect(result.failure == .terminal(result.message))
        #expect(request == nil)
    }

    @Test func `adds to the query and encodes it anew`() async throws {
        try await HTTPBench.with(answer: .always(.text("{}"))) { http async throws in
            let parameters: JSONValue = [
                ["name": "q", "value": "a b&c=é/+"], ["name": "a", "value": "2"], ["name": "z", "value": "~"],
            ]
            let url = http.server.url("/p%20q?z=1&a=1#fragment")
            #expect(try await http.run(["url": .string(url), "queryParams": parameters]).status == .succeeded)
            #expect(http.server.requests.last?.uri == "/p%20q?a=1&a=2&q=a+b%26c%3D%C3%A9%2F%2B&z=1&z=~")
            #expect(try await http.run(["url": .string(url)]).status == .succeeded)
            #expect(http.server.requests.last?.uri == "/p%20q?z=1&a=1")
        }
    }

    @Test func `takes user and password from the URL`() async throws {
        try await HTTPBench.with(answer: .always(.text("{}"))) { http async throws in
            let url = "http://user:p%40ss@127.0.0.1:\(http.server.port)/"
            #expect(try await http.run(["url": .string(url)]).status == .succeeded)
            #expect(http.server.requests.last?.headers["authorization"] == ["Basic dXNlcjpwQHNz"])
            let headers: JSONValue = [["name": "Authorization", "value": "Bearer x"]]
            #expect(try await http.run(["url": .string(url), "headers": headers]).status == .succeeded)
            #expect(http.server.requests.last?.headers["authorization"] == ["Bearer x"])
        }
    }

    @Test(
        arguments: [
            "x", "ftp://127.0.0.1/", "unix:///var/run/docker.sock", "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
            "http://",
            "http:///x", "http://ho%73t/", "http://127.0.0.1:99999/", "http://127.0.0.1:0/", "//127.0.0.1/",
        ]
    )
    func `gives up for good on a URL that is none for HTTP`(url: String) async throws {
        let (result, _) = try await send(["url": .string(url)])
        #expect(result.status == .errored)
        #expect(result.failure == .terminal(result.message))
    }

    @Test func `says nothing of secrets in an error`() async throws {
        try await HTTPBench.with(answer: .always(StubServer.Response(neverComes: true))) { http async throws in
            let url = "http://user:hunter2@127.0.0.1:\(http.server.port)/?token=hunter2"
            let result = try await http.run(["url": .string(url), "timeout": "20ms"])
            #expect(result.status == .errored)
            #expect(!result.message.contains("hunter2"))
        }
    }

    @Test func `waits no longer than it may`() async throws {
        try await HTTPBench.with(answer: .always(StubServer.Response(neverComes: true))) { http async throws in
            let result = try await http.run(["timeout": "50ms"])
            #expect(result.status == .errored)
            #expect(result.failure == .retryable(result.message))
            #expect(result.message.contains("50ms"))
        }
    }

    @Test(.timeLimit(.minutes(1))) func `ends with the task`() async throws {
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
        try await HTTPBench.with(
            answer: .by { _ in
                arrival.finish()
                return StubServer.Response(neverComes: true)
            }
        ) { http async throws in
            await withThrowingTaskGroup(of: StepResult.self) { group in
                group.addTask { try await http.run(["timeout": "1h"]) }
                for await _ in arrivals {}
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
        }
    }

    @Test func `breaks where nobody listens`() async throws {
        var port = 0
        try await StubServer.with(answer: .always(.text(""))) { port = $0.port }
        let (result, _) = try await send(["url": .string("http://127.0.0.1:\(port)/")])
        #expect(result.status == .errored)
        #expect(result.failure == .retryable(result.message))
    }
}
