import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

@testable import LocalCluster

@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(1)))
struct NodeUpdateIntegrationTests {
    /// Writes a file's content whenever it has changed.
    private let watcher = """
        last=; while :; do now=$(cat /v/a /v/label 2>/dev/null); \
        [ "$now" != "$last" ] && echo "saw $now" && last=$now; sleep 0.02; done
        """

    @Test func `shows a container that runs what becomes of a ConfigMap and of its own labels`() async throws {
        try await NodeFixture.with { fixture, node in
            try await fixture.api.add(.configMaps, ["metadata": ["name": "c"], "data": ["a": "one-"]])
            var object = JSONValue.pod(
                "p",
                containers: [
                    .shell(
                        "main",
                        watcher,
                        [
                            "volumeMounts": [
                                ["name": "v", "mountPath": "/v"],
                                ["name": "v", "mountPath": "/part", "subPath": "a"],
                            ]
                        ]
                    )
                ],
                volumes: [
                    [
                        "name": "v",
                        "projected": [
                            "sources": [
                                ["configMap": ["name": "c"]],
                                [
                                    "downwardAPI": [
                                        "items": [
                                            [
                                                "path": "label",
                                                "fieldRef": ["fieldPath": "metadata.labels['color']"],
                                            ]
                                        ]
                                    ]
                                ],
                            ]
                        ],
                    ]
                ]
            )
            object[path: "metadata", "labels"] = ["color": "red"]
            try await fixture.api.add(.pods, object)
            let pod = try await fixture.api.pod("p") { $0.isMet("Ready") }
            _ = try await fixture.line("saw one-red", from: "main", of: pod, node)
            try await fixture.api.change(.configMaps, "c", ["data": ["a": "two-"]])
            _ = try await fixture.line("saw two-red", from: "main", of: pod, node)
            try await fixture.api.change(.pods, "p", ["metadata": ["labels": ["color": "blue"]]])
            _ = try await fixture.line("saw two-blue", from: "main", of: pod, node)
            // What is gone leaves the files as they are.
            fixture.api.remove("configmaps", "c")
            #expect(try await fixture.api.event("FailedMount").message.contains("configmap \"c\" not found"))
            #expect(try fixture.directory.read("node/pods/\(pod.metadata.uid)/volumes/v/a") == "two-")
        }
    }
}
