import ExecutorRPC
import KargoCore
import Logging
import Testing

@Suite("Agent program")
struct AgentProgramTests {
    private static let digest = Digest.sha256("token".utf8).hexadecimal

    private func make(_ environment: [String: String]) throws(AgentProgram.ConfigurationError) {
        _ = try AgentProgram(
            environment: environment,
            registry: StepRegistry(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test(
        arguments: [
            nil, "", "abc", String(digest.dropLast()), String(digest.dropLast(2)), digest + "00",
            String(repeating: "g", count: 64), String(repeating: "０", count: 64),
        ] as [String?]
    )
    func `needs the digest of its token`(digest: String?) throws {
        var environment: [String: String] = [:]
        environment["KARGO_AGENT_TOKEN_SHA256"] = digest
        let error = try #require(throws: AgentProgram.ConfigurationError.self) { try make(environment) }
        #expect(
            error.description == "KARGO_AGENT_TOKEN_SHA256 must be the SHA-256 of a token, 64 hexadecimal digits"
        )
    }

    @Test(arguments: ["", "no JSON", "[]", #"{"mkdir": "http://localhost:9765"}"#, #"{"mkdir": {"address": "x"}}"#])
    func `needs to understand its plugins`(targets: String) throws {
        let environment = ["KARGO_AGENT_TOKEN_SHA256": Self.digest, "KARGO_STEP_PLUGIN_TARGETS": targets]
        let error = try #require(throws: AgentProgram.ConfigurationError.self) { try make(environment) }
        #expect(error.description.hasPrefix("KARGO_STEP_PLUGIN_TARGETS can't be read: "))
    }

    @Test(
        arguments: [
            nil, "{}", #"{"mkdir": {"address": "http://localhost:9765", "containerName": "mkdir-step-plugin"}}"#,
        ] as [String?]
    )
    func `takes what the controller writes`(targets: String?) throws {
        var environment = ["KARGO_AGENT_TOKEN_SHA256": Self.digest.uppercased()]
        environment["KARGO_STEP_PLUGIN_TARGETS"] = targets
        try make(environment)
    }

    @Test func `tells an ending that was asked for from one that nobody needs`() {
        #expect(AgentProgram.Ending.abandoned.rawValue == 0)
        #expect(AgentProgram.Ending.terminated.rawValue == 143)
    }
}
