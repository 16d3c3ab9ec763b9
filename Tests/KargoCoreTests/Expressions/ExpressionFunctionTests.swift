import KargoCore
import Synchronization
import Testing

@Suite struct ExpressionFunctionTests {
    private struct Unreachable: Error, CustomStringConvertible {
        var description: String { "the cluster is unreachable" }
    }

    /// A function that reads, and a record of what it was asked for.
    private final class Reader: Sendable {
        let requests = Mutex<[[ExpressionValue]]>([])

        var function: ExpressionFunction {
            ExpressionFunction("read", arity: 1...2) { arguments in
                self.requests.withLock { $0.append(arguments.values) }
                await Task.yield()
                return ["of": arguments[0]]
            }
        }
    }

    @Test func `calls a function with its arguments`() async throws {
        let join = ExpressionFunction("glue", arity: 1...Int.max) { arguments in
            .string(try arguments.values.indices.map { try arguments.string(at: $0) }.joined(separator: "-"))
        }
        #expect(try await value(of: "glue(text, \"b\",)", functions: [join]) == "abc-b")
        #expect(try await value(of: "text | glue(\"b\")", functions: [join]) == "abc-b")
    }

    @Test func `calls a function that a map holds`() async throws {
        let header = ExpressionFunction("header", arity: 1...1) { .string(try $0.string(at: 0) + "!") }
        let variables: [String: ExpressionValue] = ["response": ["header": .function(header)], "f": .function(header)]
        #expect(try await value(of: "response.header(\"a\")", variables) == "a!")
        #expect(try await value(of: "response?.header(\"a\")[0:1]", variables) == "a")
        #expect(try await value(of: "let h = response.header; h(\"b\")", variables) == "b!")
        #expect(try await value(of: "f(\"c\")", variables) == "c!")
        #expect(try await value(of: "type(f)", variables) == "func")
    }

    @Test func `waits for a function once for the same arguments`() async throws {
        let reader = Reader()
        let source = "[read(text).of, read(\"b\").of, read(text).of + read(\"b\", 1).of]"
        #expect(try await value(of: source, functions: [reader.function]) == ["abc", "b", "abcb"])
        #expect(reader.requests.withLock(\.self) == [["abc"], ["b"], ["b", 1]])
    }

    @Test func `waits only for what the expression arrives at`() async throws {
        let reader = Reader()
        let source = "no ? read(\"a\") : any(list, {# == \"y\" and read(#).of == \"y\"}) or read(\"c\").of == 1"
        #expect(try await value(of: source, functions: [reader.function]) == true)
        #expect(reader.requests.withLock(\.self) == [["y"]])
    }

    @Test func `waits in loops and with results of other functions`() async throws {
        let reader = Reader()
        let source = "map(list, read(read(#).of + \"1\").of) | join()"
        #expect(try await value(of: source, functions: [reader.function]) == "x1y1z1")
        #expect(reader.requests.withLock(\.count) == 6)
    }

    @Test(arguments: ["f()", "f(1, 2, 3)", "text()", "number()", "nothing()", "unknown(1)", "object.k()", "object.q()"])
    func `fails to call what can't be called so`(_ source: String) async throws {
        let function = ExpressionFunction("f", arity: 1...2) { $0[0] }
        #expect(try await failure(of: source, functions: [function]) == .evaluation)
    }

    @Test func `does not let a variable hide a function`() async throws {
        let function = ExpressionFunction("f", arity: 0...0) { _ in 1 }
        #expect(try await failure(of: "let f = 2; f", functions: [function]) == .syntax)
        #expect(try await value(of: "let f = 2; f") == 2)
    }

    @Test func `names the function that failed and keeps the cause`() async throws {
        let sync = ExpressionFunction("sync", arity: 0...0) { _ in throw Unreachable() }
        let reading = ExpressionFunction("reading", arity: 0...0, reading: { _ in throw Unreachable() })
        for name in ["sync", "reading"] {
            let error = await #expect(throws: ExpressionError.self) {
                try await value(of: "1 + \(name)()", functions: [sync, reading])
            }
            #expect(error?.code == .function)
            #expect(error?.cause is Unreachable)
            #expect(error?.place?.range == 4..<4 + name.count)
            #expect(error?.description.hasPrefix("\(name) failed: the cluster is unreachable\n") == true)
        }
    }

    @Test func `gives a place to the errors that functions throw`() async throws {
        let sync = ExpressionFunction("sync", arity: 1...1) { .string(try $0.string(at: 0)) }
        let reading = ExpressionFunction("reading", arity: 1...1, reading: { .string(try $0.string(at: 0)) })
        for name in ["sync", "reading"] {
            let error = await #expect(throws: ExpressionError.self) {
                try await value(of: "\(name)(number)", functions: [sync, reading])
            }
            #expect(error?.code == .evaluation)
            #expect(error?.place?.range == 0..<name.count)
        }
    }

    @Test func `lets cancellation pass`() async throws {
        let reading = ExpressionFunction("reading", arity: 0...0, reading: { _ in throw CancellationError() })
        await #expect(throws: CancellationError.self) { try await value(of: "reading()", functions: [reading]) }
    }
}
