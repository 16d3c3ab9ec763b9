import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The server's key and certificate, and the authority that clients trust.
struct ServerIdentity: Sendable {
    /// The authority's certificate in PEM.
    var authority: [UInt8]
    /// The server's certificate in PEM.
    var certificate: [UInt8]
    /// The server's key in PEM.
    var key: [UInt8]

    /// How long before its end a certificate is replaced.
    private static let renewal = 30.0 * 86_400

    /// Reads the identity of a data directory, and makes what is missing or about to expire.
    ///
    /// The authority is one per directory, so that a kubeconfig written once goes on working.
    static func load(directory: String, now: Date) throws -> ServerIdentity {
        let files = PrivateFiles(directory: directory)
        var authority = try files.read("ca.crt")
        var authorityKey = try files.read("ca.key")
        if authority == nil || authorityKey == nil || Certificate.expiry(of: authority ?? []) < now + renewal {
            // Not the server's name, or OpenSSL takes the server's certificate for one that signed itself.
            let made = try Certificate.makeAuthority(name: "local-cluster authority", now: now, days: 3650)
            (authority, authorityKey) = (made.certificate, made.key)
            try files.write(made.key, to: "ca.key")
            try files.write(made.certificate, to: "ca.crt")
            try files.remove("server.crt")
        }
        guard let authority, let authorityKey else { throw LocalClusterError("\(directory)/ca.crt can't be read") }
        if let certificate = try files.read("server.crt"), let key = try files.read("server.key"),
            Certificate.expiry(of: certificate) > now + renewal
        {
            return ServerIdentity(authority: authority, certificate: certificate, key: key)
        }
        let made = try Certificate.makeServer(
            name: "local-cluster",
            addresses: ["127.0.0.1", "::1"],
            names: ["localhost"],
            authority: authority,
            authorityKey: authorityKey,
            now: now,
            days: 365
        )
        try files.write(made.key, to: "server.key")
        try files.write(made.certificate, to: "server.crt")
        return ServerIdentity(authority: authority, certificate: made.certificate, key: made.key)
    }
}

/// Files that only their owner may read.
struct PrivateFiles {
    let directory: String

    func read(_ name: String) throws -> [UInt8]? {
        let path = "\(directory)/\(name)"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return Array(try Data(contentsOf: URL(filePath: path)))
    }

    /// Writes a file so that it is there whole or not at all.
    func write(_ bytes: [UInt8], to name: String) throws {
        let path = "\(directory)/\(name)"
        let draft = "\(path).\(UUID().uuidString)"
        guard FileManager.default.createFile(atPath: draft, contents: nil, attributes: [.posixPermissions: 0o600])
        else {
            throw LocalClusterError("\(draft) can't be made; is the directory writable?")
        }
        try Data(bytes).write(to: URL(filePath: draft))
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        try FileManager.default.moveItem(atPath: draft, toPath: path)
    }

    func remove(_ name: String) throws {
        let path = "\(directory)/\(name)"
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
    }
}
