import KargoCore
import KargoTestSupport
import Testing

@testable import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Tag {
    /// Runs other programs.
    @Tag static var integration: Self
}

@Suite("Credential plugins", .tags(.integration))
struct ExecPluginIntegrationTests {
    private static let path = ["PATH": "/usr/bin:/bin"]

    /// A plugin that is a shell script.
    private func plugin(
        _ script: String,
        mode: ExecPlugin.InteractiveMode = .ifAvailable,
        cluster: JSONValue? = nil
    ) -> ExecPlugin {
        ExecPlugin(
            apiVersion: ExecPlugin.apiVersions[0],
            command: "sh",
            arguments: ["-c", script],
            environment: Self.path.merging(["TOKEN": "abc"]) { own, _ in own },
            interactiveMode: mode,
            cluster: cluster,
            source: "config: user \"u\""
        )
    }

    private func output(_ status: String) -> String {
        #"printf '{"kind":"ExecCredential","apiVersion":"\#(ExecPlugin.apiVersions[0])","status":{\#(status)}}'"#
    }

    @Test func `gets variables and the cluster, and hands out a token`() async throws {
        let script =
            #"test "$(cat)" = "" || exit 3; case "$KUBERNETES_EXEC_INFO" in *'"server":"https://one"'*) ;; *) exit 4;; esac; "#
        let credential = try await plugin(
            script + output(#""token":"'"$TOKEN"'","expirationTimestamp":"2030-01-01T00:00:00Z""#),
            cluster: ["server": "https://one"]
        )
        .run(terminal: false)
        #expect(credential.token == "abc")
        #expect(credential.expiration?.timeIntervalSince1970 == 1_893_456_000)
    }

    @Test(arguments: [
        ("echo boom >&2; exit 7", "failed with exit code 7: boom"), ("kill -9 $$", "failed with signal 9"),
        ("echo nonsense", "can't be used: its output is not a JSON object"),
        ("head -c 3000000 /dev/zero", "can't be run"),
        ("head -c 3000000 /dev/zero >&2", "can't be run"),
    ])
    func `says what a plugin did wrong`(script: String, reason: String) async throws {
        try await expectFailure(of: script, reason)
    }

    @Test func `says when a plugin takes too long`() async throws {
        try await expectFailure(of: "sleep 60", patience: .milliseconds(500), "did not end within")
    }

    @Test func `does not wait for what a plugin leaves behind`() async throws {
        // It keeps the output open; whether that is noticed, or only that nothing is in it, the system decides.
        try await expectFailure(of: "sleep 60 &", patience: .milliseconds(500), "the credential plugin")
    }

    private func expectFailure(of script: String, patience: Duration? = nil, _ reason: String) async throws {
        let error = await #expect(throws: KubernetesError.self) {
            try await plugin(script).run(terminal: false, patience: patience)
        }
        #expect(error?.code == .configuration)
        #expect(error?.message.hasPrefix("config: user \"u\": the credential plugin \"sh\" ") == true)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test func `says how to get a plugin that is not there`() async throws {
        var plugin = plugin("")
        plugin.command = "no-such-login"
        plugin.installHint = "Install it from https://example.com."
        let missing = plugin
        let error = await #expect(throws: KubernetesError.self) { _ = try await missing.run(terminal: false) }
        #expect(
            error?.message.hasSuffix("is not there, or is no program\nInstall it from https://example.com.") == true
        )
    }

    @Test func `does not start a plugin without the terminal that it needs`() async throws {
        let error = await #expect(throws: KubernetesError.self) {
            try await plugin("", mode: .always).run(terminal: false)
        }
        #expect(error?.message.contains("needs a terminal") == true)
    }

    @Test func `connects with the certificate of a plugin, and with the next one when it is refused`() async throws {
        let certificate = JSONValue.string(TestCertificate.chain).text()
        let key = JSONValue.string(TestCertificate.key).text()
        try await ScopedDirectory.with { directory in
            let credential = """
                {"kind":"ExecCredential","apiVersion":"\(ExecPlugin.apiVersions[0])",\
                "status":{"token":"T","clientCertificateData":\(certificate),"clientKeyData":\(key)}}
                """
            try directory.write(credential, to: "credential")
            let file = directory.file("credential")
            let counter = directory.file("count")
            let plugin = plugin(#"echo x >> \#(counter); sed "s/\"T\"/\"t$(wc -l < \#(counter))\"/" \#(file)"#)
            let answer: @Sendable (ScriptedServer.Request, Int) -> ScriptedServer.Answer = { request, _ in
                request.headers["authorization"] == ["Bearer t2"] ? .object() : .status(401)
            }
            try await ScriptedServer.with(tls: TestCertificate.serverContext(), answer) { server in
                var configuration = ClusterConfiguration(server: "https://127.0.0.1:\(server.port)")
                configuration.certificateAuthority = Array(TestCertificate.chain.utf8)
                configuration.credentials = .exec(plugin)
                try await ClusterConnection.with(configuration, reaching: .once) { api in
                    for _ in 0..<3 { _ = try await api.object(APIRequest(.get, "/x")) }
                }
                #expect(server.requests.count == 4)
                configuration.credentials = .token("t2")
                let bare = configuration
                let error = await #expect(throws: KubernetesError.self) {
                    try await ClusterConnection.with(bare, reaching: .once) { api in
                        _ = try await api.object(APIRequest(.get, "/x"))
                    }
                }
                #expect(error?.code == .unreachable)
            }
        }
    }
}
