import BuiltinSteps
import KargoCore
import KargoTestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Runs the example of a page as a Promotion and compares what comes of it with what the page says.
struct PageRun {
    /// How often a step that is not done is looked at again.
    private static let maximumPasses = 50

    let page: StepPage

    func check() async throws {
        let setting = try #require(
            PageSetting.all.first { $0.name == page.setting },
            "there is no setting \"\(page.setting)\""
        )
        do {
            try await ScopedDirectory.with { directory in
                for name in ["work", "private"] {
                    try FileManager.default.createDirectory(
                        atPath: directory.file(name),
                        withIntermediateDirectories: false
                    )
                }
                for file in page.files { try directory.write(file.text, to: "work/\(file.path)") }
                try await setting.run(directory) { scene in try await check(scene, in: directory) }
            }
        } catch let missing as PageSetting.MissingProgram {
            try Test.cancel("\(missing.name) is not installed")
        }
    }

    private func check(_ scene: PageScene, in directory: ScopedDirectory) async throws {
        var spec = PromotionSpec()
        spec.steps = page.steps
        spec.vars = scene.vars.sorted { $0.key < $1.key }.map { ExpressionVariable(name: $0.key, value: $0.value) }
        let plan = PromotionPlan(
            spec,
            promotion: scene.promotion,
            workDir: directory.file("work"),
            privateDir: directory.file("private")
        )
        let (outcome, progress) = try await run(plan, scene)
        guard case .finished(let phase, let message) = outcome else {
            Issue.record("\(page.kind) is never done")
            return
        }
        if let failure = page.failure {
            #expect(phase != .succeeded)
            #expect(message.contains(failure))
        } else {
            #expect(phase == .succeeded, "\(message)")
        }
        for result in page.results {
            #expect(try directory.read("work/\(result.path)") == result.text, "\(result.path)")
        }
        for tree in page.trees {
            #expect(try Self.files(below: directory.file("work/\(tree.path)")) == tree.files.sorted(), "\(tree.path)")
        }
        if let output = page.output {
            let last = try #require(plan.steps.last)
            let actual = progress.state[last.as] ?? .null
            #expect(output.allows(actual), "\(actual.text(.indented))")
        }
    }

    private func run(
        _ plan: PromotionPlan,
        _ scene: PageScene
    ) async throws -> (Orchestrator.Outcome, PromotionProgress) {
        try await BuiltinStepKinds.withRegistry(capabilities: scene.capabilities, environment: scene.environment) {
            registry in
            let orchestrator = Orchestrator(
                executor: RegistryExecutor(registry: registry),
                kinds: { kind in registry.kind(kind).map(StepKindLookup.found) ?? .unknown(kind) },
                data: scene.data,
                redactor: SecretRedactor()
            )
            var progress = PromotionProgress()
            for _ in 0..<Self.maximumPasses {
                let outcome = try await orchestrator.run(plan, progress: &progress) { _ in }
                if case .finished = outcome { return (outcome, progress) }
            }
            return (.running(after: .zero), progress)
        }
    }

    private static func files(below path: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
            .filter { name in
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
                return attributes[.type] as? FileAttributeType != .typeDirectory
            }
    }
}

/// Runs steps of this process, one attempt each.
private struct RegistryExecutor: StepExecutor {
    let registry: StepRegistry

    func execute(_ step: StepContext, attempt: StepAttempt, timeout: Duration?) async throws -> StepResult {
        let runner = try #require(registry.runner(step.kind))
        return try await runner.run(step)
    }
}

extension JSONValue {
    /// Whether a value is this one, of which the string `…` stands for any value at all, and an object that has it as a
    /// key for one with more members.
    fileprivate func allows(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.string("…"), _): true
        case (.array(let own), .array(let others)):
            own.count == others.count && zip(own, others).allSatisfy { $0.allows($1) }
        case (.object(var own), .object(let others)):
            own.removeValue(forKey: "…") != nil
                ? own.allSatisfy { key, pattern in others[key].map(pattern.allows) ?? false }
                : own.keys == others.keys && own.allSatisfy { key, pattern in pattern.allows(others[key] ?? .null) }
        default: self == value
        }
    }
}
