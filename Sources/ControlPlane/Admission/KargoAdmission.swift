public import KargoCore
public import KubernetesClient

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Completes and judges writes of Kargo's kinds, as Kargo's admission webhooks do.
public struct KargoAdmission: AdmissionReviewer {
    let objects: KargoObjects
    let builder: PromotionBuilder
    let aliases: FreightAliasGenerator
    let now: @Sendable () -> Date
    private let isControlPlane: @Sendable (String) -> Bool

    /// Makes a reviewer.
    ///
    /// - Parameters:
    ///   - api: Where other objects are read, and Namespaces of Projects are made.
    ///   - identifiers: What makes names that sort by age.
    ///   - now: The clock.
    ///   - isControlPlane: Whether a caller is a part of Kargo, which speaks for others.
    public init(
        api: any KubernetesAPI,
        identifiers: ULIDGenerator = ULIDGenerator(),
        now: @escaping @Sendable () -> Date = { Date() },
        isControlPlane: @escaping @Sendable (String) -> Bool = KargoAdmission.isServiceAccountOfKargo
    ) {
        objects = KargoObjects(api: api)
        builder = PromotionBuilder(objects: objects, identifiers: identifiers)
        aliases = FreightAliasGenerator()
        self.now = now
        self.isControlPlane = isControlPlane
    }

    /// Whether a name is that of one of Kargo's own service accounts.
    public static let isServiceAccountOfKargo: @Sendable (String) -> Bool = { username in
        let parts = username.split(separator: ":")
        return parts.count == 4 && parts[0] == "system" && parts[1] == "serviceaccount"
            && ["kargo-api", "kargo-controller", "kargo-garbage-collector", "kargo-management-controller"]
                .contains { parts[3].hasPrefix($0) }
    }

    /// Completes and checks an object before it is stored.
    public func review(_ request: AdmissionRequest) async throws -> JSONValue {
        guard request.resource.group == KargoAPI.group else { return request.object }
        if request.operation == .delete {
            if request.resource.plural == "freights" { try await requireUnusedByStages(request.object) }
            return request.object
        }
        if request.resource.isNamespaced, request.operation == .create { try await requireProject(of: request.object) }
        switch request.resource.plural {
        case "projects": return try await reviewProject(request)
        case "freights": return try await reviewFreight(request)
        case "promotions": return try await reviewPromotion(request)
        case "stages": return try reviewStage(request)
        case "promotiontasks", "clusterpromotiontasks": return try reviewTask(request)
        case "projectconfigs": return try reviewName(request, request.object[path: "metadata", "namespace"])
        case "clusterconfigs": return try reviewName(request, "cluster")
        case "warehouses":
            var object = request.object
            Self.mirrorShard(&object)
            return object
        default: return request.object
        }
    }

    /// Kargo's kinds live in the Namespaces of Projects only.
    private func requireProject(of object: JSONValue) async throws {
        guard let name = object[path: "metadata", "namespace"]?.stringValue else { return }
        let namespace = try await objects.api.get(.namespaces, name: name)
        guard namespace[path: "metadata", "labels", KargoAPI.Label.project] == "true" else {
            throw KubernetesError(
                .notFound,
                "namespace \"\(name)\" belongs to no Project; make one with \"kargo create project \(name)\""
            )
        }
    }

    private func reviewName(_ request: AdmissionRequest, _ name: JSONValue?) throws -> JSONValue {
        let own = request.object[path: "metadata", "name"]
        guard own == name else {
            throw AdmissionFailure.invalid(
                own?.stringValue ?? "",
                FieldPath("metadata", "name"),
                "must be \"\(name?.stringValue ?? "")\""
            )
        }
        return request.object
    }

    // MARK: Projects

    /// Makes the Namespace of a new Project at once, so that what follows in the same file finds it.
    private func reviewProject(_ request: AdmissionRequest) async throws -> JSONValue {
        guard request.operation == .create else { return request.object }
        var object = request.object
        noteActor(&object, request)
        guard !request.isDryRun, let name = object[path: "metadata", "name"]?.stringValue else { return object }
        let labels: JSONValue = [KargoAPI.Label.project: "true"]
        do {
            _ = try await objects.api.create(
                .namespaces,
                ["metadata": ["name": .string(name), "labels": labels, "finalizers": [.string(KargoAPI.finalizer)]]]
            )
        } catch let error as KubernetesError where error.code == .alreadyExists {
            let namespace = try await objects.api.get(.namespaces, name: name)
            guard namespace[path: "metadata", "labels", KargoAPI.Label.project] == "true" else {
                throw KubernetesError(
                    .conflict,
                    "there is a namespace \"\(name)\" that belongs to no Project; label it "
                        + "\(KargoAPI.Label.project)=true to give it to one"
                )
            }
            guard namespace[path: "metadata", "deletionTimestamp"] == nil else {
                throw KubernetesError(.conflict, "namespace \"\(name)\" is being deleted; try again when it is gone")
            }
        }
        return object
    }

