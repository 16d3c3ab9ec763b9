import KargoCore
import Testing

@testable import ExecutorRPC

@Suite("Ledger of questions")
struct CapabilityLedgerTests {
    private static func request(_ id: String, _ url: String = "https://git.example/a") -> CapabilityRequest {
        CapabilityRequest(id: id, question: .credentials(type: .git, url: url))
    }

    /// Why a question is not taken; nil if it is.
    private static func refusal(_ request: CapabilityRequest, by ledger: inout CapabilityLedger) -> String? {
        do {
            try ledger.ask(request)
            return nil
        } catch {
            return error.description
        }
    }

    /// Answers a question, and says whether the answer was taken.
    private static func answer(_ ledger: inout CapabilityLedger, _ id: String, _ reply: CapabilityReply) -> Bool {
        ledger.answer(CapabilityAnswer(id: id, reply: reply))
    }

    @Test func `keeps what is asked until it is answered`() throws {
        var ledger = CapabilityLedger()
        try ledger.ask(Self.request("1"))
        try ledger.ask(CapabilityRequest(id: "2", question: .gitUser))
        #expect(ledger.pending.map(\.id) == ["1", "2"])
        #expect(!ledger.isSettled("1"))
        let isTaken = Self.answer(&ledger, "1", .nothing)
        #expect(isTaken)
        #expect(ledger.pending.map(\.id) == ["2"])
        #expect(ledger.isSettled("1") && !ledger.isSettled("2"))
        let replies = [ledger.take("1"), ledger.take("1"), ledger.take("2")]
        #expect(replies == [.nothing, nil, nil])
    }

    @Test func `takes no answer that nobody waits for`() throws {
        var ledger = CapabilityLedger()
        var taken = [Self.answer(&ledger, "1", .nothing)]
        try ledger.ask(Self.request("1"))
        taken.append(Self.answer(&ledger, "1", .nothing))
        taken.append(Self.answer(&ledger, "1", .refused(reason: "late")))
        let reply = ledger.take("1")
        #expect(reply == .nothing)
        try ledger.ask(Self.request("2"))
        ledger.withdraw("2")
        #expect(ledger.pending.isEmpty)
        taken.append(Self.answer(&ledger, "2", .nothing))
        #expect(taken == [false, true, false, false])
    }

    @Test func `lets sixteen things be asked`() throws {
        var ledger = CapabilityLedger()
        for number in 1...16 {
            try ledger.ask(Self.request("\(number)"))
            _ = Self.answer(&ledger, "\(number)", .nothing)
            let reply = ledger.take("\(number)")
            #expect(reply == .nothing)
        }
        let refusal = Self.refusal(Self.request("17"), by: &ledger)
        #expect(refusal == "the step asks the controller for more than 16 things; split it")
        #expect(ledger.pending.isEmpty)
    }

    @Test func `bounds what is asked`() throws {
        var ledger = CapabilityLedger()
        try ledger.ask(Self.request("1", String(repeating: "a", count: 4096)))
        let refusals = [
            Self.request("2", String(repeating: "a", count: 4097)),
            CapabilityRequest(id: "3", question: .warehouse(name: String(repeating: "ü", count: 2049))),
        ]
        .map { Self.refusal($0, by: &ledger) }
        #expect(refusals == Array(repeating: "an address or name has more than 4096 bytes; shorten it", count: 2))
        #expect(ledger.pending.map(\.id) == ["1"])
    }

    @Test func `forgets everything at the end`() throws {
        var ledger = CapabilityLedger()
        try ledger.ask(Self.request("1"))
        try ledger.ask(Self.request("2"))
        _ = Self.answer(&ledger, "1", .nothing)
        ledger.close()
        #expect(ledger.pending.isEmpty)
        #expect(ledger.isSettled("2"))
        let reply = ledger.take("1")
        #expect(reply == nil)
        let isTaken = Self.answer(&ledger, "2", .nothing)
        #expect(!isTaken)
        let refusal = Self.refusal(Self.request("3"), by: &ledger)
        #expect(refusal == "the step is over and gets no more answers")
    }
}
