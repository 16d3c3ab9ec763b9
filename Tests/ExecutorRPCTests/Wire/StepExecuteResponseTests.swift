import ExecutorRPC
import KargoCore
import Testing

@Suite("Answer of a plugin")
struct StepExecuteResponseTests {
    private func result(_ answer: JSONValue) throws -> StepResult {
        try JSONValueDecoder().decode(StepExecuteResponse.self, from: answer).result(kind: "probe")
    }

    private static let meanings: [(JSONValue, StepResult)] = [
        (["status": "Succeeded"], StepResult(status: .succeeded)),
        (["status": "Skipped", "message": "no change"], StepResult(status: .skipped, message: "no change")),
        (
            ["status": "Succeeded", "output": ["sha": "1"]],
            StepResult(status: .succeeded, output: ["sha": "1"])
        ),
        (["status": "Running", "message": "wait"], StepResult(status: .running, message: "wait")),
        (
            ["status": "Running", "retryAfter": "1m30s"],
            StepResult(status: .running, retryAfter: .seconds(90))
        ),
        (["status": "Aborted"], StepResult(status: .aborted)),
        // A step that failed with a sentence is not tried again; one that broke is, unless it says otherwise.
        (
            ["status": "Failed", "message": "no"],
            StepResult(status: .failed, message: "no", failure: .terminal("no"))
        ),
        (["status": "Failed"], StepResult(status: .failed)),
        (
            ["status": "Failed", "error": "boom"],
            StepResult(status: .failed, failure: .retryable("boom"))
        ),
        (
            ["status": "Errored", "message": "no"],
            StepResult(status: .errored, message: "no", failure: .retryable("no"))
        ),
        (
            ["status": "Errored", "message": "no", "terminal": true],
            StepResult(status: .errored, message: "no", failure: .terminal("no"))
        ),
        (
            ["status": "Errored", "message": "no", "error": "boom"],
            StepResult(status: .errored, message: "no", failure: .retryable("boom"))
        ),
        (
            ["status": "Errored", "error": "boom", "terminal": true],
            StepResult(status: .errored, failure: .terminal("boom"))
        ),
    ]

    @Test(arguments: meanings)
    func `means what the original makes of it`(answer: JSONValue, expected: StepResult) throws {
        #expect(try result(answer) == expected)
    }

    @Test(arguments: [[:], ["status": ""], ["status": nil]] as [JSONValue])
    func `without a status says that the kind is not known`(answer: JSONValue) throws {
        #expect(try result(answer) == .erroredForGood("the plugin does not implement the step kind \"probe\""))
    }

    @Test func `with a status that does not exist is an error for good`() throws {
        let result = try result(["status": "succeeded", "message": "fine"])
        #expect(result.status == .errored)
        #expect(result.failure == .terminal("the plugin answered with the status \"succeeded\", which does not exist"))
    }

    @Test(
        arguments: [
            ["Kind": "argocd", "Input": ["apps": ["a"]]], ["kind": "argocd", "input": ["apps": ["a"]]],
            ["uses": "argocd", "config": ["apps": ["a"]]],
        ] as [JSONValue]
    )
    func `may spell a health check in three ways`(check: JSONValue) throws {
        let result = try result(["status": "Succeeded", "healthCheck": check])
        #expect(result.healthCheck == HealthCheckStep(uses: "argocd", config: ["apps": ["a"]]))
    }

    @Test func `is refused with a health check of no kind`() {
        #expect(throws: FieldError.self) {
            try result(["status": "Succeeded", "healthCheck": ["Input": [:]]])
        }
    }

    @Test(
        arguments: [
            ["status": 5], ["status": "Running", "retryAfter": "soon"], ["output": "text"], ["terminal": "yes"], [],
        ] as [JSONValue]
    )
    func `is refused where a field has another type`(answer: JSONValue) {
        #expect(throws: FieldError.self) { try result(answer) }
    }

    @Test func `writes the status always and the rest only where there is something`() throws {
        #expect(try JSONValueEncoder().encode(StepExecuteResponse()) == ["status": ""])
        var answer = StepExecuteResponse()
        answer.status = "Running"
        answer.message = "wait"
        answer.output = ["a": 1]
        answer.healthCheck = .init(kind: "argocd", input: [:])
        answer.retryAfter = GoDuration(.seconds(5))
        answer.error = "boom"
        answer.terminal = true
        #expect(
            try JSONValueEncoder().encode(answer) == [
                "status": "Running", "message": "wait", "output": ["a": 1],
                "healthCheck": ["Kind": "argocd", "Input": [:]], "retryAfter": "5s", "error": "boom", "terminal": true,
            ]
        )
    }

    @Test func `may have fields that this version does not know`() throws {
        #expect(try result(["status": "Succeeded", "new": 1]) == StepResult(status: .succeeded))
    }
}
