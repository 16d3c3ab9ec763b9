import ArgumentParser
import ControlPlane
import KargoCore
import KubernetesClient
import Testing

@testable import KargoCommands

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Promoting, approving and aborting")
struct PromotionRequestTests {
    private let now: @Sendable () -> Date = { Date(timeIntervalSince1970: Double(SamplePromotion.start)) }

    private func stage(steps: JSONValue = [["uses": "mkdir"]], direct: Bool = false) -> JSONValue {
        let sources: JSONValue = direct ? ["direct": true] : ["stages": ["before"]]
        return [
            "metadata": ["name": "test", "namespace": "demo", "uid": "s-1"],
            "spec": [
                "requestedFreight": [["origin": ["kind": "Warehouse", "name": "w"], "sources": sources]],
                "promotionTemplate": ["spec": ["steps": steps]],
            ],
        ]
    }

    private let freight: JSONValue = [
        "metadata": ["name": "abcdef123456", "namespace": "demo", "labels": ["kargo.akuity.io/alias": "calm-otter"]],
        "alias": "calm-otter", "origin": ["kind": "Warehouse", "name": "w"], "images": [["repoURL": "r", "tag": "1"]],
    ]

    private func cluster(_ stage: JSONValue) -> CannedCluster {
        CannedCluster([
            "\(CannedCluster.project)/stages/test": stage, "\(CannedCluster.project)/freights/abcdef123456": freight,
        ])
    }

    private func promote(_ cluster: CannedCluster) async throws -> Promotion {
        let objects = KargoObjects(api: cluster)
        return try await PromotionRequest(api: cluster, project: "demo", now: now)
            .promote(objects.freight("abcdef123456", project: "demo"), to: objects.stage("test", project: "demo"))
    }

    @Test func `posts a complete Promotion and takes the server's word for its name`() async throws {
        let cluster = cluster(stage(direct: true))
        let promotion = try await promote(cluster)
        #expect(promotion.metadata.name.hasPrefix("test.") && promotion.metadata.name.hasSuffix(".abcdef1"))
        let body = try #require(cluster.writes.first?.body)
        #expect(body[path: "spec", "freight"] == "abcdef123456")
        #expect(body[path: "spec", "steps"]?.arrayValue?.first?["as"] == "step-1")
        #expect(body["status"] == nil)

        let webhook = self.cluster(stage(direct: true))
        webhook.answer("\(CannedCluster.project)/promotions", 201, SamplePromotion.object())
        #expect(try await promote(webhook).metadata.name == "test.01.abc")
    }

    @Test func `refuses Freight that is not available and Stages without steps`() async throws {
        for (stage, reason) in [
            (
                stage(),
                "Freight \"abcdef123456\" is not available to Stage \"test\"; approve it with \"kargo approve -p demo"
            ),
            (stage(steps: [], direct: true), "Stage \"test\" has no steps"),
        ] {
            let cluster = cluster(stage)
            let error = await #expect(throws: CommandError.self) { try await promote(cluster) }
            #expect(error?.description.hasPrefix(reason) == true, "\(error?.description ?? "")")
            #expect(cluster.writes.isEmpty)
        }
    }

    @Test func `approves once and then lets promote`() async throws {
        let cluster = cluster(stage())
        let objects = KargoObjects(api: cluster)
        let approval = Approval(api: cluster, project: "demo", now: now)
        for _ in 0..<2 {
            let freight = try await objects.freight("abcdef123456", project: "demo")
            try await approval.approve(freight, for: objects.stage("test", project: "demo"))
        }
        #expect(
            cluster.writes == [
                .init(
                    method: "PATCH",
                    target: "\(CannedCluster.project)/freights/abcdef123456/status",
                    body: ["status": ["approvedFor": ["test": ["approvedAt": .string(SamplePromotion.time(0))]]]]
                )
            ]
        )
        _ = try await promote(cluster)
    }

    @Test func `approves no Freight of an origin that the Stage does not request`() async throws {
        let cluster = cluster(stage())
        let objects = KargoObjects(api: cluster)
        let freight = try await objects.freight("abcdef123456", project: "demo")
        var stage = try await objects.stage("test", project: "demo")
        stage.spec.requestedFreight[0].origin.name = "elsewhere"
        let other = stage
        let error = await #expect(throws: CommandError.self) {
            try await Approval(api: cluster, project: "demo").approve(freight, for: other)
        }
        #expect(error?.description.contains("requests no Freight of Warehouse/w;") == true)
    }

    @Test func `asks for the end of a Promotion that has not ended`() async throws {
        let cluster = CannedCluster(["\(CannedCluster.project)/promotions/test.01.abc": SamplePromotion.object()])
        let request = PromotionRequest(api: cluster, project: "demo")
        try await request.abort(SamplePromotion.make("Running"))
        #expect(
            cluster.writes.map(\.body) == [
                ["metadata": ["annotations": ["kargo.akuity.io/abort": "{\"action\":\"terminate\"}"]]]
            ]
        )
        let error = await #expect(throws: CommandError.self) { try await request.abort(SamplePromotion.make("Failed")) }
        #expect(error?.description.hasSuffix("it has ended already (Failed)") == true)
    }

    @Test func `finds Freight by name or alias`() async throws {
        let objects = KargoObjects(api: cluster(stage()))
        for arguments in [["--freight", "abcdef123456"], ["--freight-alias", "calm-otter"]] {
            let freight = try await FreightOptions.parse(arguments).freight(of: objects, project: "demo")
            #expect(freight.metadata.name == "abcdef123456")
        }
        for arguments in [["--freight", "x"], ["--freight-alias", "x"]] {
            let error = await #expect(throws: CommandError.self) {
                try await FreightOptions.parse(arguments).freight(of: objects, project: "demo")
            }
            #expect(error?.description.hasSuffix("\"kargo get freight -p demo\" lists it") == true)
        }
    }

    @Test func `says what does not exist and what lists it`() async throws {
        let objects = KargoObjects(api: cluster(stage()))
        let stage = await #expect(throws: CommandError.self) { try await objects.namedStage("x", project: "demo") }
        #expect(
            stage?.description == "there is no Stage \"x\" in Project \"demo\"; \"kargo get stages -p demo\" lists them"
        )
        await #expect(throws: CommandError.self) { try await objects.namedPromotion("x", project: "demo") }
    }
}
