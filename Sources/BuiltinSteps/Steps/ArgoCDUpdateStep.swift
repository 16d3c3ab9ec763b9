import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Changes sources of Argo CD's Applications, has them synced, and waits for that.
struct ArgoCDUpdateStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        struct App: Decodable, Sendable {
            var name: String?
            var namespace: String?
            var selector: LabelSelector?
            var sources: [SourceUpdate]?

            var target: ApplicationTarget {
                ApplicationTarget(name: name, namespace: namespace, selector: selector)
            }
        }

        var apps: [App]
    }

    /// How an Application stands after an attempt.
    private struct Progress {
        var known: KnownApplication
        var desiredRevisions: [String]
        var phase: String
        var reason: String
    }

    static let kind = "argocd-update"
    static var schema: [UInt8] { PackageResources.argocd_update_json }
    static let timeout = Duration.seconds(300)
    /// When to look again if nobody hears of changes of Applications.
    static let pollInterval = Duration.seconds(30)
    /// How often the same Application may change between reading and writing it in one attempt.
    private static let mostConflicts = 5
    private static let mostProblems = 3

    let applications: (any ArgoCDApplications)?
    var now: @Sendable () -> Date = { Date() }

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        guard let applications else { throw MissingCapability("access to Argo CD") }
        do {
            var progress: [Progress] = []
            for app in config.apps {
                progress += try await update(app, in: applications, step.promotion)
            }
            return Self.result(progress)
        } catch let error as CancellationError {
            throw error
        } catch {
            return .errored(String(describing: error))
        }
    }

    private func update(
        _ app: Config.App,
        in applications: any ArgoCDApplications,
        _ promotion: PromotionContext
    ) async throws -> [Progress] {
        let found = try await applications.find(app.target)
        let permitted = found.filter { Self.isPermitted($0, promotion) }
        guard !permitted.isEmpty else {
            let names = app.target.describe(app.namespace ?? applications.defaultNamespace)
            let stage = "\(promotion.project):\(promotion.stage)"
            throw ArgoCDFailure(
                (app.name != nil ? "\(names) may not" : "none of the \(found.count) \(names) may")
                    + " be changed by this Stage; annotate it with \(KargoAPI.Annotation.authorizedStage): \(stage)"
            )
        }
        let updates = app.sources ?? []
        if permitted.count > 1 { try Self.rehearse(updates, permitted) }
        var progress: [Progress] = []
        for known in permitted { progress.append(try await update(known, updates, in: applications, promotion)) }
        return progress
    }

    private static func isPermitted(_ known: KnownApplication, _ promotion: PromotionContext) -> Bool {
        let stage = ObjectKey(namespace: promotion.project, name: promotion.stage)
        return known.application.authorizedStages.contains(stage)
    }

    /// Makes sure that all of many Applications can be changed before one is.
    private static func rehearse(_ updates: [SourceUpdate], _ found: [KnownApplication]) throws(ArgoCDFailure) {
        var problems: [String] = []
        for known in found {
            do throws(ArgoCDFailure) {
                _ = try updates.change(of: known)
            } catch {
                problems.append(error.description)
            }
        }
        guard !problems.isEmpty else { return }
        let more = problems.count > mostProblems ? "; and \(problems.count - mostProblems) more" : ""
        throw ArgoCDFailure(
            "\(problems.count) of \(found.count) Applications don't have the sources that are to be changed, so none is: "
                + problems.prefix(mostProblems).joined(separator: "; ") + more
        )
    }

    private func update(
        _ known: KnownApplication,
        _ updates: [SourceUpdate],
        in applications: any ArgoCDApplications,
        _ promotion: PromotionContext
    ) async throws -> Progress {
        var known = known
        for _ in 0..<Self.mostConflicts {
            let revisions = updates.desiredRevisions(of: known.application)
            let application = known.application
            switch SyncDecision(application, desiredRevisions: revisions, promotion: promotion.promotion) {
            case .wait(let phase, let reason):
                return Progress(known: known, desiredRevisions: revisions, phase: phase, reason: reason)
            case .over("Succeeded"):
                return Progress(known: known, desiredRevisions: revisions, phase: "Succeeded", reason: "")
            case .over(let phase):
                let message = application.status.operationState?.message ?? ""
                throw ArgoCDFailure("the sync of \(known.title) ended as \(phase): \(message)")
            case .update:
                do {
                    try await start(known, spec: updates.change(of: known), in: applications, promotion)
                    return Progress(
                        known: known,
                        desiredRevisions: revisions,
                        phase: "Running",
                        reason: "it was told to sync"
                    )
                } catch is ApplicationConflict {
                    known = try await again(known, in: applications, promotion)
                }
            }
        }
        let revisions = updates.desiredRevisions(of: known.application)
        return Progress(known: known, desiredRevisions: revisions, phase: "Running", reason: "it keeps changing")
    }

    private func start(
        _ known: KnownApplication,
        spec: JSONValue,
        in applications: any ArgoCDApplications,
        _ promotion: PromotionContext
    ) async throws {
        let operation = SyncOperation(known: known, promotion: promotion)
        let stored: JSONValue
        do {
            stored = try await applications.patchApplication(
                known.name,
                namespace: known.namespace,
                operation.patch(spec: spec)
            )
        } catch let error as CancellationError {
            throw error
        } catch let conflict as ApplicationConflict {
            throw conflict
        } catch {
            throw ArgoCDFailure("\(known.title) can't be changed: \(error)")
        }
        do {
            try await applications.recordEvent(operation.event(stored, at: now()))
        } catch let error as CancellationError {
            throw error
        } catch {
            // The sync is under way; a note for people that is missing changes nothing.
            return
        }
    }

    /// Reads an Application that has changed.
    private func again(
        _ known: KnownApplication,
        in applications: any ArgoCDApplications,
        _ promotion: PromotionContext
    ) async throws -> KnownApplication {
        guard let newest = try await applications.known(known.name, namespace: known.namespace) else {
            throw ArgoCDFailure("there is no \(known.title) any more")
        }
        guard Self.isPermitted(newest, promotion) else {
            throw ArgoCDFailure("\(known.title) may no longer be changed by this Stage")
        }
        return newest
    }

    private static func result(_ progress: [Progress]) -> StepResult {
        let output: [JSONValue] = progress.map {
            ["name": .string($0.known.name), "namespace": .string($0.known.namespace)]
        }
        let waiting = progress.filter { $0.phase != "Succeeded" }
        let strange = waiting.first { !["Running", "Terminating"].contains($0.phase) }
        if let strange, !waiting.contains(where: { ["Running", "Terminating"].contains($0.phase) }) {
            return .errored(
                "the operation of \(strange.known.title) has a phase that nobody knows: \"\(strange.phase)\""
            )
        }
        var result =
            waiting.isEmpty
            ? StepResult.succeeded()
            : .running(
                waiting.map { "waiting for \($0.known.title): \($0.reason)" }.joined(separator: "; "),
                retryAfter: pollInterval
            )
        result.output = ["apps": .array(output)]
        result.healthCheck = HealthCheckStep(uses: kind, config: ["apps": .array(progress.map(Self.check))])
        return result
    }

    private static func check(_ progress: Progress) -> JSONValue {
        var check: JSONValue = [
            "name": .string(progress.known.name), "namespace": .string(progress.known.namespace),
        ]
        if !progress.desiredRevisions.isEmpty {
            check["desiredRevisions"] = .array(progress.desiredRevisions.map(JSONValue.string))
        }
        return check
    }
}
