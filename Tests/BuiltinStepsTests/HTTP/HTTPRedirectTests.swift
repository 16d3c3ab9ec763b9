import KargoCore
import NIOHTTP1
import Testing

@testable import BuiltinSteps

@Suite("http: redirects")
struct HTTPRedirectTests {
    @Test(
        arguments: [
            (301, "POST", "GET", ""), (302, "PUT", "GET", ""), (303, "DELETE", "GET", ""), (302, "HEAD", "HEAD", ""),
            (307, "POST", "POST", "body"), (308, "PUT", "PUT", "body"), (301, "GET", "GET", ""),
        ]
    )
    func `are followed as Go's client does`(status: Int, method: String, next: String, body: String) async throws {
        try await HTTPBench.with(
            answer: .by { request in
                request.path == "/" ? .redirect(to: "next?x=1", status: status) : .text("{}")
            }
        ) { http async throws in
            let headers: JSONValue = [["name": "Content-Type", "value": "text/x"], ["name": "X-A", "value": "1"]]
            let result = try await http.run(["method": .string(method), "body": "body", "headers": headers])
            #expect(result.status == .succeeded)
            let last = http.server.requests.last
            #expect(last?.uri == "/next?x=1")
            #expect(last?.method.rawValue == next)
            #expect(last?.body == body)
            #expect(last?.headers["x-a"] == ["1"])
            #expect(last?.headers["content-type"] == (body.isEmpty ? [] : ["text/x"]))
        }
    }

    @Test func `end after ten requests`() async throws {
        try await HTTPBench.with(answer: .always(.redirect(to: "/"))) { http async throws in
            let result = try await http.run()
            #expect(result.status == .errored)
            #expect(result.message.contains("redirects"))
            #expect(http.server.requests.count == 10)
        }
    }

    @Test func `that name no place are answers`() async throws {
        try await HTTPBench.with(answer: .always(StubServer.Response(status: 302))) { http async throws in
            #expect(try await http.run(["successExpression": "response.status == 302"]).status == .succeeded)
        }
    }

    @Test(arguments: [("sub.first.test", true), ("other.test", false), ("notfirst.test", false), ("127.0.0.1", false)])
    func `take secrets along to the same domain only`(host: String, areKept: Bool) async throws {
        let hosts = ["first.test": ["127.0.0.1"], host: ["127.0.0.1"]]
        try await HTTPBench.with(
            hosts: hosts,
            answer: .by { request in
                guard request.path == "/", let port = request.headers["host"].first?.split(separator: ":").last else {
                    return .text("{}")
                }
                return .redirect(to: "http://\(host):\(port)/next")
            }
        ) { http async throws in
            let headers: JSONValue = [
                ["name": "Authorization", "value": "secret"], ["name": "Cookie", "value": "secret"],
                ["name": "X-A", "value": "1"],
            ]
            let url = http.server.url("/", host: "first.test")
            #expect(try await http.run(["url": .string(url), "headers": headers]).status == .succeeded)
            #expect(http.server.requests.count == 2)
            let last = http.server.requests.last
            #expect(last?.headers["authorization"] == (areKept ? ["secret"] : []))
            #expect(last?.headers["cookie"] == (areKept ? ["secret"] : []))
            #expect(last?.headers["x-a"] == ["1"])
        }
    }

    @Test(arguments: [
        "http://169.254.169.254/latest", "http://metadata.test/", "http://[fe80::1]/", "file:///etc/passwd",
    ])
    func `never lead to where nobody may go`(location: String) async throws {
        try await HTTPBench.with(
            hosts: ["metadata.test": ["169.254.169.254"]],
            answer: .always(.redirect(to: location))
        ) { http async throws in
            let result = try await http.run()
            #expect(result.status == .errored)
            #expect(result.message.contains("link-local") || result.message.contains("scheme"))
        }
    }
}
