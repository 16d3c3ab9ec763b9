import ArgoCompat
import AsyncHTTPClient
import KargoTestSupport
import Testing

@testable import ExecutorRPC

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite("Owners of ports", .timeLimit(.minutes(1)))
struct PortOwnersTests {
    private static let header =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"

    /// Port 9765 is 2625 in the table.
    private static func line(_ address: String, _ state: String, _ user: String) -> String {
        "   0: \(address) 00000000:0000 \(state) 00000000:00000000 00:00000000 00000000  \(user)        0 6094 1 0 100 0"
    }

    private static let v4 = "0100007F:2625"
    private static let v6 = "00000000000000000000000000000000:2625"

    @Test(
        arguments: [
            ([], []), ([header], []), ([line(v4, "0A", "65534")], [65534]), ([line(v6, "0A", "1000")], [1000]),
            ([line(v4, "0A", "65534"), line(v6, "0A", "1000")], [65534, 1000]),
            // Established, of another port, of no number, cut short.
            ([line(v4, "01", "65534")], []), ([line("0100007F:2624", "0A", "65534")], []),
            ([line(v4, "0A", "x")], []), (["   0: \(v4) 00000000:0000 0A"], []),
        ] as [([String], Set<UInt32>)]
    )
    func `are the users of listening sockets`(lines: [String], users: Set<UInt32>) {
        let tables = [Self.header + "\n" + lines.joined(separator: "\n"), Self.header]
        #expect(PortOwners.users(listeningOn: 9765, in: tables) == users)
    }

    /// An end of a connection from port 40000 to 9765.
    private static func end(_ user: String, inode: String, remote: String = "0100007F:9C40") -> String {
        "   1: \(v4) \(remote) 01 00000000:00000000 00:00000000 00000000  \(user)        0 \(inode) 1 0 20 4 30 10 -1"
    }

    @Test(
        arguments: [
            ([], []), ([line(v4, "0A", "1000")], []), ([end("1000", inode: "7")], [1000]),
            // Who listens now need not be who has the connection.
            ([line(v4, "0A", "65534"), end("1000", inode: "7")], [1000]),
            // Not accepted yet; nobody listens any more.
            ([line(v4, "0A", "65534"), end("0", inode: "0")], [65534]), ([end("0", inode: "0")], []),
            ([line(v4, "0A", "65534"), end("1000", inode: "7", remote: "0100007F:9C41")], []),
        ] as [([String], Set<UInt32>)]
    )
    func `are the users who have a connection`(lines: [String], users: Set<UInt32>) {
        let tables = [Self.header + "\n" + lines.joined(separator: "\n"), Self.header]
        #expect(PortOwners.users(connectedOn: 9765, to: 40000, in: tables) == users)
    }

    #if os(Linux)
    @Test(arguments: [true, false])
    func `get nothing over a connection that another has taken`(isOwn: Bool) async throws {
        try await LoopbackServer.with(reply: LoopbackServer.json("{}")) { server in
            let user = isOwn ? getuid() : getuid() + 1
            let client = HTTPPluginTransport.makeClient(users: [server.port: user])
            let transport = try HTTPPluginTransport(
                address: "http://localhost:\(server.port)",
                token: "secret",
                client: client
            )
            var failure: PluginTransportError?
            do {
                _ = try await transport.post(path: "/", body: [])
            } catch let error as PluginTransportError {
                failure = error
            }
            try await client.shutdown()
            let reason =
                "was not asked: user \(getuid()) took the connection to its port \(server.port), "
                + "and it runs as user \(user)"
            #expect(failure == (isOwn ? nil : .failed(reason)))
            #expect(server.requests.filter { !$0.isEmpty }.count == (isOwn ? 1 : 0))
        }
    }

    @Test func `are shown by the kernel`() async throws {
        try await LoopbackServer.with(reply: "") { server in
            let tables = try #require(PortOwners.tables())
            #expect(PortOwners.users(listeningOn: server.port, in: tables) == [getuid()])
        }
    }
    #endif

    private func post(users: [UInt32]?, expected: UInt32?) async throws -> (PluginTransportError?, [String]) {
        try await LoopbackServer.with(reply: LoopbackServer.json("{}")) { server in
            let port = String(server.port, radix: 16, uppercase: true)
            let padded = String(repeating: "0", count: 4 - port.count) + port
            let table = users.map { $0.map { Self.line("0100007F:\(padded)", "0A", "\($0)") } }
            let client = HTTPPluginTransport.makeClient()
            let transport = try HTTPPluginTransport(
                address: "http://localhost:\(server.port)",
                token: "secret",
                user: expected,
                client: client,
                sockets: { table }
            )
            var failure: PluginTransportError?
            do {
                _ = try await transport.post(path: "/", body: [])
            } catch let error as PluginTransportError {
                failure = error
            }
            try await client.shutdown()
            return (failure, server.requests)
        }
    }

    @Test(arguments: [([65534], 65534), ([1000], nil), (nil, 65534)] as [([UInt32]?, UInt32?)])
    func `are asked where nobody is in the way`(users: [UInt32]?, expected: UInt32?) async throws {
        let (failure, requests) = try await post(users: users, expected: expected)
        #expect(failure == nil)
        #expect(requests.count == 1)
    }

    @Test(arguments: [[1000], [1000, 65534]] as [[UInt32]])
    func `get nothing that is for another`(users: [UInt32]) async throws {
        let (failure, requests) = try await post(users: users, expected: 65534)
        guard case .failed(let reason)? = failure else {
            Issue.record("\(String(describing: failure)) is no refusal")
            return
        }
        #expect(reason.hasPrefix("was not asked: user 1000 listens on its port "))
        #expect(requests == [])
    }

    @Test func `get nothing before the plugin listens`() async throws {
        let (failure, requests) = try await post(users: [], expected: 65534)
        #expect(failure == .connectionRefused)
        #expect(requests == [])
    }
}
