import KargoCore
import Synchronization

/// Lets one push at a time go to a branch, of all that this process makes.
final class BranchLocks: Sendable {
    private let taken = Mutex<Set<String>>([])
    private let waiting = WaitList<String>()

    /// Does work while nobody else has the branch.
    ///
    /// - Parameters:
    ///   - branch: The name of the branch.
    ///   - url: The repository.
    ///   - body: The work.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; `CancellationError`.
    func withBranch<Result>(_ branch: String, of url: String, _ body: () async throws -> Result) async throws -> Result
    {
        let key = "\(RepositoryURL.normalizedGit(url)):\(branch)"
        while !taken.withLock({ $0.insert(key).inserted }) {
            await waiting.wait(for: key) { !self.taken.withLock { $0.contains(key) } }
            try Task.checkCancellation()
        }
        defer {
            taken.withLock { _ = $0.remove(key) }
            waiting.wake(key)
        }
        return try await body()
    }
}
