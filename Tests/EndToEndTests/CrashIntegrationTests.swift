import KargoCore
import KargoTestSupport
import KubernetesClient
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A controller that is killed while it works on many Promotions, at one of its requests to the API server: while it
/// starts, between two writes, before the server has heard of one and before it has heard the answer itself.
///
/// `scripts/soak.sh promotions` does it more often, with more of them.
@Suite(
    "Controller that is killed again and again",
    .tags(.integration),
    .enabled(if: KargoProcess.isAvailable),
    .timeLimit(.minutes(600))
)
struct CrashIntegrationTests {
    private static let kills = number("KARGO_SOAK_PROMOTION_KILLS") ?? 6
    private static let promotions = number("KARGO_SOAK_PROMOTIONS") ?? 16
    private static let seed = number("KARGO_SOAK_SEED").map { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000)
    /// Promotions that are at work at a time.
    private static let lanes = 6

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    /// The time from when a controller had ended to when the next one was ready.
    private typealias Gap = ClosedRange<ContinuousClock.Instant>

    // MARK: Promotions

    private struct Step: Sendable {
        /// Whose it is; nil is builtin.
        var plugin: String?
        /// What the plugin answers, one call after the other.
        var statuses: [StepStatus] = []
        /// How often it calls the counter.
        var calls = 1
    }

    private struct Mix: Sendable {
        var stage: String
        var steps: [Step]
        var phase = PromotionPhase.succeeded
    }

    private static let mixes = [
        Mix(stage: "builtin", steps: [Step(), Step(), Step()]),
        Mix(stage: "first", steps: [Step(plugin: "tally-a"), Step(), Step(plugin: "tally-a")]),
        Mix(stage: "second", steps: [Step(), Step(plugin: "tally-b")]),
        Mix(stage: "both", steps: [Step(plugin: "tally-a"), Step(plugin: "tally-b"), Step()]),
        Mix(
            stage: "waiting",
            steps: [Step(plugin: "tally-a", statuses: [.running, .running, .succeeded], calls: 3), Step()]
        ),
        Mix(
            stage: "retried",
            steps: [Step(plugin: "tally-b", statuses: [.errored, .errored, .succeeded], calls: 3), Step()]
        ),
        Mix(
            stage: "failing",
            steps: [Step(), Step(plugin: "tally-a", statuses: [.failed]), Step(plugin: "tally-a", calls: 0)],
            phase: .failed
        ),
        // It never ends by itself.
        Mix(stage: "aborted", steps: [Step(plugin: "tally-b", statuses: [.running])], phase: .aborted),
    ]

    /// Promotes again and again, until all Promotions were made, and waits for their ends.
    private func promote(_ lab: Lab, _ counter: CallCounter, lane: Int) async throws -> [String: Mix] {
        var numbers = SeededNumbers(seed: Self.seed &+ UInt64(lane))
        var made: [String: Mix] = [:]
        for index in stride(from: lane, to: Self.promotions, by: Self.lanes) {
            let mix = Self.mixes[index % Self.mixes.count]
            let name = try await lab.promote("\(mix.stage)-\(lane)")
            made[name] = mix
            if mix.phase == .aborted {
                // At once, while its Pod is made, or when its step is at work.
                if Bool.random(using: &numbers) { try await counter.wait { $0 == "\(name)/0" } }
                try await Lab.abort(lab.api, name)
            }
            _ = try await lab.end(of: name)
        }
        return made
    }

    // MARK: Kills

    /// Kills a controller at one of its requests.
    private final class Killer: Sendable {
        private struct State {
            var process: KargoProcess?
            var requests: Int
        }

        private let state: Mutex<State>
        private let changes = WaitList<Bool>()

        init(requests: Int) { state = Mutex(State(requests: requests)) }

        func aim(at process: KargoProcess) { state.withLock { $0.process = process } }

        /// Whether it has killed.
        var isDone: Bool { state.withLock { $0.requests <= 0 } }

        func waitUntilDone() async throws {
            while !isDone {
                try Task.checkCancellation()
                await changes.wait(for: true) { isDone }
            }
        }

        /// Counts a request, and kills if it is the one.
        func note() -> Bool {
            let victim = state.withLock { state -> KargoProcess? in
                guard state.requests > 0, let process = state.process else { return nil }
                state.requests -= 1
                return state.requests == 0 ? process : nil
            }
            victim?.kill()
            if victim != nil { changes.wakeAll() }
            return victim != nil
        }
    }

