import KargoCore
import KubernetesClient
import Testing

@Suite("Admission of Freight")
struct FreightAdmissionTests {
    private static let content = "origin: {kind: Warehouse, name: app}, images: [{repoURL: nginx, tag: 1.27.0}]"

    private func makeProject() throws -> ProjectFixture {
        try ProjectFixture(
            (.warehouses, "{metadata: {name: app, namespace: demo}}"),
            (
                .freights,
                """
                metadata: {name: other, namespace: demo, uid: uid-other, labels: {kargo.akuity.io/alias: wise-otter}}
                alias: wise-otter
                origin: {kind: Warehouse, name: app}
                """
            )
        )
    }

    private func create(_ fields: String = "", content: String = content) async throws -> JSONValue {
        try await makeProject()
            .review(
                .create,
                .freights,
                "{metadata: {name: placeholder, namespace: demo}, \(content)\(fields), future: 1}"
            )
    }

    @Test func `names it by what is in it`() async throws {
        let object = try await create()
        // printf 'Warehouse/app:nginx:1.27.0@' | sha1sum
        #expect(object[path: "metadata", "name"] == "d6e2135c74a36cfcafa589a57b4a6c2522c48191")
        #expect(object["future"] == 1)
        #expect(object[path: "metadata", "annotations", "kargo.akuity.io/create-actor"] == "kubernetes:alice")
    }

    @Test func `gives it a name that people can say`() async throws {
        var aliases: Set<String> = []
        for _ in 0..<20 {
            let object = try await create()
            let alias = try #require(object["alias"]?.stringValue)
            #expect(object[path: "metadata", "labels", "kargo.akuity.io/alias"]?.stringValue == alias)
            let words = alias.split(separator: "-")
            #expect(words.count == 2)
            #expect(words.allSatisfy { $0.allSatisfy { ("a"..."z").contains($0) } })
            aliases.insert(alias)
        }
        #expect(aliases.count > 1)
    }

    @Test func `takes an alias that nobody has`() async throws {
        let object = try await create(", alias: mine")
        #expect(object["alias"] == "mine")
        #expect(object[path: "metadata", "labels", "kargo.akuity.io/alias"] == "mine")
    }

    @Test func `keeps what a Stage has`() async throws {
        let stage = """
            metadata: {name: prod, namespace: demo}
            spec: {requestedFreight: []}
            status:
              freightHistory:
              - {id: a, items: {Warehouse/app: {name: current, origin: {kind: Warehouse, name: app}}}}
              - {id: b, items: {Warehouse/app: {name: former, origin: {kind: Warehouse, name: app}}}}
            """
        let project = try ProjectFixture((.stages, stage))
        let refusal = try await project.refusal(.delete, .freights, "{metadata: {name: current, namespace: demo}}")
        #expect(refusal.code == .forbidden)
        #expect(
            refusal.message
                == "\"current\" is forbidden: Stage \"prod\" has this Freight; promote another one there first"
        )
        _ = try await project.review(.delete, .freights, "{metadata: {name: former, namespace: demo}}")
    }

    @Test func `notes when it was found unless that is told`() async throws {
        #expect(try await create()["discoveredAt"] == "2026-03-04T05:06:07Z")
        #expect(try await create(", discoveredAt: '2026-01-01T00:00:00Z'")["discoveredAt"] == "2026-01-01T00:00:00Z")
    }

    @Test func `refuses an alias that other Freight has`() async throws {
        let error = try await makeProject()
            .refusal(.create, .freights, "{metadata: {name: f, namespace: demo}, \(Self.content), alias: wise-otter}")
        #expect(error.code == .conflict)
        #expect(error.message == "\"f\" can't have the alias \"wise-otter\", which Freight \"other\" has already")
    }

    @Test func `refuses what has nothing in it`() async throws {
        let error = try await makeProject()
            .refusal(.create, .freights, "{metadata: {name: f, namespace: demo}, origin: {kind: Warehouse, name: app}}")
        #expect(error.code == .invalid)
        #expect(error.message.contains("must have at least one of commits, images, charts and artifacts"))
    }

    @Test func `refuses an origin that does not exist`() async throws {
        let content = "origin: {kind: Warehouse, name: none}, charts: [{repoURL: oci://x/y, version: 1.0.0}]"
        let error = try await makeProject()
            .refusal(.create, .freights, "{metadata: {name: f, namespace: demo}, \(content)}")
        #expect(error.code == .invalid)
        #expect(error.message == "\"f\" is invalid: origin.name: there is no Warehouse \"none\" in Project \"demo\"")
    }

    // MARK: Changes

    private static func stored(_ fields: String = "", content: String = content) -> String {
        "{metadata: {name: f, namespace: demo, uid: uid-f}, \(content)\(fields)}"
    }

    @Test(
        arguments: [
            ("origin", "origin: {kind: Warehouse, name: other}, images: [{repoURL: nginx, tag: 1.27.0}]"),
            ("images", "origin: {kind: Warehouse, name: app}, images: [{repoURL: nginx, tag: 1.27.1}]"),
            ("images", "origin: {kind: Warehouse, name: app}"),
            ("commits", content + ", commits: [{repoURL: x, id: one}]"),
            ("charts", content + ", charts: [{repoURL: x, version: one}]"),
            ("artifacts", content + ", artifacts: [{subscriptionName: x, version: one}]"),
        ]
    )
    func `lets nobody change what is in it`(field: String, content: String) async throws {
        let error = try await makeProject()
            .refusal(.update, .freights, Self.stored(content: content), old: Self.stored())
        #expect(error.code == .invalid)
        #expect(error.message == "\"f\" is invalid: \(field): Freight can't be changed")
    }

    @Test func `gives it another alias`() async throws {
        let object = try await makeProject()
            .review(.update, .freights, Self.stored(", alias: mine"), old: Self.stored(", alias: before"))
        #expect(object["alias"] == "mine")
        #expect(object[path: "metadata", "labels", "kargo.akuity.io/alias"] == "mine")
    }

    @Test func `gives it no alias that other Freight has`() async throws {
        let error = try await makeProject()
            .refusal(.update, .freights, Self.stored(", alias: wise-otter"), old: Self.stored(", alias: before"))
        #expect(error.code == .conflict)
    }

    @Test func `lets it keep its own alias and approvals come`() async throws {
        let text = """
            metadata: {name: other, namespace: demo, uid: uid-other}
            alias: wise-otter
            origin: {kind: Warehouse, name: app}
            """
        let object = try await makeProject()
            .review(.update, .freights, text + "\nstatus: {approvedFor: {test: {}}}", old: text)
        #expect(object[path: "metadata", "labels", "kargo.akuity.io/alias"] == "wise-otter")
        #expect(object[path: "status", "approvedFor", "test"] == [:])
    }
}
