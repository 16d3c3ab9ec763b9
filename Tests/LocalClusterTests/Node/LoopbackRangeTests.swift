import Testing

@testable import LocalCluster

struct LoopbackRangeTests {
    @Test func `gives the same address for the same text, and another for another attempt`() {
        let range = LoopbackRange.pods
        #expect(range.address(for: "a", attempt: 0) == range.address(for: "a", attempt: 0))
        let addresses = Set((0..<100).map { range.address(for: "uid", attempt: $0) })
        #expect(addresses.count > 95)
    }

    @Test(arguments: ["127.64.0.0/10", "127.1.2.0/24", "127.1.2.16/28", "127.0.0.0/8"])
    func `stays in its range and off the ends of a network`(text: String) throws {
        let range = try #require(LoopbackRange(text))
        let length = try #require(Int(text.split(separator: "/")[1]))
        let first = try #require(number(String(text.split(separator: "/")[0])))
        for attempt in 0..<500 {
            let address = try #require(number(range.address(for: "x", attempt: attempt)))
            #expect(address >> UInt32(32 - length) == first >> UInt32(32 - length))
            #expect(![0, 255].contains(address & 0xFF))
        }
    }

    @Test(arguments: [
        "", "127.0.0.1", "10.0.0.0/8", "127.0.0.0/7", "127.0.0.0/30", "127.0.0/8", "127.0.0.0/x", "127.0.0.256/8",
    ])
    func `refuses what is no range of loopback addresses`(text: String) {
        #expect(LoopbackRange(text) == nil)
    }

    private func number(_ address: String) -> UInt32? {
        let octets = address.split(separator: ".").compactMap { UInt8($0) }
        return octets.count == 4 ? octets.reduce(0) { $0 << 8 | UInt32($1) } : nil
    }
}
