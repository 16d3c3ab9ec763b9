import AgentPod
import KargoCore
import Testing

@Suite("Record of an agent Pod")
struct AgentPodRecordTests {
    private func record(_ annotation: String?) throws -> AgentPodRecord {
        var promotion = PluginFixtures.promotion()
        promotion.metadata.annotations["kargo-extended.code.org/agent-pod"] = annotation
        return try AgentPodRecord(promotion)
    }

    @Test func `is empty where there is none`() throws {
        #expect(try record(nil) == AgentPodRecord())
        #expect(try record("{}") == AgentPodRecord())
    }

    @Test(
        arguments: [
            (AgentPodRecord(), "{}"), (AgentPodRecord(uid: "a"), #"{"uid":"a"}"#),
            (AgentPodRecord(uid: "a", losses: 2), #"{"losses":2,"uid":"a"}"#),
            (
                AgentPodRecord(uid: "a", losses: 1, cause: "Evicted", boot: "b"),
                #"{"boot":"b","cause":"Evicted","losses":1,"uid":"a"}"#
            ),
        ]
    )
    func `is read back as it was written`(record: AgentPodRecord, annotation: String) throws {
        #expect(try record.annotation == annotation)
        #expect(try self.record(annotation) == record)
    }

    @Test(arguments: ["", "uid", "[]", #"{"uid": 5}"#])
    func `says where somebody has spoiled it`(annotation: String) throws {
        let error = try #require(throws: FieldError.self) { try record(annotation) }
        #expect(error.path == FieldPath("metadata", "annotations", "kargo-extended.code.org/agent-pod"))
    }
}
