import NIOHTTP1

extension PageSetting {
    /// A server that answers `POST /deployments` with status 201 and what it was sent, and other requests with 404.
    static let http = PageSetting(name: "http") { _, body in
        let answer = StubServer.Answer.by { request in
            request.method == .POST && request.uri == "/deployments"
                ? .text(request.body, type: "application/json", status: 201) : .text("", status: 404)
        }
        try await StubServer.with(answer: answer) { server in
            try await body(PageScene(vars: ["url": "http://127.0.0.1:\(server.port)"]))
        }
    }
}
