import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

@testable import LocalCluster

@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(1)))
struct NodePortIntegrationTests {
    /// A port that the tests of this suite alone use.
    private static let port = 17_913

    private func pod(_ name: String, own: Bool = false) -> JSONValue {
        var more: [String: JSONValue] = ["ports": [["containerPort": .int(Int64(Self.port))]]]
        if own { more["env"] = [["name": "IP", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]]] }
        return .pod(name, containers: [.shell("main", "echo ready; exec sleep 1000", more)])
    }

    @Test func `lets a Pod wait for a port until the Pod that has it is gone`() async throws {
        try await NodeFixture.with { fixture, _ in
            try await fixture.api.add(.pods, pod("first"))
            _ = try await fixture.api.pod("first") { $0.isMet("Ready") }
            try await fixture.api.add(.pods, pod("second"))
            let waiting = try await fixture.api.pod("second") { $0.status(of: "main")?.state.waiting != nil }
            #expect(waiting.status(of: "main")?.state.waiting?.reason == "WaitingForPort")
            #expect(
                waiting.status(of: "main")?.state.waiting?.message
                    == "waits for port \(Self.port), which Pod default/first holds"
            )
            #expect(!waiting.isMet("PodScheduled"))
            try await fixture.api.delete(.pods, namespace: "default", name: "first")
            let second = try await fixture.api.pod("second") { $0.isMet("Ready") }
            #expect(second.isMet("PodScheduled"))

            // Those that listen on their own address do not wait for each other.
            try await fixture.api.delete(.pods, namespace: "default", name: "second")
            try await fixture.api.add(.pods, pod("third", own: true))
            try await fixture.api.add(.pods, pod("fourth", own: true))
            let third = try await fixture.api.pod("third") { $0.isMet("Ready") }
            let fourth = try await fixture.api.pod("fourth") { $0.isMet("Ready") }
            #expect(third.status.podIP != fourth.status.podIP)
        }
    }
}
