import KargoCore
import KubernetesClient
import Synchronization
import Testing

@testable import KargoCommands

@Suite("Printing objects")
struct ObjectListingTests {
    private func stage(_ name: String) -> JSONValue {
        ["metadata": ["name": .string(name), "namespace": "demo", "managedFields": []], "spec": ["shard": "s"]]
    }

    private var cluster: CannedCluster {
        CannedCluster([
            "\(CannedCluster.project)/stages/a": stage("a"), "\(CannedCluster.project)/stages/b": stage("b"),
        ])
    }

    private func output(
        _ format: ObjectFormat,
        names: [String] = [],
        namespace: String? = "demo"
    ) async throws -> String {
        var listing = ObjectListing(api: cluster, resource: .stages, namespace: namespace, names: names)
        listing.format = format
        let text = Mutex("")
        try await listing.print(
            { new in text.withLock { $0 += new } },
            note: { note in text.withLock { $0 += "! \(note)" } }
        )
        return text.withLock { $0 }
    }

    @Test func `prints one object as it is, and several as a list`() async throws {
        let single = try JSONValue(yaml: await output(.yaml, names: ["a"]))
        #expect(single["kind"] == "Stage")
        #expect(single["apiVersion"] == "kargo.akuity.io/v1alpha1")
        #expect(single[path: "metadata", "managedFields"] == nil)
        let all = try JSONValue(parsing: await output(.json))
        #expect(all["kind"] == "List")
        #expect(all["items"]?.arrayValue?.compactMap { $0[path: "metadata", "name"] } == ["a", "b"])
        #expect(all["items"]?.arrayValue?.allSatisfy { $0["kind"] == "Stage" } == true)
        let two = try JSONValue(parsing: await output(.json, names: ["b", "a"]))
        #expect(two["items"]?.arrayValue?.compactMap { $0[path: "metadata", "name"] } == ["b", "a"])
    }

    @Test func `prints names`() async throws {
        #expect(try await output(.name) == "stage.kargo.akuity.io/a\nstage.kargo.akuity.io/b\n")
        #expect(try await output(.name, names: ["b"]) == "stage.kargo.akuity.io/b\n")
    }

    @Test func `makes a table of names where the server makes none`() async throws {
        #expect(try await output(.table) == "NAME\na\nb\n")
        #expect(try await output(.table, names: ["b", "a"]) == "NAME\nb\na\n")
    }

    @Test func `says that there is nothing`() async throws {
        #expect(try await output(.table, namespace: "other") == "! no stages in \"other\"")
    }

    @Test func `fails for a name that does not exist`() async throws {
        for format in [ObjectFormat.table, .yaml] {
            let error = await #expect(throws: CommandError.self) { try await output(format, names: ["a", "absent"]) }
            #expect(
                error?.description
                    == "there is no Stage \"absent\" in \"demo\"; \"kargo get stages -p demo\" lists what there is"
            )
        }
    }

    @Test func `speaks of no namespace where there is none`() async throws {
        var listing = ObjectListing(api: CannedCluster(), resource: .projects, namespace: "demo")
        let notes = Mutex<[String]>([])
        try await listing.print({ _ in }, note: { note in notes.withLock { $0.append(note) } })
        #expect(notes.withLock { $0 } == ["no projects"])
    }

    @Test func `asks for the objects that are meant`() async throws {
        let cluster = CannedCluster()
        var listing = ObjectListing(api: cluster, resource: .stages, namespace: nil)
        listing.selector = "a=b"
        try await listing.print({ _ in }, note: { _ in })
        #expect(cluster.reads == ["/apis/kargo.akuity.io/v1alpha1/stages?labelSelector=a%3Db"])
    }

    @Test func `follows changes from the list on until it breaks`() async throws {
        let cluster = cluster
        let path = "\(CannedCluster.project)/stages"
        func event(_ type: String, _ name: String, _ version: Int) -> String {
            let table: JSONValue = [
                "kind": "Table",
                "rows": [
                    ["cells": [.string(name)], "object": ["metadata": ["resourceVersion": .string("\(version)")]]]
                ],
            ]
            return JSONValue.object(["type": .string(type), "object": table]).text()
        }
        cluster.stream(path, [event("ADDED", "c", 200), event("MODIFIED", "a", 201)])
        cluster.stream(path, [event("DELETED", "b", 202)])
        var listing = ObjectListing(api: cluster, resource: .stages, namespace: "demo")
        let text = Mutex("")
        try await listing.print({ new in text.withLock { $0 += new } }, note: { _ in })
        await #expect(throws: KubernetesError.self) {
            try await listing.follow { new in text.withLock { $0 += new } }
        }
        #expect(text.withLock { $0 } == "NAME\na\nb\nc\na\nb\n")
        let versions = cluster.reads.dropFirst()
            .compactMap { $0.split(separator: "&").first { $0.hasPrefix("resourceVersion") } }
        #expect(versions == ["resourceVersion=102", "resourceVersion=201", "resourceVersion=202"])
    }
}
