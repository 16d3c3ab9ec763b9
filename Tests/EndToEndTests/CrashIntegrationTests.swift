import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A controller that is killed while it works on many Promotions.
///
/// `scripts/soak.sh promotions` does it more often, with more of them.
@Suite(
    "Controller that is killed again and again",
    .tags(.integration),
    .enabled(if: KargoProcess.isAvailable),
    .timeLimit(.minutes(600))
)
struct CrashIntegrationTests {
    private static let kills = number("KARGO_SOAK_PROMOTION_KILLS") ?? 5
    private static let promotions = number("KARGO_SOAK_PROMOTIONS") ?? 12
    private static let seed = number("KARGO_SOAK_SEED").map { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000)
    /// Promotions that are at work at a time.
    private static let lanes = 6

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    /// The kinds of Promotions: where each of their steps runs; nil is builtin.
    private static let mixes: [(stage: String, steps: [String?])] = [
        ("builtin", [nil, nil, nil]), ("first", ["tally-a", nil, "tally-a"]), ("second", [nil, "tally-b"]),
        ("both", ["tally-a", "tally-b", nil]),
    ]

    /// Promotes again and again, until all Promotions were made, and waits for their ends.
    private func promote(_ lab: Lab, lane: Int) async throws -> [String: String] {
        var made: [String: String] = [:]
        for index in stride(from: lane, to: Self.promotions, by: Self.lanes) {
            let stage = "\(Self.mixes[index % Self.mixes.count].stage)-\(lane)"
            let name = try await lab.promote(stage)
            made[name] = Self.mixes[index % Self.mixes.count].stage
            _ = try await lab.end(of: name)
        }
        return made
    }

    /// Runs one controller after the other, each until it is killed or everything has ended.
    ///
    /// - Returns: When they were killed.
    private func kill(_ lab: Lab, _ counter: CallCounter) async throws -> [ContinuousClock.Instant] {
        var numbers = SeededNumbers(seed: Self.seed)
        var kills: [ContinuousClock.Instant] = []
        let kubeconfig = lab.installation.controllerKubeconfig
        let isOver = { @Sendable (promotions: [Promotion]) in
            promotions.count == Self.promotions && promotions.allSatisfy { $0.status.phase?.isTerminal == true }
        }
        while kills.count < Self.kills, !isOver(lab.promotions.all) {
            // At once, or when it has written of some steps.
            let writes = Int.random(in: 0...30, using: &numbers)
            try await lab.withController(kubeconfig: kubeconfig) { process in
                let last = lab.promotions.changeCount + writes
                try await lab.promotions.wait { lab.promotions.changeCount >= last || isOver($0) }
                kills.append(.now)
                process.kill()
            }
        }
        try await lab.withController(kubeconfig: kubeconfig) { _ in
            try await lab.promotions.wait(until: isOver)
            try await lab.pods.wait { $0.isEmpty }
        }
        return kills
    }

    @Test func `loses nothing, does nothing twice and leaves nothing behind`() async throws {
        print("seed \(Self.seed), \(Self.kills) kills, \(Self.promotions) Promotions")
        try await Lab.with { lab in
            try await CallCounter.with { counter in
                try await lab.addPlugin("tally-a", port: 19_730)
                try await lab.addPlugin("tally-b", port: 19_731)
                for lane in 0..<Self.lanes {
                    for mix in Self.mixes {
                        let steps = mix.steps.enumerated()
                            .map { Lab.call(counter, $0, plugin: $1) }
                        try await lab.addStage("\(mix.stage)-\(lane)", steps: steps)
                    }
                }
                async let kills = kill(lab, counter)
                let made = try await withThrowingTaskGroup(of: [String: String].self) { group in
                    for lane in 0..<Self.lanes { group.addTask { try await promote(lab, lane: lane) } }
                    return try await group.reduce(into: [:]) { $0.merge($1) { $1 } }
                }
                try await check(lab, counter, made, kills)
            }
        }
    }

    private func check(
        _ lab: Lab,
        _ counter: CallCounter,
        _ made: [String: String],
        _ kills: [ContinuousClock.Instant]
    ) async throws {
        #expect(made.count == Self.promotions)
        #expect(lab.endings.all == made.mapValues { _ in [.succeeded] })
        let calls = counter.all
        var again = 0
        for (name, stage) in made {
            for (step, plugin) in (Self.mixes.first { $0.stage == stage }?.steps ?? []).enumerated() {
                let times = calls["\(name)/\(step)"] ?? []
                #expect(!times.isEmpty, "step \(step) of \(name), a \(stage), was lost")
                // What runs in the controller ends with it, and is begun again by the next one.
                let isLocal = stage == "builtin"
                let excused =
                    isLocal
                    ? zip(times, times.dropFirst())
                        .filter { pair in
                            kills.contains { $0 > pair.0 && $0 < pair.1 }
                        }
                        .count : 0
                #expect(times.count - excused == 1, "step \(step) of \(name), \(plugin ?? "builtin") of a \(stage)")
                again += excused
            }
        }
        #expect(
            Set(calls.keys)
                == Set(
                    made.flatMap { name, stage in
                        (Self.mixes.first { $0.stage == stage }?.steps ?? []).indices.map { "\(name)/\($0)" }
                    }
                )
        )
        let data = lab.installation.dataDirectory
        let directories = ["work", "node/pods"]
            .flatMap { (try? FileManager.default.contentsOfDirectory(atPath: "\(data)/\($0)")) ?? [] }
        #expect(directories == [])
        let processes = KargoProcess.all(in: data).values
            .filter { !$0.contains(" local-cluster --data-dir") && !$0.contains(" run --data-dir") }
        #expect(processes == [])
        print(
            "\(kills.count) kills, \(made.count) Promotions, \(counter.counts.values.reduce(0, +)) calls, \(again) of them again after a kill"
        )
    }
}
