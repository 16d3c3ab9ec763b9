import BuiltinSteps
import KargoCore
import KargoTestSupport

/// What an example needs besides files, such as a server.
///
/// Each is in a file of its own in `Settings`, as `static let` of an extension, and listed in ``all``.
struct PageSetting: Sendable {
    /// What pages call it.
    let name: String
    /// Whether it starts programs; examples that need it are integration tests.
    var startsPrograms = false
    /// Makes what is needed, lets the example run, and takes it away.
    ///
    /// It is given a directory whose `work` is the work directory. It throws ``MissingProgram`` if it can't be had here.
    let run: @Sendable (ScopedDirectory, (PageScene) async throws -> Void) async throws -> Void

    /// A program that a setting needs is not installed.
    struct MissingProgram: Error {
        let name: String
    }

    static let all: [PageSetting] = [
        .none, .cluster, .files, .git, .github, .gitHubRepository, .helm, .http, .kustomize, .registry,
    ]

    /// Nothing but files.
    static let none = PageSetting(name: "none") { _, body in try await body(PageScene()) }
}

/// What a setting supplies.
struct PageScene: Sendable {
    /// What the example finds in `vars`.
    var vars: [String: String] = [:]
    /// What steps may ask for.
    var capabilities = StepCapabilities()
    /// Environment variables of the process that runs the steps.
    var environment: [String: String] = [:]
    /// What the Promotion is about.
    var promotion: PromotionContext = {
        var promotion = PromotionContext()
        promotion.project = "example"
        promotion.stage = "test"
        promotion.promotion = "test.01"
        return promotion
    }()
    /// What functions of expressions read.
    var data: any ExpressionData = InMemoryExpressionData()
}
