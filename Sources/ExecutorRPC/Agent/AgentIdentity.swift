import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The key and the certificate of the agent of one Pod: made by its init container, in memory, kept as long as the Pod.
struct AgentIdentity: Sendable {
    /// The agent has no key that it could use.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let days = 3650

    let pair: Certificate.Pair

    /// Finds what an earlier run of the init container made, or makes it.
    ///
    /// - Parameters:
    ///   - directory: Where the files are, in a volume of memory.
    ///   - now: The time.
    /// - Returns: The identity.
    /// - Throws: ``AgentInit/Failure``, `Certificate.Failure`.
    static func keepOrMake(in directory: String, now: Date) throws -> AgentIdentity {
        // The agent may have taken its right to read away.
        if access(keyFile(directory), F_OK) == 0 { try AgentFiles.setMode(keyFile(directory), 0o400) }
        if let known = read(directory) { return known }
        let pair = try Certificate.makeSelfSignedServer(name: AgentPin.serverName, now: now, days: days)
        try AgentFiles.place(pair.key, at: keyFile(directory), mode: 0o400)
        try AgentFiles.place(pair.certificate, at: certificateFile(directory), mode: 0o444)
        return AgentIdentity(pair: pair)
    }

    /// Reads what the init container made.
    static func load(from directory: String) throws(Failure) -> AgentIdentity {
        guard let identity = read(directory) else {
            throw Failure(description: "\(directory) has no key and certificate that belong together")
        }
        return identity
    }

    /// The agent's key.
    static func keyFile(_ directory: String) -> String { "\(directory)/tls.key" }

    private static func certificateFile(_ directory: String) -> String { "\(directory)/tls.crt" }

    private static func read(_ directory: String) -> AgentIdentity? {
        guard let key = AgentFiles.read(keyFile(directory)),
            let certificate = AgentFiles.read(certificateFile(directory))
        else { return nil }
        let pair = Certificate.Pair(certificate: certificate, key: key)
        return Certificate.matches(pair) ? AgentIdentity(pair: pair) : nil
    }
}
