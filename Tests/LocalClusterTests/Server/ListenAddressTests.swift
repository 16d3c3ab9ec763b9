import Testing

@testable import LocalCluster

/// Where a cluster may be told to serve.
struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("192.0.2.7", "192.0.2.7"), ("2001:db8:0::1", "[2001:db8::1]"),
        ("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"),
    ])
    func `has a host for URLs`(text: String, host: String) throws {
        #expect(try ListenAddress(text).urlHost == host)
    }

    @Test func `is reached under itself, or under all that the machine has`() throws {
        #expect(try ListenAddress("192.0.2.7").reachable() == ["192.0.2.7"])
        #expect(try ListenAddress("0.0.0.0").reachable().contains("127.0.0.1"))
    }

    @Test(arguments: ["", "localhost", "127.0.0.1:80", "127.0.0", "1234::5::6"])
    func `is an IP address`(text: String) throws {
        let error = try #require(throws: LocalClusterError.self) { try ListenAddress(text) }
        #expect("\(error)" == "\"\(text)\" is no IP address to listen at; write one such as 127.0.0.1 or ::")
    }
}
