import Testing

@testable import AgentPod

@Suite("Step log book")
struct StepLogBookTests {
    @Test func `adds to the log of a step`() {
        var book = StepLogBook(["step-1": "a\n", "other": "x", "step-x": "x"])
        book.append("b\n", step: 1)
        book.append("c\n", step: 0)
        #expect(book.data == ["step-0": "c\n", "step-1": "a\nb\n"])
    }

    @Test func `keeps the newest lines of a step`() {
        var book = StepLogBook()
        for number in 0..<20_000 { book.append("line \(number)\n", step: 3) }
        let text = book.data["step-3"] ?? ""
        #expect(text.utf8.count <= 64 * 1024)
        #expect(text.utf8.count > 63 * 1024)
        #expect(text.hasPrefix("line "))
        #expect(text.hasSuffix("line 19999\n"))
    }

    @Test func `keeps the newest steps whole`() {
        var book = StepLogBook()
        let text = String(repeating: String(repeating: "x", count: 99) + "\n", count: 600)
        for step in 0..<10 { book.append(text, step: step) }
        #expect(book.data.values.reduce(0) { $0 + $1.utf8.count } <= 512 * 1024)
        #expect(book.data["step-0"] == "")
        #expect(book.data["step-1"].map { !$0.isEmpty && $0.count < text.count } == true)
        for step in 2..<10 { #expect(book.data["step-\(step)"] == text) }
    }

    @Test(arguments: [
        ("", 4, ""), ("ab\ncd\n", 6, "ab\ncd\n"), ("ab\ncd\n", 5, "cd\n"), ("ab\ncd\n", 3, "cd\n"),
        ("abcdef", 4, "cdef"),
        ("abcde\n", 4, "cde\n"), ("ab\n", 0, ""),
    ])
    func `cuts at lines where there are any`(text: String, limit: Int, expected: String) {
        #expect(text.newestLines(limit) == expected)
    }

    @Test func `holds the last lines of a long log`() {
        var tail = LogTail(limit: 100)
        #expect(tail.text == "")
        for number in 0..<1000 { tail.append(Array("line \(number)".utf8)) }
        #expect(tail.text.hasSuffix("line 998\nline 999\n"))
        #expect((100..<110).contains(tail.text.utf8.count))
        tail.append([UInt8](repeating: 0x78, count: 1000) + [0x79])
        #expect(tail.text == String(repeating: "x", count: 99) + "y\n")
    }
}
