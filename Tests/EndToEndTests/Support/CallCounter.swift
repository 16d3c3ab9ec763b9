import KargoCore
import NIOCore
import NIOHTTP1
import Synchronization

/// A server that steps call, once each if all is well.
final class CallCounter: Sendable {
    /// A call of a step.
    struct Call: Sendable {
        /// Promotion and step.
        var key: String
        var time: ContinuousClock.Instant
    }

    let port: Int
    private let calls = Mutex<[Call]>([])
    private let changes = WaitList<Bool>()

    private init(port: Int) { self.port = port }

    /// Runs a counter as long as the body lasts.
    ///
    /// - Parameters:
    ///   - answer: Called with Promotion and step before a call is answered.
    ///   - body: Gets the counter.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    static func with<Result: Sendable>(
        answer: @escaping @Sendable (String) async throws -> Void = { _ in },
        _ body: (CallCounter) async throws -> Result
    ) async throws -> Result {
        let running = Mutex<CallCounter?>(nil)
        return try await LoopbackServer.with { head, _, writer in
            let key = String(head.uri.dropFirst())
            running.withLock { $0 }?.add(key)
            try await answer(key)
            try await LoopbackServer.write(200, "{}", to: writer)
        } _: { port in
            let counter = CallCounter(port: port)
            running.withLock { $0 = counter }
            return try await body(counter)
        }
    }

    private func add(_ key: String) {
        calls.withLock { $0.append(Call(key: key, time: .now)) }
        changes.wakeAll()
    }

    /// The calls so far, by their keys.
    var all: [String: [ContinuousClock.Instant]] {
        Dictionary(grouping: calls.withLock { $0 }, by: \.key).mapValues { $0.map(\.time) }
    }

    /// How often each step has called.
    var counts: [String: Int] { all.mapValues(\.count) }

    /// Waits until there was a call like it.
    func wait(where isWanted: (String) -> Bool) async throws {
        while !counts.keys.contains(where: isWanted) {
            try Task.checkCancellation()
            await changes.wait(for: true) { counts.keys.contains(where: isWanted) }
        }
    }

    /// Waits until there were so many calls.
    func wait(for count: Int) async throws {
        while calls.withLock(\.count) < count {
            try Task.checkCancellation()
            await changes.wait(for: true) { calls.withLock(\.count) >= count }
        }
    }
}
