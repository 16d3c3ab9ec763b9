import KargoCore
import NIOHTTP1
import Testing

@testable import BuiltinSteps

@Suite("http: link-local addresses")
struct LinkLocalTests {
    @Test(
        arguments: [
            ("169.254.0.0", true), ("169.254.169.254", true), ("169.254.255.255", true), ("169.253.255.255", false),
            ("169.255.0.0", false), ("127.0.0.1", false), ("10.0.0.1", false), ("192.168.1.1", false), ("fe80::", true),
            ("fe80::1%eth0", true), ("febf:ffff::1", true), ("fec0::1", false), ("fd00::1", false), ("::1", false),
            ("::ffff:169.254.169.254", true), ("::ffff:127.0.0.1", false), ("2001:db8::1", false), ("host", false),
        ]
    )
    func `are told apart`(address: String, isLinkLocal: Bool) {
        #expect(HostResolver.isLinkLocal(address) == isLinkLocal)
    }

    @Test(
        arguments: [
            "http://169.254.169.254/", "http://[fe80::1]/", "http://[::ffff:169.254.169.254]/", "http://metadata.test/",
            "http://user@metadata.test/",
        ]
    )
    func `are never called`(url: String) async throws {
        let hosts = ["metadata.test": ["fe80::1", "169.254.169.254"]]
        try await HTTPBench.with(hosts: hosts, answer: .always(.text("{}"))) { http async throws in
            let result = try await http.run(["url": .string(url)])
            #expect(result.status == .errored)
            #expect(result.message.contains("link-local"))
        }
    }

    @Test func `are passed over where a host has others`() async throws {
        let hosts = ["Mixed.test": ["169.254.169.254", "127.0.0.1"]]
        try await HTTPBench.with(hosts: hosts, answer: .always(.text("{}"))) { http async throws in
            let url = http.server.url("/", host: "Mixed.test")
            #expect(try await http.run(["url": .string(url)]).status == .succeeded)
            #expect(http.server.requests.last?.headers["host"] == ["Mixed.test:\(http.server.port)"])
        }
    }

    @Test(arguments: ["2852039166", "0xa9fea9fe", "169.254.43518"])
    func `are found behind other spellings by the system's resolver`(host: String) async throws {
        await #expect(throws: HostResolver.Failure.self) { try await HostResolver.system.address(of: host) }
    }

    @Test func `leave loopback alone`() async throws {
        #expect(try await HostResolver.system.address(of: "127.0.0.1") == "127.0.0.1")
        #expect(["127.0.0.1", "::1"].contains(try await HostResolver.system.address(of: "localhost")))
    }

    @Test func `are not asked for through a proxy either`() async throws {
        try await HTTPBench.with(answer: .always(.text("{}"))) { http async throws in
            let result = try await http.run(["url": "http://169.254.169.254/", "proxy": .string(http.server.url(""))])
            #expect(result.status == .errored)
            #expect(http.server.requests.isEmpty)
        }
    }
}
