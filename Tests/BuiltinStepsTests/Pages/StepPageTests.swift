import BuiltinSteps
import KargoCore
import Testing

extension StepPage {
    /// The pages whose examples start programs, or those whose examples do not.
    fileprivate static func all(startingPrograms: Bool) throws -> [StepPage] {
        let starting = Set(PageSetting.all.filter(\.startsPrograms).map(\.name))
        return try all().filter { starting.contains($0.setting) == startingPrograms }
    }
}

@Suite("Pages of step kinds")
struct StepPageTests {
    @Test func `are there for every kind`() async throws {
        let registry = try await BuiltinStepKinds.withRegistry(capabilities: StepCapabilities(), environment: [:]) {
            $0
        }
        #expect(try StepPage.all().map(\.kind) == registry.kinds)
    }

    @Test(arguments: try StepPage.all(startingPrograms: false))
    func `show what the step does`(page: StepPage) async throws { try await PageRun(page: page).check() }

    @Test(arguments: [
        "# x\n", "# x\n\n## Example\n", "\n## Example\n```yaml steps\n- uses: x\n",
        "\n## Example\n```yaml steps\n- uses: copy\n```\n",
        "\n## Example\n```yaml steps\n- uses: x\n```\n```yaml odd\n```\n",
    ])
    func `must have an example`(text: String) {
        #expect(throws: StepPage.Malformed.self) { try StepPage(kind: "x", text: text) }
    }
}

@Suite("Pages of step kinds that start programs", .tags(.integration), .timeLimit(.minutes(2)))
struct StepPageIntegrationTests {
    @Test(arguments: try StepPage.all(startingPrograms: true))
    func `show what the step does`(page: StepPage) async throws { try await PageRun(page: page).check() }
}
