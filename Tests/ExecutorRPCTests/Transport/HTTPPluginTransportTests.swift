import ArgoCompat
import AsyncHTTPClient
import ExecutorRPC
import Testing

@Suite("HTTP transport to a plugin", .timeLimit(.minutes(1)))
struct HTTPPluginTransportTests {
    private func withClient<Answer>(_ body: (HTTPClient) async throws -> Answer) async throws -> Answer {
        let client = HTTPPluginTransport.makeClient()
        let outcome: Result<Answer, any Error>
        do {
            outcome = .success(try await body(client))
        } catch {
            outcome = .failure(error)
        }
        try await client.shutdown()
        return try outcome.get()
    }

    private func post(_ address: String, token: String? = nil, body: String = "{}") async throws -> PluginReply {
        try await withClient { client in
            try await HTTPPluginTransport(address: address, token: token, client: client)
                .post(path: "/api/v1/step.execute", body: Array(body.utf8))
        }
    }

    private func failure(_ reply: String) async throws -> PluginTransportError {
        try await LoopbackServer.with(reply: reply) { server in
            try await #require(throws: PluginTransportError.self) {
                try await post("http://127.0.0.1:\(server.port)")
            }
        }
    }

    @Test func `posts a document and shows the token`() async throws {
        try await LoopbackServer.with(reply: LoopbackServer.json(#"{"status":"Succeeded"}"#)) { server in
            let reply = try await post("http://127.0.0.1:\(server.port)", token: "secret", body: #"{"a":1}"#)
            #expect(reply == PluginReply(status: 200, body: Array(#"{"status":"Succeeded"}"#.utf8)))
            let request = try #require(server.requests.first)
            #expect(request.hasPrefix("POST /api/v1/step.execute HTTP/1.1\r\n"))
            #expect(request.contains("authorization: Bearer secret\r\n"))
            #expect(request.contains("content-type: application/json\r\n"))
            #expect(request.hasSuffix("\r\n\r\n{\"a\":1}"))
        }
    }

    @Test func `shows no token where there is none`() async throws {
        try await LoopbackServer.with(reply: LoopbackServer.json("{}")) { server in
            _ = try await post("http://127.0.0.1:\(server.port)")
            #expect(server.requests.first?.lowercased().contains("authorization") == false)
        }
    }

    @Test(arguments: [LoopbackServer.Address.ipv4, .ipv6])
    func `finds a plugin on either loopback address`(address: LoopbackServer.Address) async throws {
        try await LoopbackServer.with(address, reply: LoopbackServer.json("{}")) { server in
            let reply = try await post("http://localhost:\(server.port)")
            #expect(reply.status == 200)
        }
    }

    @Test(arguments: ["404 Not Found", "503 Service Unavailable", "500 Internal Server Error"])
    func `hands on every status`(status: String) async throws {
        try await LoopbackServer.with(reply: LoopbackServer.json("no", status: status)) { server in
            let reply = try await post("http://127.0.0.1:\(server.port)")
            #expect("\(reply.status)" == status.prefix(3))
            #expect(reply.body == Array("no".utf8))
        }
    }

    @Test(arguments: ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
    func `follows no redirect`(status: String) async throws {
        try await LoopbackServer.with(reply: LoopbackServer.json("{}")) { target in
            let location = "location: http://127.0.0.1:\(target.port)/\r\n"
            let reply = "HTTP/1.1 \(status)\r\n\(location)content-length: 0\r\nconnection: close\r\n\r\n"
            try await LoopbackServer.with(reply: reply) { server in
                let answer = try await post("http://127.0.0.1:\(server.port)", token: "secret")
                #expect("\(answer.status)" == status.prefix(3))
            }
            #expect(target.requests == [])
        }
    }

    @Test func `takes an answer as large as the limit`() async throws {
        let text = String(repeating: "x", count: HTTPPluginTransport.largestAnswer)
        try await LoopbackServer.with(reply: LoopbackServer.json(text)) { server in
            let reply = try await post("http://127.0.0.1:\(server.port)")
            #expect(reply.body.count == HTTPPluginTransport.largestAnswer)
        }
    }

    @Test func `takes no larger answer whether its size is told or not`() async throws {
        let text = String(repeating: "x", count: HTTPPluginTransport.largestAnswer + 1)
        let expected = PluginTransportError.failed("answered with more than 1048576 bytes")
        for reply in [LoopbackServer.json(text), "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n\(text)"] {
            let error = try await failure(reply)
            #expect(error == expected)
        }
    }

    @Test func `tells when nobody listens`() async throws {
        let port = try await LoopbackServer.with(reply: "") { $0.port }
        for host in ["127.0.0.1", "[::1]", "localhost"] {
            await #expect(throws: PluginTransportError.connectionRefused) {
                try await post("http://\(host):\(port)")
            }
        }
    }

    @Test func `tells when the plugin hangs up`() async throws {
        #expect(try await failure("") == .failed("closed the connection without an answer"))
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", "nonsense\r\n\r\n"])
    func `tells of an answer that breaks off or is none`(reply: String) async throws {
        let error = try await failure(reply)
        guard case .failed = error else {
            Issue.record("\(error) says that nobody listens")
            return
        }
    }

    @Test(
        arguments: [
            "", "localhost:9765", "https://localhost:9765", "http://localhost", "http://localhost:",
            "http://localhost:0",
            "http://localhost:65536", "http://localhost:9765/", "http://localhost:9765/path", "http://localhost:x",
            "http://plugin.example:9765", "http://metadata:80", "http://127.0.0.1.example:80",
            "http://user@127.0.0.1:80",
            "http://127.0.0.1", "http://:9765", "http://127.1:9765", "http://0x7f000001:9765", "http://::1:9765",
            "http://[127.0.0.1]:9765", "http://[localhost]:9765", "http://127.0.0.1:+80", "HTTP://localhost:9765",
            "http://LOCALHOST:9765", "http://127.0.0.1:80 ", "http://[::1:80",
        ]
    )
    func `calls nothing but localhost and numbers`(address: String) async throws {
        try await withClient { client in
            let error = try #require(throws: HTTPPluginTransport.AddressError.self) {
                try HTTPPluginTransport(address: address, token: nil, client: client)
            }
            #expect(
                error.description
                    == "a plugin's address must be http://localhost:PORT or http://IP:PORT, not \"\(address)\""
            )
        }
    }

    @Test(arguments: ["http://localhost:9765", "http://127.0.0.1:1", "http://10.0.0.7:65535", "http://[::1]:9765"])
    func `takes addresses that say where the plugin is`(address: String) async throws {
        try await withClient { client in
            _ = try HTTPPluginTransport(address: address, token: nil, client: client)
        }
    }
}
