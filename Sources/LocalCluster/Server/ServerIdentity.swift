import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The server's key and certificate, and the authority that clients trust.
struct ServerIdentity: Sendable, Hashable {
    /// The authority's certificate in PEM.
    var authority: [UInt8]
    /// The server's certificate in PEM.
    var certificate: [UInt8]
    /// The server's key in PEM.
    var key: [UInt8]
    /// When one of the certificates is to be replaced.
    var renewal: Date

    /// How long before its end a certificate is replaced.
    private static let reserve = 30.0 * 86_400
    private static let authorityDays = 3650
    private static let serverDays = 365

    /// Reads the identity of a data directory, and makes what is missing or about to expire.
    ///
    /// The authority is one per directory, so that a kubeconfig written once goes on working. Its successor has the
    /// same name and key: a client that has either certificate trusts the server until that certificate's end.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - addresses: The IP addresses besides loopback that the server is reached at.
    ///   - now: The time.
    /// - Returns: The identity.
    /// - Throws: ``LocalClusterError`` when a file can't be read or written; `Certificate.Failure`.
    static func load(directory: String, addresses: [String] = [], now: Date) throws -> ServerIdentity {
        let files = PrivateFiles(directory: directory)
        let addresses = ["127.0.0.1", "::1"] + addresses
        let (authority, authorityKey) = try loadAuthority(files, now: now)
        let renewal = Certificate.expiry(of: authority) - reserve
        if let certificate = try files.read("server.crt"), let key = try files.read("server.key"),
            Certificate.expiry(of: certificate) > now + reserve,
            addresses.allSatisfy({ Certificate.covers(certificate, address: $0) })
        {
            return ServerIdentity(
                authority: authority,
                certificate: certificate,
                key: key,
                renewal: min(renewal, Certificate.expiry(of: certificate) - reserve)
            )
        }
        let made = try Certificate.makeServer(
            name: "local-cluster",
            addresses: addresses,
            names: ["localhost"],
            authority: authority,
            authorityKey: authorityKey,
            now: now,
            days: serverDays
        )
        // A process that ends in between leaves no certificate beside a key that is not its own.
        try files.remove("server.crt")
        try files.write(made.key, to: "server.key")
        try files.write(made.certificate, to: "server.crt")
        return ServerIdentity(
            authority: authority,
            certificate: made.certificate,
            key: made.key,
            renewal: min(renewal, Certificate.expiry(of: made.certificate) - reserve)
        )
    }

    private static func loadAuthority(
        _ files: PrivateFiles,
        now: Date
    ) throws -> (certificate: [UInt8], key: [UInt8]) {
        let certificate = try files.read("ca.crt")
        let key = try files.read("ca.key")
        if let certificate, let key, Certificate.expiry(of: certificate) > now + reserve { return (certificate, key) }
        // Not the server's name, or OpenSSL takes the server's certificate for one that signed itself.
        let made = try Certificate.makeAuthority(
            name: "local-cluster authority",
            key: certificate == nil ? nil : key,
            now: now,
            days: authorityDays
        )
        if made.key != key {
            try files.remove("ca.crt")
            try files.remove("server.crt")
            try files.write(made.key, to: "ca.key")
        }
        try files.write(made.certificate, to: "ca.crt")
        return (made.certificate, made.key)
    }
}
