import KargoCore
import KubernetesClient
import Testing

@Suite("Discovery")
struct APIDiscoveryTests {
    @Test func `lists the kinds of all groups and versions`() async throws {
        let core: JSONValue = [
            "kind": "APIGroupDiscoveryList",
            "items": [
                [
                    "metadata": [:],
                    "versions": [
                        [
                            "version": "v1",
                            "resources": [
                                [
                                    "resource": "pods", "responseKind": ["kind": "Pod"], "scope": "Namespaced",
                                    "singularResource": "pod", "shortNames": ["po"],
                                ], ["resource": "broken"],
                            ],
                        ]
                    ],
                ]
            ],
        ]
        let namespace: JSONValue = ["resource": "things", "responseKind": ["kind": "Thing"], "scope": "Cluster"]
        let groups: JSONValue = [
            "kind": "APIGroupDiscoveryList",
            "items": [
                [
                    "metadata": ["name": "g.example"],
                    "versions": [
                        ["version": "v2", "resources": [namespace]], ["version": "v1", "resources": [namespace]],
                        ["version": "v0"],
                    ],
                ]
            ],
        ]
        let kinds = try await ScriptedAPI([.whole(200, core), .whole(200, groups)]).discover()
        #expect(
            kinds.map { "\($0.resource.apiVersion) \($0.resource.kind)" } == [
                "v1 Pod", "g.example/v2 Thing", "g.example/v1 Thing",
            ]
        )
        #expect(kinds[0] == DiscoveredResource(resource: .pods, singular: "pod", shortNames: ["po"]))
        #expect(!kinds[1].resource.isNamespaced)
    }

    @Test func `asks for a newer server where one can't list its kinds at once`() async throws {
        let error = await #expect(throws: KubernetesError.self) {
            try await ScriptedAPI([.whole(200, ["kind": "APIVersions"])]).discover()
        }
        #expect(error?.code == .badResponse)
    }
}

@Suite("Tables")
struct APITableTests {
    @Test func `reads columns and rows`() async throws {
        let answer: JSONValue = [
            "kind": "Table", "metadata": ["resourceVersion": "9"],
            "columnDefinitions": [["name": "Name", "priority": 0], ["name": "IP", "priority": 1]],
            "rows": [["cells": ["a", .null], "object": ["metadata": ["name": "a"]]]],
        ]
        let api = ScriptedAPI([.whole(200, answer)])
        let table = try await api.table(.pods, namespace: "n", options: ListOptions(labelSelector: "a=b"))
        #expect(
            table
                == APITable(
                    columns: [.init(name: "Name"), .init(name: "IP", priority: 1)],
                    rows: [.init(cells: ["a", .null], object: ["metadata": ["name": "a"]])],
                    resourceVersion: "9"
                )
        )
        api.finish()
        for await target in api.requests { #expect(target == "/api/v1/namespaces/n/pods?labelSelector=a%3Db") }
    }

    @Test func `makes a table of objects`() {
        let a: JSONValue = ["metadata": ["name": "a"]]
        #expect(APITable(["kind": "PodList", "items": [a, a]]).rows.map(\.cells) == [["a"], ["a"]])
        #expect(APITable(a) == APITable(columns: [.init(name: "Name")], rows: [.init(cells: ["a"], object: a)]))
    }
}

@Suite("Logs of Pods")
struct PodLogsTests {
    @Test func `come line by line`() async throws {
        let api = ScriptedAPI([.lines(["one", "", "two\nthree"])])
        var lines: [String] = []
        try await api.logs(ofPod: "p", namespace: "n", container: "c", .untilItEnds) {
            lines.append(String(decoding: $0, as: UTF8.self))
        }
        #expect(lines == ["one", "", "two", "three"])
        api.finish()
        for await target in api.requests {
            #expect(target == "/api/v1/namespaces/n/pods/p/log?container=c&follow=true")
        }
    }
}
