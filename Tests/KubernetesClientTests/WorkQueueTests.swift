import Testing

@testable import KubernetesClient

@Suite("Work queue")
struct WorkQueueTests {
    private var queue = WorkQueue<String>()

    @Test mutating func `gives out keys in the order they were added, each once`() {
        for key in ["a", "b", "a"] { queue.add(key) }
        #expect(queue.next(at: .zero) == .work("a"))
        #expect(queue.next(at: .zero) == .work("b"))
        #expect(queue.next(at: .zero) == .idle)
        #expect(queue.workingCount == 2)
    }

    @Test mutating func `gives out a key to one worker at a time`() {
        queue.add("a")
        #expect(queue.next(at: .zero) == .work("a"))
        queue.add("a")
        queue.add("a")
        #expect(queue.next(at: .zero) == .idle)
        queue.finish("a")
        #expect(queue.next(at: .zero) == .work("a"))
        queue.finish("a")
        #expect(queue.next(at: .zero) == .idle)
    }

    @Test mutating func `keeps the earlier of two times`() {
        queue.add("a", at: .seconds(5))
        queue.add("a", at: .seconds(9))
        #expect(queue.next(at: .zero) == .wait(until: .seconds(5)))
        queue.add("a", at: .seconds(2))
        #expect(queue.next(at: .zero) == .wait(until: .seconds(2)))
        #expect(queue.next(at: .seconds(2)) == .work("a"))
        queue.finish("a")
        #expect(queue.next(at: .seconds(20)) == .idle)
    }

    @Test mutating func `forgets a time when the key is due at once`() {
        queue.add("a", at: .seconds(5))
        queue.add("a")
        #expect(queue.next(at: .zero) == .work("a"))
        queue.finish("a")
        #expect(queue.next(at: .seconds(10)) == .idle)
    }

    @Test mutating func `keeps a time that is set while the key is worked on`() {
        queue.add("a")
        #expect(queue.next(at: .zero) == .work("a"))
        queue.add("a", at: .seconds(3))
        queue.finish("a")
        #expect(queue.next(at: .seconds(1)) == .wait(until: .seconds(3)))
        #expect(queue.next(at: .seconds(3)) == .work("a"))
    }

    @Test mutating func `lets others go first when a key is due again and again`() {
        for key in ["hot", "a", "b"] { queue.add(key) }
        var order: [String] = []
        for _ in 0..<6 {
            guard case .work(let key) = queue.next(at: .zero) else { break }
            order.append(key)
            queue.add("hot")
            if key != "hot" { queue.add(key) }
            queue.finish(key)
        }
        #expect(order == ["hot", "a", "b", "hot", "a", "b"])
    }
}
