import ControlPlane
import KargoCore
import KubernetesClient
import Testing

@Suite("Admission")
struct KargoAdmissionTests {
    private static let projectConfigs = kargo("projectconfigs")
    private static let clusterConfigs = kargo("clusterconfigs", isNamespaced: false)

    private static func kargo(_ plural: String, isNamespaced: Bool = true) -> APIResource {
        APIResource(
            group: "kargo.akuity.io",
            version: "v1alpha1",
            plural: plural,
            kind: plural,
            isNamespaced: isNamespaced
        )
    }

    @Test func `does not care for other groups nor for deletions`() async throws {
        let project = try ProjectFixture()
        let pod = "{metadata: {name: p, namespace: nowhere}, spec: {x: 1}}"
        #expect(try await project.review(.create, .pods, pod) == JSONValue(yaml: pod))
        #expect(try await project.review(.delete, .promotions, pod) == JSONValue(yaml: pod))
    }

    @Test(arguments: [APIResource.promotions, .stages, .freights, .warehouses, .promotionTasks])
    func `lets nothing into a Namespace of no Project`(resource: APIResource) async throws {
        let project = try ProjectFixture((.namespaces, "{metadata: {name: plain}}"))
        let plain = try await project.refusal(.create, resource, "{metadata: {name: x, namespace: plain}}")
        #expect(plain.code == .notFound)
        #expect(
            plain.message == "namespace \"plain\" belongs to no Project; make one with \"kargo create project plain\""
        )
        let missing = try await project.refusal(.create, resource, "{metadata: {name: x, namespace: none}}")
        #expect(missing.code == .notFound)
    }

    @Test(
        arguments: [
            ("system:serviceaccount:kargo:kargo-controller", true), ("system:serviceaccount:kargo:kargo-api", true),
            ("system:serviceaccount:kargo:kargo-garbage-collector", true),
            ("system:serviceaccount:x:kargo-management-controller", true),
            ("system:serviceaccount:kargo:default", false), ("kargo-controller", false), ("alice", false), ("", false),
            ("system:serviceaccount:kargo:kargo-controller:x", false),
        ]
    )
    func `knows the parts of Kargo by their accounts`(username: String, expected: Bool) {
        #expect(KargoAdmission.isServiceAccountOfKargo(username) == expected)
    }

    // MARK: Projects

    private static let namespacePath = "/api/v1/namespaces/fresh"

    @Test func `makes the Namespace of a new Project`() async throws {
        let project = try ProjectFixture()
        let object = try await project.review(.create, .projects, "{metadata: {name: fresh}}")
        #expect(object[path: "metadata", "annotations", "kargo.akuity.io/create-actor"] == "kubernetes:alice")
        #expect(
            project[Self.namespacePath] == [
                "metadata": [
                    "name": "fresh", "labels": ["kargo.akuity.io/project": "true"],
                    "finalizers": ["kargo.akuity.io/finalizer"],
                ]
            ]
        )
    }

    @Test func `makes no Namespace where nothing is stored or the Project is there`() async throws {
        let project = try ProjectFixture()
        _ = try await project.review(.create, .projects, "{metadata: {name: fresh}}", isDryRun: true)
        _ = try await project.review(.update, .projects, "{metadata: {name: fresh}}", old: "{metadata: {name: fresh}}")
        #expect(project[Self.namespacePath] == nil)
    }

    @Test func `takes a Namespace that is meant for a Project`() async throws {
        let project = try ProjectFixture()
        _ = try await project.review(.create, .projects, "{metadata: {name: demo}}")
    }

    @Test(
        arguments: [
            (
                "{name: fresh}",
                "there is a namespace \"fresh\" that belongs to no Project; label it kargo.akuity.io/project=true to "
                    + "give it to one"
            ),
            (
                "{name: fresh, labels: {kargo.akuity.io/project: 'true'}, deletionTimestamp: '2026-01-01T00:00:00Z'}",
                "namespace \"fresh\" is being deleted; try again when it is gone"
            ),
        ]
    )
    func `takes no Namespace that is in the way`(metadata: String, message: String) async throws {
        let project = try ProjectFixture((.namespaces, "{metadata: \(metadata)}"))
        let error = try await project.refusal(.create, .projects, "{metadata: {name: fresh}}")
        #expect(error.code == .conflict)
        #expect(error.message == message)
    }

    @Test func `wants configurations called as what they configure`() async throws {
        let project = try ProjectFixture()
        _ = try await project.review(.create, Self.projectConfigs, "{metadata: {name: demo, namespace: demo}}")
        _ = try await project.review(.create, Self.clusterConfigs, "{metadata: {name: cluster}}")
        let one = try await project.refusal(.create, Self.projectConfigs, "{metadata: {name: x, namespace: demo}}")
        #expect(one.message == "\"x\" is invalid: metadata.name: must be \"demo\"")
        let other = try await project.refusal(.update, Self.clusterConfigs, "{metadata: {name: x}}")
        #expect(other.message == "\"x\" is invalid: metadata.name: must be \"cluster\"")
    }

    // MARK: Shards

    @Test(arguments: [APIResource.stages, .warehouses])
    func `labels what has a shard`(resource: APIResource) async throws {
        let project = try ProjectFixture()
        let label = "labels: {kargo.akuity.io/shard: wrong, mine: 'yes'}"
        let metadata = "metadata: {name: x, namespace: demo, \(label)}"
        let east = try await project.review(.create, resource, "{\(metadata), spec: {shard: east}}")
        #expect(east[path: "metadata", "labels"] == ["kargo.akuity.io/shard": "east", "mine": "yes"])
        let none = try await project.review(.create, resource, "{\(metadata), spec: {}}")
        #expect(none[path: "metadata", "labels"] == ["mine": "yes"])
    }

    // MARK: Stages and tasks

    private static let app = "origin: {kind: Warehouse, name: app}"

    @Test(
        arguments: [
            "{}", "{requestedFreight: [{\(app), sources: {direct: true}}]}",
            "{requestedFreight: [{\(app), sources: {stages: [a, b]}}]}",
            """
            {requestedFreight: [{\(app),
              sources: {stages: [a], autoPromotionOptions: {selectionPolicy: MatchUpstream}}}]}
            """,
            "{promotionTemplate: {spec: {steps: [{uses: a, as: x}, {uses: b}, {task: {name: t}, vars: []}]}}}",
            "{promotionTemplate: {spec: {steps: [{uses: a, as: step-x}, {uses: b, as: my-task-1}]}}}",
        ]
    )
    func `takes Stages that make sense`(spec: String) async throws {
        let project = try ProjectFixture()
        let text = "{metadata: {name: s, namespace: demo}, spec: \(spec)}"
        #expect(try await project.review(.create, .stages, text) == JSONValue(yaml: text))
    }

    @Test(
        arguments: [
            (
                "{requestedFreight: [{\(app), sources: {direct: true}}, {\(app), sources: {direct: true}}]}",
                "spec.requestedFreight[1]: Freight of Warehouse/app is requested twice"
            ),
            (
                "{requestedFreight: [{\(app), sources: {}}]}",
                "spec.requestedFreight[0].sources: must be direct or list stages"
            ),
            (
                """
                {requestedFreight: [{\(app),
                  sources: {stages: [a, b], autoPromotionOptions: {selectionPolicy: MatchUpstream}}}]}
                """,
                "spec.requestedFreight[0].sources.autoPromotionOptions: MatchUpstream needs exactly one Stage before "
                    + "and no direct source"
            ),
        ]
    )
    func `refuses Stages that make none`(spec: String, reason: String) async throws {
        let error = try await ProjectFixture()
            .refusal(.create, .stages, "{metadata: {name: s, namespace: demo}, spec: \(spec)}")
        #expect(error.code == .invalid)
        #expect(error.message == "\"s\" is invalid: \(reason)")
    }

    @Test(
        arguments: [
            ("[{uses: a, as: x}, {uses: b, as: ' x '}]", "steps[1].as: \"x\" is the alias of two steps"),
            ("[{uses: a, as: step-1}]", "steps[0].as: \"step-1\" is reserved for steps without an alias"),
            ("[{uses: a, as: task-22}]", "steps[0].as: \"task-22\" is reserved for steps without an alias"),
            (
                "[{task: {name: t}, if: '${{ true }}'}]",
                "steps[0].if: a step that stands for a task may not set it"
            ),
            (
                "[{task: {name: t}, config: {}}]",
                "steps[0].config: a step that stands for a task may not set it; use vars"
            ),
        ]
    )
    func `refuses steps that make none`(steps: String, reason: String) async throws {
        let project = try ProjectFixture()
        let stage = try await project.refusal(
            .update,
            .stages,
            "{metadata: {name: s, namespace: demo}, spec: {promotionTemplate: {spec: {steps: \(steps)}}}}"
        )
        #expect(stage.message == "\"s\" is invalid: spec.promotionTemplate.spec.\(reason)")
        for (resource, namespace) in [(APIResource.promotionTasks, ", namespace: demo"), (.clusterPromotionTasks, "")] {
            let task = try await project.refusal(
                .create,
                resource,
                "{metadata: {name: t\(namespace)}, spec: {steps: \(steps)}}"
            )
            #expect(task.message == "\"t\" is invalid: spec.\(reason)")
        }
    }
}
