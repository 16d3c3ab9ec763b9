public import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes complete Promotions of a Stage's template, as Kargo's admission webhook does.
///
/// A client makes them so too, and posts the whole: then it also works on a cluster without webhooks.
public struct PromotionBuilder: Sendable {
    /// The longest beginning of a name, so that the rest fits what Kubernetes allows.
    private static let longestPrefix = 218

    private let objects: KargoObjects
    private let identifiers: ULIDGenerator

    /// Makes a builder.
    ///
    /// - Parameters:
    ///   - objects: Where Stages and tasks are read.
    ///   - identifiers: What makes names that sort by age.
    public init(objects: KargoObjects, identifiers: ULIDGenerator = ULIDGenerator()) {
        self.objects = objects
        self.identifiers = identifiers
    }

    /// Makes a Promotion of a Stage.
    ///
    /// - Parameters:
    ///   - stage: The Stage.
    ///   - freight: The name of the Freight.
    /// - Returns: The Promotion, ready to be created.
    /// - Throws: `KubernetesError` with code `invalid` for a Stage without steps and a task that can't be expanded,
    ///   with code `notFound` for a task that does not exist.
    public func promotion(of stage: Stage, freight: String) async throws -> Promotion {
        var promotion = Promotion()
        promotion.metadata.namespace = stage.metadata.namespace
        promotion.spec.stage = stage.metadata.name
        promotion.spec.freight = freight
        return try await completed(promotion, stage: stage)
    }

    /// Gives a Promotion the name, the steps, the variables and the marks that its Stage and Freight demand, whatever
    /// it had before.
    ///
    /// - Parameters:
    ///   - promotion: The Promotion; its Freight is set.
    ///   - stage: Its Stage.
    /// - Returns: The Promotion.
    /// - Throws: As ``promotion(of:freight:)``.
    public func completed(_ promotion: Promotion, stage: Stage) async throws -> Promotion {
        guard let template = stage.spec.promotionTemplate?.spec, !template.steps.isEmpty else {
            throw AdmissionFailure.invalid(
                promotion.metadata.name,
                FieldPath("spec", "stage"),
                "Stage \"\(stage.metadata.name)\" defines no promotion steps"
            )
        }
        var promotion = promotion
        promotion.metadata.generateName = ""
        promotion.metadata.name = name(stage: stage.metadata.name, freight: promotion.spec.freight ?? "")
        promotion.spec.vars = stage.spec.vars + template.vars
        do {
            let project = stage.metadata.namespace
            promotion.spec.steps = try await TaskInflation.inflate(template.steps, vars: promotion.spec.vars) {
                try await objects.task($0, name: $1, project: project)
            }
        } catch let failure as TaskInflation.Failure {
            throw AdmissionFailure.invalid(promotion.metadata.name, FieldPath("spec"), failure.description)
        }
        if stage.spec.shard.isEmpty {
            promotion.metadata.labels[KargoAPI.Label.shard] = nil
        } else {
            promotion.metadata.labels[KargoAPI.Label.shard] = stage.spec.shard
        }
        promotion.metadata.labels[KargoAPI.Label.stage] = LabelValue.shortened(stage.metadata.name)
        promotion.metadata.annotations[KargoAPI.Annotation.stage] = stage.metadata.name
        var owner = OwnerReference()
        owner.apiVersion = KargoAPI.groupVersion
        owner.kind = "Stage"
        owner.name = stage.metadata.name
        owner.uid = stage.metadata.uid
        owner.controller = true
        owner.blockOwnerDeletion = true
        promotion.metadata.ownerReferences.removeAll { $0.controller == true || $0.uid == owner.uid }
        promotion.metadata.ownerReferences.append(owner)
        return promotion
    }

    /// `<stage>.<ulid>.<first 7 of the Freight>`; names in their order are Promotions in the order of their making.
    private func name(stage: String, freight: String) -> String {
        var prefix = stage.lowercased().prefix(Self.longestPrefix)
        while prefix.last == "." || prefix.last == "-" { prefix.removeLast() }
        return "\(prefix).\(identifiers.next().lowercased()).\(freight.lowercased().prefix(7))"
    }
}
