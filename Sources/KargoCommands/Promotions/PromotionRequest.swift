import ControlPlane
import KargoCore
import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Asks for Promotions, and for their end.
struct PromotionRequest {
    let api: any KubernetesAPI
    let project: String
    var now: @Sendable () -> Date = { Date() }

    /// Creates a Promotion, complete as an admission webhook would make it.
    ///
    /// - Returns: The Promotion as the server has it, which may be another than was sent.
    func promote(_ freight: Freight, to stage: Stage) async throws -> Promotion {
        guard !stage.isControlFlow else { throw Self.nothingToPromote(to: stage) }
        guard stage.isAvailable(freight, at: now()) else {
            let (name, stage) = (freight.metadata.name, stage.metadata.name)
            throw CommandError(
                "Freight \"\(name)\" is not available to Stage \"\(stage)\"; approve it with \"kargo approve -p \(project) "
                    + "--freight \(name) --stage \(stage)\", or have it verified by the Stages before"
            )
        }
        let objects = KargoObjects(api: api)
        let promotion = try await PromotionBuilder(objects: objects)
            .promotion(of: stage, freight: freight.metadata.name)
        var value = try JSONValueEncoder().encode(promotion)
        value["status"] = nil
        let created = try await api.create(.promotions, namespace: project, value)
        return try objects.decode(Promotion.self, created)
    }

    /// The error for a Stage without steps.
    static func nothingToPromote(to stage: Stage) -> CommandError {
        CommandError(
            "Stage \"\(stage.metadata.name)\" has no steps, so nothing can be promoted to it; give it some in "
                + "spec.promotionTemplate"
        )
    }

    /// Asks for the end of a Promotion.
    ///
    /// - Throws: ``CommandError`` for one that has ended.
    func abort(_ promotion: Promotion) async throws {
        if let phase = promotion.status.phase, phase.isTerminal {
            throw CommandError(
                "Promotion \"\(promotion.metadata.name)\" can't be aborted: it has ended already (\(phase.rawValue))"
            )
        }
        let annotations: JSONValue = [KargoAPI.Annotation.abort: .string(AbortRequest().annotation)]
        _ = try await api.patch(
            .promotions,
            namespace: project,
            name: promotion.metadata.name,
            .merge(["metadata": ["annotations": annotations]])
        )
    }
}
