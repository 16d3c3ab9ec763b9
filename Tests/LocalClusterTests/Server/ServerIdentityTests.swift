import KargoCore
import KargoTestSupport
import Logging
import Testing

@testable import LocalCluster

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How the certificates of a data directory come and go.
struct ServerIdentityTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)

    private func days(_ count: Double) -> Date { start + count * 86_400 }

    @Test func `is the same until thirty days before its end`() async throws {
        try await ScopedDirectory.with { directory in
            let first = try ServerIdentity.load(directory: directory.path, now: start)
            #expect(try ServerIdentity.load(directory: directory.path, now: days(334)) == first)
            let second = try ServerIdentity.load(directory: directory.path, now: days(336))
            #expect(second.certificate != first.certificate)
            #expect(second.authority == first.authority)
            #expect(Certificate.expiry(of: second.certificate) == days(336 + 365))
            #expect(second.renewal == days(336 + 335))
        }
    }

    @Test func `an authority's successor has its key`() async throws {
        try await ScopedDirectory.with { directory in
            let first = try ServerIdentity.load(directory: directory.path, now: start)
            let key = try directory.read("ca.key")
            let second = try ServerIdentity.load(directory: directory.path, now: days(3630))
            #expect(second.authority != first.authority)
            #expect(try directory.read("ca.key") == key)
            #expect(try directory.read("ca.crt") == String(decoding: second.authority, as: UTF8.self))
        }
    }

    @Test(arguments: ["ca.crt", "server.crt", "server.key"])
    func `goes on where a process ended before it had written everything`(missing: String) async throws {
        try await ScopedDirectory.with { directory in
            _ = try ServerIdentity.load(directory: directory.path, now: start)
            try PrivateFiles(directory: directory.path).remove(missing)
            let identity = try ServerIdentity.load(directory: directory.path, now: start)
            #expect(try RenewedIdentity.isUsable(identity, in: directory))
            #expect(try ServerIdentity.load(directory: directory.path, now: start) == identity)
        }
    }

    @Test func `is made anew for an address that it is not for`() async throws {
        try await ScopedDirectory.with { directory in
            let first = try ServerIdentity.load(directory: directory.path, now: start)
            #expect(!Certificate.covers(first.certificate, address: "192.0.2.1"))
            let addresses = ["192.0.2.1", "2001:db8::1"]
            let second = try ServerIdentity.load(directory: directory.path, addresses: addresses, now: start)
            for address in addresses + ["127.0.0.1", "::1"] {
                #expect(Certificate.covers(second.certificate, address: address))
            }
            #expect(second.authority == first.authority)
            #expect(try ServerIdentity.load(directory: directory.path, addresses: addresses, now: start) == second)
        }
    }

    @Test func `leaves no drafts, and files only for their owner`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("left behind", to: "server.key.new")
            _ = try ServerIdentity.load(directory: directory.path, now: start)
            #expect(try directory.names() == ["ca.crt", "ca.key", "server.crt", "server.key"])
            for name in try directory.names() {
                let attributes = try FileManager.default.attributesOfItem(atPath: directory.file(name))
                #expect(attributes[.posixPermissions] as? Int == 0o600)
            }
        }
    }
}

extension RenewedIdentity {
    /// Whether a server can serve with what is in a directory.
    fileprivate static func isUsable(_ identity: ServerIdentity, in directory: ScopedDirectory) throws -> Bool {
        let renewed = try RenewedIdentity(
            directory: directory.path,
            addresses: [],
            now: { identity.renewal - 1 },
            logger: Logger(label: "identity") { _ in SwiftLogNoOpLogHandler() },
            onNewAuthority: { _ in }
        )
        return renewed.current == identity
    }
}
