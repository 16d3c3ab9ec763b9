import KargoCore
import Synchronization
import Testing

@Suite("Wait list")
struct WaitListTests {
    @Test func `does not wait where there is nothing to wait for`() async {
        await WaitList<String>().wait(for: "a") { true }
    }

    @Test func `wakes those who wait for the key and no others`() async {
        let list = WaitList<String>()
        let (events, event) = AsyncStream.makeStream(of: String.self)
        await withTaskGroup(of: Void.self) { group in
            for key in ["a", "b"] {
                group.addTask {
                    await list.wait(for: key) {
                        event.yield("waiting")
                        return false
                    }
                    event.yield(key)
                }
            }
            var iterator = events.makeAsyncIterator()
            for _ in 0..<2 { #expect(await iterator.next() == "waiting") }
            list.wake("b")
            #expect(await iterator.next() == "b")
            list.wakeAll()
            #expect(await iterator.next() == "a")
        }
    }

    @Test func `lets a cancelled task go, before it waits and while it does`() async {
        let list = WaitList<Int>()
        let (events, event) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            await list.wait(for: 1) {
                event.yield()
                return false
            }
        }
        for await _ in events { break }
        task.cancel()
        await task.value
        await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await list.wait(for: 1) { false }
        }
        .value
    }

    @Test func `misses no change that is made while a task begins to wait`() async {
        let list = WaitList<Int>()
        let count = Counter()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for _ in 0..<2000 {
                    count.value.withLock { $0 += 1 }
                    list.wake(0)
                    await Task.yield()
                }
            }
            group.addTask {
                var seen = 0
                while seen < 2000 {
                    let known = seen
                    await list.wait(for: 0) { count.value.withLock { $0 } > known }
                    seen = count.value.withLock { $0 }
                }
            }
        }
    }
}

private final class Counter: Sendable {
    let value = Mutex(0)
}
