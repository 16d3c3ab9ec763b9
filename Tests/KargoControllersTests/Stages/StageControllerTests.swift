import KargoCore
import KubernetesClient
import Testing

@testable import KargoControllers

@Suite("Stage controller", .timeLimit(.minutes(1)))
struct StageControllerTests {
    private static let freight = ControllerFixture.path(.freights, "f1")
    private static let other = ControllerFixture.path(.freights, "f2")

    @Test func `writes on Freight where it is and who has verified it`() async throws {
        let fixture = try ControllerFixture()
        try await fixture.running {
            try fixture.promote("p1")
            try await fixture.cluster.wait(for: ControllerFixture.path(.stages, "test")) { stage in
                stage?[path: "status", "freightSummary"] == "f1"
            }
            #expect(
                fixture.cluster[Self.freight]?["status"] == [
                    "currentlyIn": ["test": ["since": "2026-03-04T05:06:07Z"]],
                    "verifiedIn": ["test": ["verifiedAt": "2026-03-04T05:06:07Z"]],
                ]
            )
            #expect(fixture.cluster[Self.other]?["status"] == nil)
        }
    }

    @Test func `writes on Freight that goes how long it stayed`() async throws {
        let fixture = try ControllerFixture()
        try fixture.cluster.change(
            Self.freight,
            """
            {status: {currentlyIn: {test: {since: '2026-03-04T04:06:07Z'}, prod: {since: '2026-03-04T04:06:07Z'}},
                      verifiedIn: {test: {verifiedAt: '2026-03-04T04:06:07Z', longestSoak: 10s}}}}
            """
        )
        try fixture.cluster.change(
            ControllerFixture.path(.stages, "test"),
            """
            {status: {freightHistory: [{id: x, items: {Warehouse/app: {name: f1}},
                                        verificationHistory: [{phase: Successful}]}]}}
            """
        )
        try await fixture.running {
            try fixture.promote("p1", freight: "f2")
            try await fixture.cluster.wait(for: ControllerFixture.path(.stages, "test")) { stage in
                stage?[path: "status", "freightSummary"] == "f2"
            }
            #expect(
                fixture.cluster[Self.freight]?["status"] == [
                    "currentlyIn": ["prod": ["since": "2026-03-04T04:06:07Z"]],
                    "verifiedIn": ["test": ["verifiedAt": "2026-03-04T04:06:07Z", "longestSoak": "1h0m0s"]],
                ]
            )
        }
    }

    @Test(
        arguments: [
            ("", true, nil, true), ("", false, nil, true), ("east", false, "east", true), ("east", true, "east", true),
            ("east", true, nil, true), ("east", false, nil, false), ("east", true, "west", false),
            ("", true, "west", false),
        ] as [(String, Bool, String?, Bool)]
    )
    func `serves its shard and what has none`(name: String, isDefault: Bool, label: String?, expected: Bool) {
        var metadata = ObjectMeta()
        metadata.labels["kargo.akuity.io/shard"] = label
        #expect(Shard(name: name, isDefault: isDefault).serves(metadata) == expected)
    }
}
