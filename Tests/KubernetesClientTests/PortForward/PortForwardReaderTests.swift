import Testing

@testable import KubernetesClient

@Suite("Messages of a port-forward")
struct PortForwardReaderTests {
    private typealias Event = PortForwardReader.Event

    private func events(_ payloads: [[UInt8]]) -> [PortForwardReader.Event] {
        var reader = PortForwardReader()
        return payloads.map { reader.read($0) }
    }

    @Test func `begin with the port on each channel`() {
        #expect(
            events([[0, 0x24, 0x26], [1, 0x24, 0x26], [0, 7, 8], [0, 9]]) == [
                .nothing, .nothing, .bytes([7, 8]), .bytes([9]),
            ]
        )
    }

    @Test func `may carry bytes behind the port`() {
        #expect(events([[0, 0x24, 0x26, 7]]) == [.bytes([7])])
    }

    @Test func `tell of errors`() {
        #expect(events([[1, 0x24, 0x26], [1] + Array("refused".utf8)]) == [.nothing, .failure("refused")])
    }

    @Test func `may come in pieces`() {
        var reader = PortForwardReader()
        _ = reader.read([0, 0x24, 0x26])
        let first = reader.read([0, 1])
        let second = reader.read([0, 2], isContinuation: true)
        #expect([first, second] == [.bytes([1]), .bytes([0, 2])])
    }

    @Test(arguments: [[], [0], [0, 1], [9, 1, 2, 3], [9]] as [[UInt8]])
    func `mean nothing when they are short or of other channels`(payload: [UInt8]) {
        #expect(events([payload]) == [.nothing])
    }
}
