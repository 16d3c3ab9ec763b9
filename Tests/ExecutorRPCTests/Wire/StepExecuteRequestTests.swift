import ExecutorRPC
import KargoCore
import Testing

@Suite("Request to a plugin")
struct StepExecuteRequestTests {
    private static let freight: JSONValue = [
        "name": "f00d",
        "origin": ["kind": "Warehouse", "name": "app"],
        "commits": [["repoURL": "https://git.example/app", "id": "0123abc"]],
    ]

    @Test func `has the method's path`() {
        #expect(StepExecuteRequest.path == "/api/v1/step.execute")
    }

    @Test func `has the names that plugins know`() throws {
        let step = StepFixtures.fullStep
        let value = try JSONValueEncoder().encode(StepExecuteRequest(step))
        #expect(
            value == [
                "context": [
                    "uiBaseURL": "https://kargo.example",
                    "workDir": "/workspace",
                    "sharedState": ["clone": ["commit": "0123abc"]],
                    "alias": "make",
                    "config": ["path": "a/b", "mode": 7],
                    "project": "demo",
                    "stage": "test",
                    "promotion": "test.01k.f00d",
                    "promotionUID": "uid-1",
                    "promotionActor": "admin",
                    "freightRequests": [
                        ["origin": ["kind": "Warehouse", "name": "app"], "sources": ["direct": true]]
                    ],
                    "freight": [
                        "id": .string(step.promotion.freight.id), "items": ["Warehouse/app": Self.freight],
                    ],
                    "targetFreightRef": Self.freight,
                ],
                "step": ["kind": "mkdir", "alias": "make", "config": ["path": "a/b", "mode": 7]],
            ]
        )
    }

    @Test func `leaves out what is empty except the Freight and the kind`() throws {
        let step = StepFixtures.step("")
        let value = try JSONValueEncoder().encode(StepExecuteRequest(step))
        #expect(
            value == [
                "context": [
                    "freight": ["id": .string(step.promotion.freight.id)],
                    "targetFreightRef": [:],
                ],
                "step": ["kind": ""],
            ]
        )
    }

    @Test(arguments: [JSONValue.null, "text", 5, ["a"]])
    func `leaves out a configuration that is no object`(config: JSONValue) throws {
        let value = try JSONValueEncoder().encode(StepExecuteRequest(StepFixtures.step(config: config)))
        #expect(value["step"] == ["kind": "probe"])
        #expect(value[path: "context", "config"] == nil)
    }

    @Test func `keeps from the plugin what only the step host needs`() throws {
        let text = try JSONValueEncoder().encode(StepExecuteRequest(StepFixtures.fullStep)).text()
        #expect(!text.contains("privateDir"))
        #expect(!text.contains("/tmp"))
    }

    @Test func `is read back as it was written`() throws {
        let request = StepExecuteRequest(StepFixtures.fullStep)
        let value = try JSONValueEncoder().encode(request)
        #expect(try JSONValueDecoder().decode(StepExecuteRequest.self, from: value) == request)
    }
}
