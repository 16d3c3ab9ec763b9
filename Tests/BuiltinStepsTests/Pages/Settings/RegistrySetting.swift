extension PageSetting {
    /// A registry with the artifact `team/config:1.0`: a text and values in YAML.
    static let registry = PageSetting(name: "registry") { _, body in
        let registry = StubRegistry()
        registry.add(
            TestImage.image(
                ("text/plain", Array("Values for production.\n".utf8)),
                ("application/vnd.example.values.v1+yaml", Array("replicas: 3\n".utf8))
            ),
            to: "team/config",
            as: "1.0"
        )
        try await StubServer.with(answer: registry.answer) { server in
            try await body(PageScene(vars: ["registry": "127.0.0.1:\(server.port)"]))
        }
    }
}
