import KargoCore
import Testing

@testable import ExecutorRPC

@Suite("Execution table")
struct ExecutionTableTests {
    private var table = ExecutionTable()

    @Test mutating func `starts an identifier once`() {
        #expect(table.start("a") == .run)
        #expect(table.start("a") == .known)
        table.finish("a", .succeeded())
        #expect(table.start("a") == .known)
        #expect(table.result(of: "a") == .some(.some(.succeeded())))
    }

    @Test mutating func `refuses a second one while the first goes on`() {
        #expect(table.start("a") == .run)
        #expect(table.start("b") == .refused("a"))
        #expect(table.all.map(\.id) == ["a"])
        table.finish("a", .succeeded())
        #expect(table.start("b") == .run)
    }

    @Test mutating func `tells what never was from what goes on`() {
        _ = table.start("a")
        #expect(table.result(of: "a") == .some(nil))
        #expect(table.result(of: "b") == nil)
    }

    @Test mutating func `keeps the first end`() {
        _ = table.start("a")
        table.finish("a", .failed("no"))
        table.finish("a", .succeeded())
        table.finish("b", .succeeded())
        #expect(table.result(of: "a") == .some(.some(.failed("no"))))
        #expect(table.result(of: "b") == nil)
    }

    @Test mutating func `forgets results when the next one starts but not that they were`() {
        _ = table.start("a")
        table.finish("a", .succeeded(output: ["large": "text"]))
        _ = table.start("b")
        #expect(table.start("a") == .known)
        #expect(
            table.result(of: "a") == .some(.some(.erroredForGood("the result was taken before and is forgotten")))
        )
        #expect(table.all.map(\.id) == ["b"])
    }

    @Test(arguments: [("0.0.9", "0.0.10"), ("0.9.2", "0.10.1"), ("9.3.4", "10.0.1"), ("0.0.1", "0.1.1")])
    mutating func `starts nothing that was before, however late its request comes`(earlier: String, later: String) {
        for id in [earlier, later] {
            #expect(table.start(id) == .run)
            table.finish(id, .succeeded())
        }
        #expect(table.start(earlier) == .known)
        #expect(table.result(of: later) == .some(.some(.succeeded())))
    }

    @Test mutating func `does not grow with what a step is asked`() {
        for counter in 1...1_000 {
            #expect(table.start("0.0.\(counter)") == .run)
            table.finish("0.0.\(counter)", .running())
        }
        #expect(table.all.map(\.id) == ["0.0.1000"])
    }
}
