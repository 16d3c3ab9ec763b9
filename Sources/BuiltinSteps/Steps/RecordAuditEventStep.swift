import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Writes an Event about the Promotion.
struct RecordAuditEventStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var message: String
        var type: String?
        var actor: String?
        var data: [String: String]?
    }

    static let kind = "record-audit-event"
    static var schema: [UInt8] { PackageResources.record_audit_event_json }

    let controlPlane: (any ControlPlaneAccess)?
    var now: @Sendable () -> Date = { Date() }

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        guard let controlPlane else { throw MissingCapability("writing Events") }
        do {
            try await controlPlane.recordEvent(event(step, config))
        } catch let failure as ControlPlaneFailure {
            return .errored("the Event can't be written: \(failure)")
        }
        return .succeeded()
    }

    /// The Event, whose name is the same in every attempt.
    private func event(_ step: StepContext, _ config: Config) -> Event {
        let promotion = step.promotion
        var event = Event()
        event.apiVersion = "v1"
        event.kind = "Event"
        let digest = Digest.sha256("\(promotion.promotionUID)/\(step.alias)".utf8).hexadecimal.prefix(16)
        // Names of Promotions may be as long as that of an object.
        event.metadata.name = "\(promotion.promotion.prefix(236)).\(digest)"
        event.metadata.namespace = promotion.project
        event.metadata.annotations = annotations(promotion, config)
        event.involvedObject.apiVersion = KargoAPI.groupVersion
        event.involvedObject.kind = "Promotion"
        event.involvedObject.namespace = promotion.project
        event.involvedObject.name = promotion.promotion
        event.involvedObject.uid = promotion.promotionUID
        event.reason = "AuditEvent"
        event.message = config.message
        event.type = "Normal"
        event.source.component = "kargo"
        event.reportingComponent = "kargo"
        event.firstTimestamp = KubernetesTime(now())
        event.lastTimestamp = event.firstTimestamp
        event.count = 1
        return event
    }

    private func annotations(_ promotion: PromotionContext, _ config: Config) -> [String: String] {
        var annotations = [
            KargoAPI.EventAnnotation.auditType: config.type ?? "recorded",
            KargoAPI.EventAnnotation.actor: config.actor ?? promotion.actor,
            KargoAPI.EventAnnotation.project: promotion.project,
            KargoAPI.EventAnnotation.promotion: promotion.promotion,
            KargoAPI.EventAnnotation.stage: promotion.stage,
            KargoAPI.EventAnnotation.freight: promotion.targetFreight.name,
            KargoAPI.EventAnnotation.freightAlias: promotion.targetFreightAlias,
        ]
        .filter { !$0.value.isEmpty }
        if let data = config.data, !data.isEmpty {
            annotations[KargoAPI.EventAnnotation.auditData] = JSONValue.object(data.mapValues(JSONValue.string)).text()
        }
        return annotations
    }
}
