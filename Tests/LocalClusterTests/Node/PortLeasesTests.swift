import KargoCore
import KargoTestSupport
import Testing

@testable import LocalCluster

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

struct PortLeasesTests {
    private func demand(everywhere: [UInt16] = [], own: [UInt16] = []) -> PortDemand {
        var demand = PortDemand()
        demand.everywhere = everywhere
        demand.ownAddress = own
        return demand
    }

    /// Two ports on which nobody listens.
    private func freePorts() throws -> (UInt16, UInt16) {
        let (first, second) = (try Listener(), try Listener())
        return (first.port, second.port)
    }

    @Test func `finds the ports of a Pod`() throws {
        let pod = JSONValue.pod(
            "p",
            initContainers: [
                .shell("a", "", ["ports": [["containerPort": 1000], ["containerPort": 53, "protocol": "UDP"]]])
            ],
            containers: [
                .shell(
                    "b",
                    "",
                    [
                        "ports": [["containerPort": 2000], ["containerPort": 1000]],
                        "env": [["name": "IP", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]]],
                    ]
                ),
                .shell("c", "", ["ports": [["containerPort": 1000, "protocol": "TCP"], ["containerPort": 70_000]]]),
            ]
        )
        let spec = try JSONValueDecoder().decode(Pod.self, from: pod).spec
        #expect(PortDemand(spec) == demand(everywhere: [1000], own: [2000]))
    }

    @Test func `gives a port to one Pod of the machine only, and again when it is free`() async throws {
        try await ScopedDirectory.with { directory in
            let (port, other) = try freePorts()
            let (one, two) = (PortLeases(directory: directory.path), PortLeases(directory: directory.path))
            var held = try one.take(
                demand(everywhere: [port]),
                for: "ns/a",
                uid: "a",
                address: "127.64.0.1",
                others: []
            )
            #expect(held.locks.count == 1)
            let own = #expect(throws: PortLeases.Conflict.self) {
                try one.take(
                    demand(everywhere: [other, port]),
                    for: "ns/b",
                    uid: "b",
                    address: "127.64.0.2",
                    others: []
                )
            }
            #expect(own?.description == "waits for port \(port), which Pod ns/a holds")
            #expect(own?.isOfThisNode == true)
            let foreign = #expect(throws: PortLeases.Conflict.self) {
                try two.take(
                    demand(everywhere: [port]),
                    for: "ns/c",
                    uid: "c",
                    address: "127.64.0.3",
                    others: []
                )
            }
            #expect(foreign?.description == "waits for port \(port), which Pod ns/a of another cluster holds")
            #expect(foreign?.isOfThisNode == false)
            // The other port was not kept by the Pod that got only one of two.
            _ = try two.take(
                demand(everywhere: [other]),
                for: "ns/c",
                uid: "c",
                address: "127.64.0.3",
                others: []
            )
            held.locks = []
            one.release(uid: "a")
            held = try one.take(
                demand(everywhere: [other, port]),
                for: "ns/b",
                uid: "b",
                address: "127.64.0.2",
                others: []
            )
            #expect(held.locks.count == 2)
        }
    }

    @Test func `lets Pods share a port on addresses of their own, but not with one that wants it everywhere`()
        async throws
    {
        try await ScopedDirectory.with { directory in
            let (port, _) = try freePorts()
            let leases = PortLeases(directory: directory.path)
            let first = try leases.take(
                demand(own: [port]),
                for: "ns/a",
                uid: "a",
                address: "127.64.0.1",
                others: []
            )
            let second = try leases.take(
                demand(own: [port]),
                for: "ns/b",
                uid: "b",
                address: "127.64.0.1",
                others: ["127.64.0.2"]
            )
            #expect(first.address == "127.64.0.1")
            #expect(second.address == "127.64.0.2")
            let conflict = #expect(throws: PortLeases.Conflict.self) {
                try leases.take(
                    demand(everywhere: [port]),
                    for: "ns/c",
                    uid: "c",
                    address: "127.64.0.3",
                    others: []
                )
            }
            #expect(conflict?.holder == "Pod ns/a holds")
            withExtendedLifetime((first, second)) {}
        }
    }

    @Test func `notices a program that listens on a port`() async throws {
        try await ScopedDirectory.with { directory in
            let leases = PortLeases(directory: directory.path)
            let listener = try Listener()
            let conflict = #expect(throws: PortLeases.Conflict.self) {
                try leases.take(
                    demand(everywhere: [listener.port]),
                    for: "ns/a",
                    uid: "a",
                    address: "127.64.0.1",
                    others: []
                )
            }
            #expect(
                conflict?.description
                    == "waits for port \(listener.port), which another program on this machine listens on"
            )
            #expect(conflict?.isOfThisNode == false)
            // It listens on 127.0.0.1 only.
            _ = try leases.take(
                demand(own: [listener.port]),
                for: "ns/a",
                uid: "a",
                address: "127.64.0.1",
                others: []
            )
        }
    }

    @Test func `refuses a directory of locks that is somebody else's`() throws {
        try #require(getuid() == 0, "only root can make such a directory; the check is for everybody")
        let path = "/tmp/kargo-test-leases-\(getpid())"
        mkdir(path, 0o777)
        chown(path, 12345, 12345)
        defer { rmdir(path) }
        let leases = PortLeases(directory: path)
        #expect(throws: SystemError.self) {
            try leases.take(demand(everywhere: [9765]), for: "ns/a", uid: "a", address: "127.64.0.1", others: [])
        }
    }
}

/// A program that listens on some port of 127.0.0.1.
struct Listener {
    let port: UInt16
    private let descriptor: Descriptor

    init() throws {
        let descriptor = Descriptor(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                try SystemError.check("bind") { bind(descriptor.number, pointer, length) }
                try SystemError.check("listen") { listen(descriptor.number, 1) }
                try SystemError.check("ask for the port") { getsockname(descriptor.number, pointer, &length) }
            }
        }
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
    }
}
