import Testing

@testable import ExecutorRPC

@Suite("Where an agent listens")
struct ListenAddressTests {
    @Test(arguments: ["127.0.0.1", "127.8.3.1", "::1"])
    func `is the Pod's address where that is one of loopback`(address: String) {
        #expect(ListenAddress.choose(pod: address, hasIPv6: true) == address)
    }

    @Test(arguments: ["", "10.244.0.7", "fd00::7", "2001:db8::1", "128.0.0.1", "nonsense", "::ffff:10.0.0.1"])
    func `is every address else`(address: String) {
        #expect(ListenAddress.choose(pod: address, hasIPv6: true) == "::")
        #expect(ListenAddress.choose(pod: address, hasIPv6: false) == "0.0.0.0")
    }
}
