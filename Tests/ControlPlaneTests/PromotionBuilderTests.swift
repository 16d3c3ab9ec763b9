import ControlPlane
import KargoCore
import KubernetesClient
import Testing

@Suite("Promotion builder")
struct PromotionBuilderTests {
    private static func stage(_ spec: String = "", name: String = "test") throws -> Stage {
        let text = """
            metadata: {name: \(name), namespace: demo, uid: uid-stage}
            spec:
              vars: [{name: a, value: stage}]
              promotionTemplate: {spec: {vars: [{name: b, value: template}], steps: [{uses: one}, {uses: two, as: x}]}}
            \(spec.isEmpty ? "" : "  \(spec)")
            """
        return try JSONValueDecoder().decode(Stage.self, from: JSONValue(yaml: text))
    }

    private func builder(_ objects: (APIResource, String)...) throws -> PromotionBuilder {
        let fixture: ProjectFixture
        switch objects.count {
        case 0: fixture = try ProjectFixture()
        case 1: fixture = try ProjectFixture(objects[0])
        default: fixture = try ProjectFixture(objects[0], objects[1])
        }
        return PromotionBuilder(
            objects: KargoObjects(api: fixture),
            identifiers: ULIDGenerator { ProjectFixture.moment }
        )
    }

    @Test func `makes a Promotion of the Stage's template`() async throws {
        let promotion = try await builder().promotion(of: Self.stage(), freight: "f00dcafe00")
        #expect(promotion.metadata.namespace == "demo")
        #expect(promotion.spec.stage == "test")
        #expect(promotion.spec.freight == "f00dcafe00")
        #expect(
            promotion.spec.vars == [
                ExpressionVariable(name: "a", value: "stage"), ExpressionVariable(name: "b", value: "template"),
            ]
        )
        #expect(promotion.spec.steps.map(\.uses) == ["one", "two"])
        #expect(promotion.spec.steps.map(\.as) == ["step-1", "x"])
        #expect(promotion.metadata.labels == ["kargo.akuity.io/stage": "test"])
        #expect(promotion.metadata.annotations == ["kargo.akuity.io/stage": "test"])
    }

    @Test func `names Promotions so that their order is that of their making`() async throws {
        let builder = try builder()
        var names: [String] = []
        for _ in 0..<50 {
            names.append(try await builder.promotion(of: Self.stage(), freight: "F00DCAFE00").metadata.name)
        }
        #expect(names == names.sorted())
        #expect(Set(names).count == 50)
        for name in names {
            let parts = name.split(separator: ".")
            #expect(parts.count == 3)
            #expect(parts[0] == "test")
            #expect(parts[1].count == 26)
            #expect(parts[2] == "f00dcaf")
            #expect(name == name.lowercased())
        }
    }

    @Test(arguments: [217, 218, 219, 253])
    func `keeps names within what Kubernetes allows`(length: Int) async throws {
        let stage = try Self.stage(
            name: String(repeating: "a", count: length - 20) + String(repeating: "-b", count: 10)
        )
        let promotion = try await builder().promotion(of: stage, freight: "f00dcafe00")
        #expect(promotion.metadata.name.utf8.count <= 253)
        #expect(!promotion.metadata.name.contains("-."))
        #expect(promotion.metadata.annotations["kargo.akuity.io/stage"] == stage.metadata.name)
        #expect((promotion.metadata.labels["kargo.akuity.io/stage"] ?? "").utf8.count <= 63)
    }

    @Test func `belongs to the Stage and to whom it belonged besides`() async throws {
        var given = Promotion()
        given.metadata.labels = ["mine": "yes", "kargo.akuity.io/shard": "wrong"]
        given.spec.freight = "f00d"
        for (name, isController) in [("old-stage", true), ("other", false)] {
            var owner = OwnerReference()
            owner.name = name
            owner.uid = "uid-\(name)"
            owner.controller = isController
            given.metadata.ownerReferences.append(owner)
        }
        let promotion = try await builder().completed(given, stage: Self.stage())
        #expect(promotion.metadata.ownerReferences.map(\.name) == ["other", "test"])
        let owner = try #require(promotion.metadata.ownerReferences.last)
        #expect(owner.apiVersion == "kargo.akuity.io/v1alpha1")
        #expect(owner.kind == "Stage")
        #expect(owner.uid == "uid-stage")
        #expect(owner.controller == true)
        #expect(promotion.metadata.labels == ["mine": "yes", "kargo.akuity.io/stage": "test"])
    }

    @Test func `has the Stage's shard`() async throws {
        let promotion = try await builder().promotion(of: Self.stage("shard: east"), freight: "f00d")
        #expect(promotion.metadata.labels["kargo.akuity.io/shard"] == "east")
    }

    @Test func `overwrites what was asked for`() async throws {
        var given = Promotion()
        given.metadata.name = "mine"
        given.metadata.generateName = "mine-"
        given.spec.freight = "f00d"
        given.spec.steps = [PromotionStep(uses: "evil")]
        given.spec.vars = [ExpressionVariable(name: "c")]
        let promotion = try await builder().completed(given, stage: Self.stage())
        #expect(promotion.metadata.name.hasPrefix("test."))
        #expect(promotion.metadata.generateName == "")
        #expect(promotion.spec.steps.map(\.uses) == ["one", "two"])
        #expect(promotion.spec.vars.map(\.name) == ["a", "b"])
    }

    // MARK: Tasks

    private static func stage(withTask kind: String) throws -> Stage {
        let text = """
            metadata: {name: test, namespace: demo}
            spec: {promotionTemplate: {spec: {steps: [{task: {name: shared\(kind)}, vars: [{name: v, value: given}]}]}}}
            """
        return try JSONValueDecoder().decode(Stage.self, from: JSONValue(yaml: text))
    }

    private static let spec = "spec: {vars: [{name: v}, {name: w, value: default}], steps: [{uses: one}]}"

    @Test(arguments: ["", ", kind: PromotionTask", ", kind: ClusterPromotionTask"])
    func `puts the steps of a task in its place`(kind: String) async throws {
        let builder = try builder(
            (.promotionTasks, "{metadata: {name: shared, namespace: demo}, \(Self.spec)}"),
            (.clusterPromotionTasks, "{metadata: {name: shared}, \(Self.spec)}")
        )
        let promotion = try await builder.promotion(of: Self.stage(withTask: kind), freight: "f00d")
        #expect(promotion.spec.steps.map(\.as) == ["task-1::step-1"])
        #expect(
            promotion.spec.steps.first?.vars == [
                ExpressionVariable(name: "w", value: "default"), ExpressionVariable(name: "v", value: "given"),
            ]
        )
    }

    @Test func `does not take a task of all Projects for one of the Project`() async throws {
        let builder = try builder((.clusterPromotionTasks, "{metadata: {name: shared}, \(Self.spec)}"))
        let error = try await #require(throws: KubernetesError.self) {
            try await builder.promotion(of: Self.stage(withTask: ""), freight: "f00d")
        }
        #expect(error.code == .notFound)
    }

    @Test func `needs every variable of a task`() async throws {
        let spec = "spec: {vars: [{name: needed}], steps: [{uses: one}]}"
        let builder = try builder((.promotionTasks, "{metadata: {name: shared, namespace: demo}, \(spec)}"))
        let error = try await #require(throws: KubernetesError.self) {
            try await builder.promotion(of: Self.stage(withTask: ""), freight: "f00d")
        }
        #expect(error.code == .invalid)
        #expect(error.message.contains("needs a value for its variable \"needed\""))
    }

    @Test(arguments: ["{}", "{promotionTemplate: {spec: {steps: []}}}"])
    func `makes none of a Stage without steps`(spec: String) async throws {
        let text = "{metadata: {name: flow, namespace: demo}, spec: \(spec)}"
        let stage = try JSONValueDecoder().decode(Stage.self, from: JSONValue(yaml: text))
        let error = try await #require(throws: KubernetesError.self) {
            try await builder().promotion(of: stage, freight: "f00d")
        }
        #expect(error.code == .invalid)
        #expect(error.message.contains("Stage \"flow\" defines no promotion steps"))
    }
}
