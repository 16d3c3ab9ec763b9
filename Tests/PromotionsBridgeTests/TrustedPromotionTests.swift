import AgentPod
import KargoCore
import KargoTestSupport
import PromotionsBridge
import StepPluginRegistry
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("A Promotion whose annotations somebody else has written", .timeLimit(.minutes(1)))
struct TrustedPromotionTests {
    private static let engineKey = "kargo-extended.code.org/engine"
    private static let podKey = "kargo-extended.code.org/agent-pod"
    /// A plugin that somebody has put where he may.
    private static let evil = EnginePin(
        engine: .agent,
        plugins: ["evil": .init(namespace: "demo", kinds: ["builtin"], digest: "sha256:1")]
    )

    private func withEngine(_ body: (EngineFixture) async throws -> Void) async throws {
        try await ScopedDirectory.with { directory in
            let plugins = FixedPlugins.having(FixedPlugins.plugin("evil", kinds: ["builtin"]))
            try await body(EngineFixture(directory, plugins: plugins))
        }
    }

    private func begun(_ promotion: Promotion) -> Promotion {
        var promotion = promotion
        var first = StepExecutionMetadata(alias: "step-1")
        first.startedAt = KubernetesTime(Date(timeIntervalSince1970: 1))
        promotion.status.stepExecutionMetadata = [first]
        return promotion
    }

    /// Decisions that no controller has made for this Promotion.
    private static var forged: [String] {
        get throws {
            let text = try evil.annotation
            let other = AgentKeys(current: Array("another key".utf8))
            let genuine = try EngineFixture.sealed(EnginePin(engine: .agent))
            return [
                text, "{}", "no JSON", #"{"engine":"agent","mac":1}"#,
                try other.sealed(text, as: engineKey, of: "uid-1"),
                try EngineFixture.keys.sealed(text, as: engineKey, of: "uid-2"),
                try EngineFixture.keys.sealed(text, as: podKey, of: "uid-1"),
                genuine.replacing(#""agent""#, with: #""agent","plugins":{}"#),
            ]
        }
    }

    @Test func `is decided on anew before it has begun`() async throws {
        for text in try Self.forged {
            try await withEngine { fixture in
                let promotion = EngineFixture.promotion("builtin", annotations: [Self.engineKey: text])
                let result = try await fixture.run(promotion)
                #expect(result.outcome == .finished(phase: .succeeded, message: ""), "\(text)")
                #expect(fixture.agents.calls == [], "\(text)")
                #expect(fixture.diary.all.first == "annotate \(Self.engineKey)={\"engine\":\"local\"}", "\(text)")
            }
        }
    }

    @Test func `ends once it has begun`() async throws {
        for text in try Self.forged {
            try await withEngine { fixture in
                let promotion = EngineFixture.promotion("builtin", annotations: [Self.engineKey: text])
                let (phase, message) = try await fixture.outcome(begun(promotion))
                #expect(phase == .errored)
                #expect(
                    message
                        == "metadata.annotations[\(Self.engineKey)]: was not written by a controller that has this "
                        + "one's key; promote again"
                )
                #expect(fixture.diary.all == [])
                #expect(fixture.agents.calls == [])
            }
        }
    }

    @Test func `has no Pod that somebody else names`() throws {
        let keys = EngineFixture.keys
        let record = try AgentPodRecord(uid: "own", losses: -1_000_000).annotation
        var promotion = EngineFixture.promotion("a", annotations: [Self.podKey: record])
        #expect(try keys.trusted(promotion).metadata.annotations == [:])
        #expect(throws: FieldError.self) { try keys.trusted(begun(promotion)) }
        promotion.metadata.annotations[Self.podKey] = try keys.sealed(record, as: Self.podKey, of: "uid-1")
        #expect(try keys.trusted(begun(promotion)) == begun(promotion))
        // An operator has changed the key meanwhile, and then once more.
        let next = AgentKeys(current: Array("next".utf8), previous: keys.current)
        #expect(try next.trusted(begun(promotion)) == begun(promotion))
        let last = AgentKeys(current: Array("last".utf8), previous: next.current)
        #expect(throws: FieldError.self) { try last.trusted(begun(promotion)) }
    }
}
