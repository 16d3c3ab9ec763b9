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
        #expect(table.all.map(\.id) == ["a", "b"])
    }
}
