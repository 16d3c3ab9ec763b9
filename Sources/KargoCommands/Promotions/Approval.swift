import ControlPlane
import KargoCore
import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes Freight available to a Stage by somebody's word.
struct Approval {
    let api: any KubernetesAPI
    let project: String
    var now: @Sendable () -> Date = { Date() }

    /// Approves Freight; what is approved already stays so.
    ///
    /// - Throws: ``CommandError`` for a Stage that takes no Freight of that origin.
    func approve(_ freight: Freight, for stage: Stage) async throws {
        let name = stage.metadata.name
        guard stage.spec.requestedFreight.contains(where: { $0.origin == freight.origin }) else {
            throw CommandError(
                "Stage \"\(name)\" requests no Freight of \(freight.origin); add it to spec.requestedFreight of the Stage"
            )
        }
        guard freight.status.approvedFor[name] == nil else { return }
        let entry: JSONValue = ["approvedAt": .string(KubernetesTime(now()).description)]
        _ = try await api.patch(
            .freights,
            namespace: project,
            name: freight.metadata.name,
            subresource: "status",
            .merge(["status": ["approvedFor": .object([name: entry])]])
        )
    }
}
