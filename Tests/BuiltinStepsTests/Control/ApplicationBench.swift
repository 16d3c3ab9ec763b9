import BuiltinSteps
import KargoCore

/// A work directory with Applications of Argo CD besides it.
struct ApplicationBench: Sendable {
    let bench: StepBench
    let applications: InMemoryApplications

    static func with(_ texts: String..., body: (ApplicationBench) async throws -> Void) async throws {
        let applications = try InMemoryApplications()
        for text in texts { try applications.add(text) }
        try await StepBench.with { bench async throws in
            try await body(ApplicationBench(bench: bench, applications: applications))
        }
    }

    /// An Application that the Stage of the bench may change.
    static func application(
        _ name: String = "app",
        labels: String = "{}",
        stage: String = "demo:test",
        spec: String = "{source: {repoURL: 'https://git/app.git', targetRevision: main, path: env}}",
        status: String = "{}",
        more: String = "{}"
    ) -> String {
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata:
          name: \(name)
          uid: uid-\(name)
          labels: \(labels)
          annotations: {kargo.akuity.io/authorized-stage: '\(stage)'}
        spec: \(spec)
        status: \(status)
        operation: \(more)
        """
        .replacing("\noperation: {}", with: "")
    }

    /// The state of an operation that a Promotion asked for.
    static func state(_ phase: String, promotion: String? = "p1", result: String = "", more: String = "") -> String {
        let info = promotion.map { "[{name: kargo.akuity.io/promotion, value: \($0)}]" } ?? "[]"
        let operation = "operation: {initiatedBy: {username: alice}, info: \(info)}"
        return "{operationState: {phase: \(phase), message: it went so, \(operation)\(result)\(more)}}"
    }

    func run(
        _ kind: String,
        _ config: JSONValue,
        _ change: (inout StepContext) -> Void = { _ in }
    ) async throws -> StepResult {
        try await bench.run(kind, config, capabilities: StepCapabilities(argoCD: applications)) { step in
            step.promotion.project = "demo"
            step.promotion.stage = "test"
            step.promotion.promotion = "p1"
            change(&step)
        }
    }

    func update(
        _ app: JSONValue,
        _ change: (inout StepContext) -> Void = { _ in }
    ) async throws -> StepResult {
        try await run("argocd-update", ["apps": [app]], change)
    }
}
