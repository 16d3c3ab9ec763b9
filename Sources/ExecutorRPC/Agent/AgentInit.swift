import KargoCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

#if os(Linux)
import CLinux
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the init container does: directories that processes of different users can share, a token for each sidecar, and
/// the agent's key with its certificate, which it publishes.
///
/// It may run again in a Pod that has run before; then it keeps what is there.
public struct AgentInit: Sendable {
    /// Something could not be set up.
    public struct Failure: Error, CustomStringConvertible {
        /// What, and the system's reason.
        public let description: String

        init(_ what: String, errno code: Int32) {
            description = "\(what): \(String(cString: strerror(code)))"
        }
    }

    /// The fewest characters of a token that is kept.
    private static let shortestToken = 43

    private let volume: String
    private let tokens: String
    private let identity: String
    private let terminationLog: String
    private let now: Date
    private let sidecars: [String]

    /// Makes the work of an init container.
    ///
    /// - Parameters:
    ///   - environment: The process's environment; see ``AgentLayout/Variable/sidecars``.
    ///   - volume: Where the volume of the work directory is mounted.
    ///   - tokens: Where the volume of the tokens is mounted.
    ///   - identity: Where the volume of the agent's key is mounted.
    ///   - terminationLog: The file in which the container leaves its ``AgentAnnouncement``.
    ///   - now: The time from which the certificate counts.
    public init(
        environment: [String: String],
        volume: String = AgentLayout.initVolume,
        tokens: String = AgentLayout.initTokens,
        identity: String = AgentLayout.identity,
        terminationLog: String = AgentLayout.terminationLog,
        now: Date = Date()
    ) {
        self.volume = volume
        self.tokens = tokens
        self.identity = identity
        self.terminationLog = terminationLog
        self.now = now
        sidecars = (environment[AgentLayout.Variable.sidecars] ?? "").split(separator: ",").map(String.init)
    }

    /// Sets everything up.
    ///
    /// - Returns: What could not be done and can be done without, a sentence each.
    /// - Throws: ``Failure``, `Certificate.Failure`.
    public func run() throws -> [String] {
        var notes: [String] = []
        try AgentFiles.makeDirectory("\(volume)/workspace", mode: 0o2770)
        if let note = try setDefaultACL("\(volume)/workspace") { notes.append(note) }
        try AgentFiles.makeDirectory("\(volume)/git", mode: 0o2750)
        try AgentFiles.makeDirectory("\(volume)/tmp", mode: 0o700)
        try AgentFiles.makeDirectory("\(tokens)/tokens", mode: 0o700)
        try AgentFiles.makeDirectory("\(volume)/\(AgentLayout.sidecarTemporaryDirectories)", mode: 0o711)
        for sidecar in sidecars {
            // As /tmp is; who has it mounted is the sidecar alone, as whichever user it runs.
            try AgentFiles.makeDirectory(
                "\(volume)/\(AgentLayout.sidecarTemporaryDirectories)/\(sidecar)",
                mode: 0o1777
            )
            // The secrecy of a token comes from who has its directory mounted; any user may read it there.
            try AgentFiles.makeDirectory("\(tokens)/tokens/\(sidecar)", mode: 0o711)
            try writeToken("\(tokens)/tokens/\(sidecar)/\(AgentLayout.tokenFile)")
        }
        try announce(AgentIdentity.keepOrMake(in: identity, now: now))
        return notes
    }

    private func writeToken(_ path: String) throws {
        if let token = AgentFiles.read(path), token.count >= Self.shortestToken { return }
        try AgentFiles.place(Array(Token.random().utf8), at: path, mode: 0o444)
    }

    private func announce(_ identity: AgentIdentity) throws {
        let text = String(decoding: identity.pair.certificate, as: UTF8.self)
        let announcement = try JSONValueEncoder().encode(AgentAnnouncement(certificate: text))
        try AgentFiles.fill(terminationLog, with: announcement.serialized())
    }

    /// Lets every file in the directory belong to the group as much as to its owner, whatever a process's umask says.
    private func setDefaultACL(_ path: String) throws -> String? {
        #if os(Linux)
        // posix_acl_xattr: version 2, then entries of tag, permissions and identifier, little-endian.
        func entry(_ tag: UInt16, _ permissions: UInt16) -> [UInt8] {
            [UInt8(tag), UInt8(tag >> 8), UInt8(permissions), 0, 0xFF, 0xFF, 0xFF, 0xFF]
        }
        let list: [UInt8] = [2, 0, 0, 0] + entry(0x01, 7) + entry(0x04, 7) + entry(0x10, 7) + entry(0x20, 0)
        guard setxattr(path, "system.posix_acl_default", list, list.count, 0) != 0 else { return nil }
        if errno == ENOTSUP {
            return
                "the file system of \(path) has no access control lists; plugins of different users may not be able to "
                + "change each other's files"
        }
        throw Failure("the default access control list of \(path) can't be set", errno: errno)
        #else
        return nil
        #endif
    }
}
