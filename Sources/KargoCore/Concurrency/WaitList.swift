import Synchronization

/// Lets tasks wait until something has changed.
///
/// Whoever changes something changes it first and then wakes; whoever waits says how to see that it has changed. So no
/// change is missed, whichever comes first.
public final class WaitList<Key: Hashable & Sendable>: Sendable {
    private struct State {
        var nextID = 0
        var waiters: [Int: (key: Key, continuation: CheckedContinuation<Void, Never>)] = [:]
        /// Tasks that were cancelled before they waited.
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    /// Makes a list on which nobody waits.
    public init() {}

    /// Waits until somebody wakes the key, or the task is cancelled; not at all where it need not.
    ///
    /// Waking says only that something may have changed: the caller looks again.
    ///
    /// - Parameters:
    ///   - key: What is waited for.
    ///   - isDone: Whether there is nothing to wait for; called once, after the task has been put on the list.
    public func wait(for key: Key, unless isDone: () -> Bool) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return true }
                    state.waiters[id] = (key, continuation)
                    return false
                }
                if isCancelled {
                    continuation.resume()
                } else if isDone() {
                    take(id)?.resume()
                }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                let waiter = state.waiters.removeValue(forKey: id)
                if waiter == nil { state.cancelled.insert(id) }
                return waiter?.continuation
            }
            continuation?.resume()
        }
        state.withLock { _ = $0.cancelled.remove(id) }
    }

    private func take(_ id: Int) -> CheckedContinuation<Void, Never>? {
        state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation
    }

    /// Wakes all who wait for a key.
    public func wake(_ key: Key) { wake { $0 == key } }

    /// Wakes everybody.
    public func wakeAll() { wake { _ in true } }

    /// Wakes all who wait for one of the keys.
    public func wake(where isMeant: (Key) -> Bool) {
        let meant = state.withLock { state in
            let meant = state.waiters.filter { isMeant($0.value.key) }
            for id in meant.keys { state.waiters[id] = nil }
            return meant.values.map(\.continuation)
        }
        for continuation in meant { continuation.resume() }
    }
}
