import KargoCore
import KubernetesClient

extension KargoAdmission {
    func reviewPromotion(_ request: AdmissionRequest) async throws -> JSONValue {
        request.operation == .create ? try await completePromotion(request) : try reviewChangedPromotion(request)
    }

    private func completePromotion(_ request: AdmissionRequest) async throws -> JSONValue {
        var promotion = try objects.decode(Promotion.self, request.object)
        let given = promotion.metadata.name.isEmpty ? promotion.metadata.generateName : promotion.metadata.name
        let project = promotion.metadata.namespace
        let stage: Stage
        do {
            stage = try await objects.stage(promotion.spec.stage, project: project)
        } catch let error as KubernetesError where error.code == .notFound {
            throw AdmissionFailure.invalid(
                given,
                FieldPath("spec", "stage"),
                "there is no Stage \"\(promotion.spec.stage)\" in Project \"\(project)\""
            )
        }
        let freight = try await resolveFreight(&promotion, stage: stage, name: given)
        guard stage.isAvailable(freight, at: now()) else {
            throw AdmissionFailure.invalid(
                given,
                FieldPath("spec", "freight"),
                "Freight \"\(freight.metadata.name)\" is not available to Stage \"\(stage.metadata.name)\"; approve it, or "
                    + "promote it to the Stages before and have it verified there"
            )
        }
        promotion = try await builder.completed(promotion, stage: stage)
        // Only what was completed is written over, so that fields of a newer version survive.
        var object = request.object
        let completed = try JSONValueEncoder().encode(promotion)
        object["spec"] = completed["spec"]
        object["metadata"] = (object["metadata"] ?? [:]).applying(mergePatch: completed["metadata"] ?? [:])
        object[path: "metadata", "generateName"] = nil
        // The controller writes these when it begins, and nobody else.
        for annotation in [KargoAPI.Annotation.engine, KargoAPI.Annotation.agentPod] {
            object[path: "metadata", "annotations", annotation] = nil
        }
        object[path: "metadata", "ownerReferences"] = completed[path: "metadata", "ownerReferences"]
        noteActor(&object, request)
        noteAbortActor(&object, request)
        return object
    }

    /// The Freight that is meant, by name or as the newest of an origin.
    private func resolveFreight(_ promotion: inout Promotion, stage: Stage, name: String) async throws -> Freight {
        let project = promotion.metadata.namespace
        if let freight = promotion.spec.freight, !freight.isEmpty {
            do {
                return try await objects.freight(freight, project: project)
            } catch let error as KubernetesError where error.code == .notFound {
                throw AdmissionFailure.invalid(
                    name,
                    FieldPath("spec", "freight"),
                    "there is no Freight \"\(freight)\" in Project \"\(project)\""
                )
            }
        }
        guard let origin = promotion.spec.origin else {
            throw AdmissionFailure.invalid(name, FieldPath("spec"), "exactly one of freight and origin must be given")
        }
        let all = try await objects.api.list(.freights, namespace: project).items
            .map { value throws(KubernetesError) in try objects.decode(Freight.self, value) }
        let moment = now()
        let candidates = all.filter { $0.origin == origin && stage.isAvailable($0, at: moment) }
        guard let newest = candidates.max(by: { ($0.age, $0.metadata.name) < ($1.age, $1.metadata.name) }) else {
            throw AdmissionFailure.invalid(
                name,
                FieldPath("spec", "origin"),
                "no Freight of \(origin) is available to Stage \"\(stage.metadata.name)\""
            )
        }
        promotion.spec.freight = newest.metadata.name
        promotion.spec.origin = nil
        return newest
    }

    private func reviewChangedPromotion(_ request: AdmissionRequest) throws -> JSONValue {
        let name = request.object[path: "metadata", "name"]?.stringValue ?? ""
        guard request.object["spec"] == request.oldObject?["spec"] else {
            throw AdmissionFailure.invalid(name, FieldPath("spec"), "a Promotion can't be changed; create another one")
        }
        var object = request.object
        let annotation = KargoAPI.Annotation.createActor
        object[path: "metadata", "annotations", annotation] =
            request.oldObject?[path: "metadata", "annotations", annotation]
        noteAbortActor(&object, request)
        return object
    }

    /// Makes JSON of a new request to abort, with who made it.
    private func noteAbortActor(_ object: inout JSONValue, _ request: AdmissionRequest) {
        let place = ["metadata", "annotations", KargoAPI.Annotation.abort]
        let text = object[path: place[0], place[1], place[2]]?.stringValue
        guard let text, !text.isEmpty, text != request.oldObject?[path: place[0], place[1], place[2]]?.stringValue
        else {
            return
        }
        var abort = AbortRequest(annotation: text)
        if isFromControlPlane(request) {
            abort.controlPlane = true
        } else {
            abort.actor = "kubernetes:\(request.username)"
            abort.controlPlane = nil
        }
        object[path: place[0], place[1], place[2]] = .string(abort.annotation)
    }
}

extension Freight {
    /// When it was found, in seconds.
    fileprivate var age: Int64 { (discoveredAt ?? metadata.creationTimestamp)?.secondsSince1970 ?? 0 }
}
