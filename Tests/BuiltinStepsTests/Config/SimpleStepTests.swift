import BuiltinSteps
import KargoCore
import Testing

@Suite("compose-output, fail and the registry")
struct SimpleStepTests {
    @Test func `puts out what it is given`() async throws {
        try await StepBench.with { bench async throws in
            let config: JSONValue = ["a": 1, "b": ["c": [true, .null, 1.5]]]
            #expect(
                try await bench.run("compose-output", config)
                    == .succeeded(output: ["a": 1, "b": ["c": [true, .null, 1.5]]])
            )
            #expect(try await bench.run("compose-output", [:]).status == .failed)
        }
    }

    @Test(arguments: [([:], "failed"), (["message": "no luck"], "failed: no luck")] as [(JSONValue, String)])
    func `fails for good`(config: JSONValue, message: String) async throws {
        try await StepBench.with { bench async throws in
            #expect(try await bench.run("fail", config) == .failed(message))
        }
    }

    @Test func `are all registered`() async throws {
        let registry = try await BuiltinStepKinds.withRegistry(capabilities: StepCapabilities(), environment: [:]) {
            $0
        }
        #expect(
            registry.kinds == [
                "compose-output", "copy", "delete", "fail", "file-write", "http", "http-download", "oci-download", "oci-push",
                "yaml-parse", "yaml-update",
            ]
        )
        #expect(registry.kinds.filter { registry.kind($0)?.propagatesOutputToTask == true } == ["compose-output"])
    }
}
