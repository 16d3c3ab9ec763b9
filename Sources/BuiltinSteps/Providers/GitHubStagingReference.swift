import KargoCore
import Synchronization

/// Where the commits of a push are put until GitHub has made its own of them; no branch, so nobody sees it.
final class GitHubStagingReference: Sendable {
    private enum State {
        case untouched
        /// A push has begun of which nobody knows how it ended.
        case uncertain
        case present
    }

    private static let pause = Duration.milliseconds(100)

    let name: String
    private let patience: Duration
    private let state = Mutex(State.untouched)

    /// Names the reference of a Promotion.
    ///
    /// - Parameters:
    ///   - promotion: The name of the Promotion.
    ///   - patience: How long a push that was cancelled goes on to take its reference away.
    init(promotion: String, patience: Duration = .milliseconds(800)) {
        name = "refs/kargo/staging/\(promotion)"
        self.patience = patience
    }

    /// Puts a commit there.
    ///
    /// - Throws: ``GitError``, `CancellationError`.
    func push(_ commit: String, of clone: GitClone) async throws {
        begin()
        try await clone.push(commit, to: name, force: true)
        state.withLock { $0 = .present }
    }

    /// Remembers that there may be a reference from now on.
    func begin() { state.withLock { $0 = .uncertain } }

    /// Takes the reference away, also for a task that was cancelled, though no longer than a second then.
    ///
    /// That it can't be done is no failure of the push.
    func remove(from repository: GitHubRepository) async {
        let state = state.withLock(\.self)
        if state == .untouched { return }
        // GitHub may still be at work on what git was no longer allowed to wait for.
        let isAwaited = state == .uncertain && Task.isCancelled
        // A task of its own, which is not cancelled with the step.
        let removal = Task { [name] in
            repeat {
                do {
                    return try await repository.deleteReference(name)
                } catch let failure as APIFailure where isAwaited && [404, 422].contains(failure.status) {
                    try await ContinuousClock().sleep(for: Self.pause)
                }
            } while true
        }
        await withTaskCancellationHandler {
            _ = await removal.result
        } onCancel: {
            // Nobody is left who could wait; it ends what has no more time.
            Task { [patience] in
                try await ContinuousClock().sleep(for: patience)
                removal.cancel()
            }
        }
    }
}
