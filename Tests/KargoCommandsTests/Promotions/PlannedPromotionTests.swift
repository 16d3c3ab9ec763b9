import ArgumentParser
import ControlPlane
import KargoCore
import KubernetesClient
import Testing

@testable import KargoCommands

@Suite("Expressions of a Promotion that is not made")
struct PlannedPromotionTests {
    private func promotion(to stage: String = "test", freight: String = "mine") async throws -> PlannedPromotion {
        let api = try ManifestAPI(OfflineProject.manifests(), project: "demo")
        let objects = KargoObjects(api: api)
        return try await PlannedPromotion(
            of: FreightOptions.parse(["--freight", freight]).freight(of: objects, project: "demo"),
            to: objects.namedStage(stage, project: "demo"),
            api: api,
            sharedNamespace: "kargo-shared-resources"
        )
    }

    private func text(
        _ expression: String,
        to stage: String = "test",
        step: String? = nil,
        with variables: [String: ExpressionValue] = [:]
    ) async throws -> String {
        let promotion = try await promotion(to: stage)
        let environment = try await promotion.environment(ofStep: step, with: variables)
        let evaluation = Evaluation(environment: environment, redactor: promotion.redactor)
        return try await evaluation.value(of: expression).jsonText()
    }

    @Test(
        arguments: [
            ("vars", #"{"image":"nginx","tag":"1.27.0"}"#), ("ctx.stage", #""test""#), ("ctx.project", #""demo""#),
            ("ctx.targetFreight.alias", #""brave-otter""#), ("imageFrom(vars.image).Tag", #""1.27.0""#),
            ("commitFrom(\"https://github.com/example/repo\").ID", #""c0ffee""#),
            ("imageFrom(\"nginx\", warehouse(\"apps\"))", #"{"repoURL":"nginx","tag":"1.27.0"}"#),
            ("secret(\"creds\")", #"{"token":"hunter2-hunter2","user":"me"}"#), ("secret(\"absent\")", "{}"),
            ("sharedSecret(\"everyone\").token", #""t""#), ("configMap(\"config\").color", #""green""#),
            ("freightMetadata(ctx.targetFreight.name)", #"{"ticket":42}"#), ("stageMetadata(\"test\")", "null"),
            ("outputs", "{}"), ("status(\"ping\")", #""""#), ("[always(), success(), failure()]", "[true,true,false]"),
        ]
    )
    func `see what they would see in it`(expression: String, expected: String) async throws {
        #expect(try await text(expression) == expected)
    }

    @Test(
        arguments: [
            ("ping", "vars.url", #""http://h/ping""#), ("deploy::stop", "vars.message", #""hello""#),
            ("deploy::stop", "ctx.meta.step.alias", #""deploy::stop""#), ("deploy::stop", "task.outputs", "{}"),
        ]
    )
    func `see the variables of a step`(step: String, expression: String, expected: String) async throws {
        #expect(try await text(expression, step: step) == expected)
    }

    @Test func `see the variables of a Stage without steps`() async throws {
        #expect(try await text("[vars.color, ctx.project, ctx.stage]", to: "hub") == #"["blue","demo","hub"]"#)
    }

    @Test func `see what the user gives instead`() async throws {
        let given: [String: ExpressionValue] = ["vars": ["a": 1], "extra": "e"]
        #expect(try await text("[vars, extra, ctx.stage]", with: given) == #"[{"a":1},"e","test"]"#)
    }

    @Test func `see outputs of earlier steps that the user gives`() async throws {
        let outputs: ExpressionValue = ["ping": ["code": 200], "deploy::a": ["n": 9_007_199_254_740_993]]
        #expect(try await text("vars.code", step: "copy", with: ["outputs": outputs]) == "200")
        #expect(
            try await text("task.outputs.a.n", step: "deploy::stop", with: ["outputs": outputs]) == "9007199254740993"
        )
    }

    @Test func `fail with the variable that can't be evaluated`() async throws {
        let error = await #expect(throws: CommandError.self) { try await text("1", step: "copy") }
        #expect(error?.description.hasPrefix("vars.code: ") == true, "\(error?.description ?? "")")
    }

    @Test func `fail with the steps that there are`() async throws {
        let error = await #expect(throws: CommandError.self) { try await text("1", step: "nope") }
        #expect(error?.description == "Stage \"test\" has no step \"nope\"; it has ping, copy, deploy::stop")
        let none = await #expect(throws: CommandError.self) { try await text("1", to: "hub", step: "nope") }
        #expect(none?.description == "Stage \"hub\" has no step \"nope\"; it has none")
    }

    @Test func `fail with the Stage or Freight that is in no file`() async throws {
        let stage = await #expect(throws: CommandError.self) { try await promotion(to: "prod") }
        #expect(stage?.description == "there is no Stage \"prod\" in Project \"demo\"; it is in none of the files")
        let freight = await #expect(throws: CommandError.self) { try await promotion(freight: "theirs") }
        #expect(
            freight?.description == "there is no Freight \"theirs\" in Project \"demo\"; it is in none of the files"
        )
    }
}