    // MARK: Stages and tasks

    private func reviewStage(_ request: AdmissionRequest) throws -> JSONValue {
        var object = request.object
        // What has been checked is not checked again at each write of the status.
        if request.oldObject == nil || request.oldObject?["spec"] != object["spec"] { try checkStage(object) }
        Self.mirrorShard(&object)
        return object
    }

    private func checkStage(_ object: JSONValue) throws {
        let stage = try objects.decode(Stage.self, object)
        let name = stage.metadata.name
        var origins: Set<FreightOrigin> = []
        for (index, freight) in stage.spec.requestedFreight.enumerated() {
            let path = FieldPath("spec", "requestedFreight").appending(index)
            guard origins.insert(freight.origin).inserted else {
                throw AdmissionFailure.invalid(name, path, "Freight of \(freight.origin) is requested twice")
            }
            let sources = freight.sources
            guard sources.direct || !sources.stages.isEmpty else {
                throw AdmissionFailure.invalid(name, path.appending("sources"), "must be direct or list stages")
            }
            if sources.autoPromotionOptions?["selectionPolicy"] == "MatchUpstream",
                sources.direct || sources.stages.count != 1
            {
                throw AdmissionFailure.invalid(
                    name,
                    path.appending("sources").appending("autoPromotionOptions"),
                    "MatchUpstream needs exactly one Stage before and no direct source"
                )
            }
        }
        let steps = FieldPath("spec", "promotionTemplate", "spec", "steps")
        try Self.checkSteps(stage.spec.promotionTemplate?.spec.steps ?? [], steps, name: name)
    }

    private func reviewTask(_ request: AdmissionRequest) throws -> JSONValue {
        let task = try objects.decode(PromotionTask.self, request.object)
        try Self.checkSteps(task.spec.steps, FieldPath("spec", "steps"), name: task.metadata.name)
        return request.object
    }

    private static func checkSteps(_ steps: [PromotionStep], _ path: FieldPath, name: String) throws {
        var aliases: Set<String> = []
        for (index, step) in steps.enumerated() {
            let path = path.appending(index)
            let alias = step.as.trimmingSpaces
            if !alias.isEmpty {
                guard !alias.isReservedAlias else {
                    throw AdmissionFailure.invalid(
                        name,
                        path.appending("as"),
                        "\"\(alias)\" is reserved for steps without an alias"
                    )
                }
                guard aliases.insert(alias).inserted else {
                    throw AdmissionFailure.invalid(name, path.appending("as"), "\"\(alias)\" is the alias of two steps")
                }
            }
            guard step.task != nil else { continue }
            if !step.if.isEmpty {
                throw AdmissionFailure.invalid(
                    name,
                    path.appending("if"),
                    "a step that stands for a task may not set it"
                )
            }
            if step.config != nil {
                throw AdmissionFailure.invalid(
                    name,
                    path.appending("config"),
                    "a step that stands for a task may not set it; use vars"
                )
            }
        }
    }

    /// The shard as a label, by which controllers select.
    private static func mirrorShard(_ object: inout JSONValue) {
        guard let shard = object[path: "spec", "shard"]?.stringValue, !shard.isEmpty else {
            object[path: "metadata", "labels", KargoAPI.Label.shard] = nil
            return
        }
        object[path: "metadata", "labels", KargoAPI.Label.shard] = .string(shard)
    }

    /// Records who creates an object, unless a part of Kargo does, which has recorded it itself.
    func noteActor(_ object: inout JSONValue, _ request: AdmissionRequest) {
        guard !isControlPlane(request.username) else { return }
        object[path: "metadata", "annotations", KargoAPI.Annotation.createActor] =
            .string("kubernetes:\(request.username)")
    }

    /// Whether a write comes from a part of Kargo.
    func isFromControlPlane(_ request: AdmissionRequest) -> Bool { isControlPlane(request.username) }
}

extension String {
    fileprivate var trimmingSpaces: String {
        let start = drop { $0.isWhitespace }
        let end = start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.endIndex
        return String(start[..<end])
    }

    /// Whether this is what a step or a task without an alias is called.
    fileprivate var isReservedAlias: Bool {
        for prefix in ["step-", "task-"] where hasPrefix(prefix) {
            let number = dropFirst(prefix.count)
            if !number.isEmpty, number.allSatisfy({ ("0"..."9").contains($0) }) { return true }
        }
        return false
    }
}