    /// Runs one controller after the other, each until it is killed or everything has ended.
    private func kill(_ lab: Lab) async throws -> (kills: Int, gaps: [Gap]) {
        var numbers = SeededNumbers(seed: Self.seed)
        var kills = 0
        var gaps: [Gap] = []
        var lastEnd: ContinuousClock.Instant?
        let isOver = { @Sendable (promotions: [Promotion]) in
            promotions.count == Self.promotions && promotions.allSatisfy { $0.status.phase?.isTerminal == true }
        }
        let original = lab.installation.controllerKubeconfig
        try await FaultProxy.with(kubeconfig: original) { proxy in
            let kubeconfig = "\(lab.installation.dataDirectory)/proxy.kubeconfig"
            try proxy.write(kubeconfig: original, to: kubeconfig)
            while kills < Self.kills, !isOver(lab.promotions.all) {
                // A start takes some thirty.
                let killer = Killer(requests: Int.random(in: 1...150, using: &numbers))
                let fault: Fault = Bool.random(using: &numbers) ? .hangUp : .loseAnswer
                proxy.plan.inject(fault) { _ in killer.note() }
                do {
                    try await lab.withController(kubeconfig: kubeconfig, onStart: killer.aim) { _ in
                        if let end = lastEnd.take() { gaps.append(end ... .now) }
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            group.addTask { try await lab.promotions.wait(until: isOver) }
                            group.addTask { try await killer.waitUntilDone() }
                            try await group.next()
                            group.cancelAll()
                        }
                    }
                } catch is KargoProcess.NotReady where killer.isDone {}
                if let end = lastEnd { gaps.append(end ... .now) }
                lastEnd = .now
                if killer.isDone { kills += 1 }
            }
        }
        try await lab.withController(kubeconfig: original) { _ in
            if let end = lastEnd { gaps.append(end ... .now) }
            try await lab.promotions.wait(until: isOver)
            try await lab.pods.wait { $0.isEmpty }
        }
        return (kills, gaps)
    }

    // MARK: What must hold

    @Test func `loses nothing, does nothing twice and leaves nothing behind`() async throws {
        print("seed \(Self.seed), \(Self.kills) kills, \(Self.promotions) Promotions")
        try await Lab.with { lab in
            try await CallCounter.with { counter in
                try await lab.addPlugin("tally-a", port: 19_730)
                try await lab.addPlugin("tally-b", port: 19_731)
                for lane in 0..<Self.lanes {
                    for mix in Self.mixes {
                        let steps = mix.steps.enumerated()
                            .map { Lab.call(counter, $0, plugin: $1.plugin, statuses: $1.statuses) }
                        try await lab.addStage("\(mix.stage)-\(lane)", steps: steps)
                    }
                }
                async let killed = kill(lab)
                let made = try await withThrowingTaskGroup(of: [String: Mix].self) { group in
                    for lane in 0..<Self.lanes { group.addTask { try await promote(lab, counter, lane: lane) } }
                    return try await group.reduce(into: [:]) { $0.merge($1) { $1 } }
                }
                try await check(lab, counter, made, killed)
            }
        }
    }

    private func check(
        _ lab: Lab,
        _ counter: CallCounter,
        _ made: [String: Mix],
        _ killed: (kills: Int, gaps: [Gap])
    ) async throws {
        #expect(made.count == Self.promotions)
        #expect(lab.endings.all == made.mapValues { [$0.phase] })
        var calls = counter.all
        var again = 0
        for (name, mix) in made {
            for (index, step) in mix.steps.enumerated() {
                let times = calls.removeValue(forKey: "\(name)/\(index)") ?? []
                // What runs in the controller ends with it, and is begun again by the next one.
                let isLocal = mix.steps.allSatisfy { $0.plugin == nil }
                let excused = isLocal ? Self.repeats(times, killed.gaps) : 0
                again += excused
                // An abort may come before the step, or between two of its looks.
                if mix.phase == .aborted { continue }
                #expect(times.count - excused == step.calls, "step \(index) of \(name), \(mix.stage)")
            }
        }
        #expect(calls.keys.sorted() == [])
        let data = lab.installation.dataDirectory
        let directories = ["work", "node/pods"]
            .flatMap { (try? FileManager.default.contentsOfDirectory(atPath: "\(data)/\($0)")) ?? [] }
        #expect(directories == [])
        let processes = KargoProcess.all(in: data).values
            .filter { !$0.contains(" local-cluster --data-dir") && !$0.contains(" run --data-dir") }
        #expect(processes == [])
        let total = counter.counts.values.reduce(0, +)
        print("\(killed.kills) kills, \(made.count) Promotions, \(total) calls, \(again) of them again after a kill")
    }

    /// How many of the calls follow another one that an earlier controller made.
    private static func repeats(_ times: [ContinuousClock.Instant], _ gaps: [Gap]) -> Int {
        zip(times, times.dropFirst())
            .filter { first, second in
                gaps.contains { first < $0.upperBound && $0.lowerBound < second }
            }
            .count
    }
}
