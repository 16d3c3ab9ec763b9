import KargoCore
import Testing

@Suite("Step registry")
struct StepRegistryTests {
    private struct Hello: StepRunner {
        static let kind = "hello"
        var greeting = "hello"

        func run(_ step: StepContext) async throws -> StepResult { .succeeded(output: ["text": .string(greeting)]) }
    }

    private struct Bye: StepRunner {
        static let kind = "bye"

        func run(_ step: StepContext) async throws -> StepResult { .succeeded() }
    }

    private let step = StepContext(
        kind: "hello",
        alias: "a",
        config: [:],
        workDir: "",
        privateDir: "",
        sharedState: [:],
        promotion: PromotionContext()
    )

    @Test func `finds the kinds it was given, and no others`() async throws {
        var registry = StepRegistry()
        registry.register(Hello())
        registry.register(Bye(), as: StepKind(name: "bye", defaultErrorThreshold: 5))
        #expect(registry.kinds == ["bye", "hello"])
        #expect(registry.kind("hello") == StepKind(name: "hello"))
        #expect(registry.kind("bye")?.defaultErrorThreshold == 5)
        #expect(registry.kind("Hello") == nil)
        #expect(registry.runner("") == nil)
        let runner = try #require(registry.runner("hello"))
        #expect(try await runner.run(step).output == ["text": "hello"])
    }

    @Test func `replaces a kind of the same name`() async throws {
        var registry = StepRegistry()
        registry.register(Hello())
        registry.register(Hello(greeting: "servus"))
        let runner = try #require(registry.runner("hello"))
        #expect(try await runner.run(step).output == ["text": "servus"])
        #expect(registry.kinds == ["hello"])
    }

    @Test func `gives a kind at least one attempt`() {
        #expect(StepKind(name: "k").defaultErrorThreshold == 1)
        #expect(StepKind(name: "k", defaultErrorThreshold: 0).defaultErrorThreshold == 1)
        #expect(StepKind(name: "k", defaultErrorThreshold: -3).defaultErrorThreshold == 1)
    }
}
