import ExecutorRPC
import KargoCore
import Testing

@Suite("Agent protocol")
struct AgentProtocolTests {
    @Test func `an execution is read back as it was written`() throws {
        let start = ExecutionStart(id: "0.0.1", step: StepFixtures.fullStep, timeout: 12.5)
        let value = try JSONValueEncoder().encode(start)
        #expect(value["id"] == "0.0.1")
        #expect(value["timeout"] == 12.5)
        #expect(try JSONValueDecoder().decode(ExecutionStart.self, from: value) == start)
    }

    @Test(
        arguments: [
            nil, StepResult.succeeded(output: ["a": [1, nil]]), .failed("no"), .errored("boom"),
            .erroredForGood("boom"),
            .running("wait", retryAfter: .milliseconds(2500)),
            StepResult(status: .succeeded, healthCheck: HealthCheckStep(uses: "argocd", config: ["a": 1])),
        ] as [StepResult?]
    )
    func `a report is read back as it was written`(result: StepResult?) throws {
        let list = ExecutionList(
            bootID: "boot",
            executions: [ExecutionReport(id: "0.0.1", bootID: "boot", result: result)]
        )
        let bytes = try JSONValueEncoder().encode(list).serialized()
        #expect(try JSONValueDecoder().decode(ExecutionList.self, from: JSONValue(parsing: bytes)) == list)
    }
}
