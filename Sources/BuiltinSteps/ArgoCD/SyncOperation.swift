import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A sync of an Application that a Promotion starts, as Argo CD's API server would start it.
struct SyncOperation: Sendable {
    private static let controller = "kargo-controller"

    let known: KnownApplication
    let promotion: PromotionContext

    /// Who is told to have started it.
    ///
    /// The syncs of people keep to Argo CD's windows for manual syncs.
    private var initiator: String { promotion.actor.isEmpty ? Self.controller : promotion.actor }

    private var operation: JSONValue {
        var sync: JSONValue = ["revisions": []]
        let policy = known.object[path: "spec", "syncPolicy"]
        sync["syncOptions"] = policy?["syncOptions"]
        var operation: JSONValue = [
            "initiatedBy": ["username": .string(initiator), "automated": .bool(promotion.actor.isEmpty)],
            "info": [
                ["name": "Reason", "value": "a Promotion asked for a sync"],
                ["name": .string(SyncDecision.promotionInfo), "value": .string(promotion.promotion)],
            ],
            "sync": sync,
        ]
        operation["retry"] = policy?["retry"]
        return operation
    }

    /// The merge patch that starts it; it fails if the Application has changed since.
    ///
    /// - Parameter spec: What changes in the `spec`.
    /// - Returns: The patch.
    func patch(spec: JSONValue) -> JSONValue {
        var patch: JSONValue = [
            "metadata": ["annotations": [ArgoCDApplication.refreshAnnotation: "hard"]],
            "operation": operation,
        ]
        if let version = known.object[path: "metadata", "resourceVersion"] {
            patch[path: "metadata", "resourceVersion"] = version
        }
        if spec != [:] { patch["spec"] = spec }
        // Argo CD takes a new operation for a repetition of the one that is recorded (argo-cd#20875).
        if known.object[path: "status", "operationState"] != nil { patch["status"] = ["operationState": .null] }
        return patch
    }

    /// What Argo CD's API server would note for people.
    func event(_ application: JSONValue, at moment: Date) -> Event {
        let nanoseconds = UInt64(max(0, moment.timeIntervalSince1970) * 1e9)
        var event = Event()
        event.apiVersion = "v1"
        event.kind = "Event"
        event.metadata.name = "\(known.name).\(String(nanoseconds, radix: 16))"
        event.metadata.namespace = known.namespace
        event.metadata.annotations = ["user": initiator]
        event.involvedObject.apiVersion = ArgoCDApplication.apiVersion
        event.involvedObject.kind = "Application"
        event.involvedObject.name = known.name
        event.involvedObject.namespace = known.namespace
        event.involvedObject.uid = known.application.metadata.uid
        event.involvedObject.resourceVersion = application[path: "metadata", "resourceVersion"]?.stringValue ?? ""
        event.reason = "OperationStarted"
        event.message = "\(initiator) initiated sync\(Self.goal(application))"
        event.source.component = initiator
        event.firstTimestamp = KubernetesTime(moment)
        event.lastTimestamp = event.firstTimestamp
        event.count = 1
        event.type = "Normal"
        return event
    }

    private static func goal(_ application: JSONValue) -> String {
        let spec = application["spec"]
        let sources = spec?["sources"]?.arrayValue ?? []
        guard sources.count < 2 else { return " to \(sources.count) sources" }
        let revision = (sources.first ?? spec?["source"])?["targetRevision"]?.stringValue
        return revision.map { " to \($0)" } ?? ""
    }
}
