import NIOHTTP1

extension PageSetting {
    /// A server with the file `/values/prod.yaml`.
    static let files = PageSetting(name: "files") { _, body in
        let answer = StubServer.Answer.by { request in
            request.method == .GET && request.uri == "/values/prod.yaml"
                ? .text("replicas: 3\n", type: "application/yaml") : .text("", status: 404)
        }
        try await StubServer.with(answer: answer) { server in
            try await body(PageScene(vars: ["url": "http://127.0.0.1:\(server.port)"]))
        }
    }
}
