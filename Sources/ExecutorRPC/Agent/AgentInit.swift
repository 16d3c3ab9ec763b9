import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
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

/// What the init container does: directories that processes of different users can share, and a token for each sidecar.
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
    private let sidecars: [String]

    /// Makes the work of an init container.
    ///
    /// - Parameters:
    ///   - environment: The process's environment; see ``AgentLayout/Variable/sidecars``.
    ///   - volume: Where the volume of the work directory is mounted.
    ///   - tokens: Where the volume of the tokens is mounted.
    public init(
        environment: [String: String],
        volume: String = AgentLayout.initVolume,
        tokens: String = AgentLayout.initTokens
    ) {
        self.volume = volume
        self.tokens = tokens
        sidecars = (environment[AgentLayout.Variable.sidecars] ?? "").split(separator: ",").map(String.init)
    }

    /// Sets everything up.
    ///
    /// - Returns: What could not be done and can be done without, a sentence each.
    /// - Throws: ``Failure``.
    public func run() throws -> [String] {
        var notes: [String] = []
        try makeDirectory("\(volume)/workspace", mode: 0o2770)
        if let note = try setDefaultACL("\(volume)/workspace") { notes.append(note) }
        try makeDirectory("\(volume)/git", mode: 0o2750)
        try makeDirectory("\(volume)/tmp", mode: 0o700)
        try makeDirectory("\(tokens)/tokens", mode: 0o700)
        for sidecar in sidecars {
            // The secrecy of a token comes from who has its directory mounted; any user may read it there.
            try makeDirectory("\(tokens)/tokens/\(sidecar)", mode: 0o711)
            try writeToken("\(tokens)/tokens/\(sidecar)/\(AgentLayout.tokenFile)")
        }
        return notes
    }

    private func makeDirectory(_ path: String, mode: mode_t) throws {
        if mkdir(path, mode) != 0, errno != EEXIST { throw Failure("\(path) can't be made", errno: errno) }
        guard chmod(path, mode) == 0 else { throw Failure("the mode of \(path) can't be set", errno: errno) }
    }

    private func writeToken(_ path: String) throws {
        if let token = try? Data(contentsOf: URL(filePath: path)), token.count >= Self.shortestToken { return }
        let draft = "\(path).\(UUID().uuidString)"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o444)
        guard descriptor >= 0 else { throw Failure("\(draft) can't be made", errno: errno) }
        defer { close(descriptor) }
        let token = Array(Token.random().utf8)
        guard write(descriptor, token, token.count) == token.count, fchmod(descriptor, 0o444) == 0 else {
            throw Failure("\(draft) can't be written", errno: errno)
        }
        guard rename(draft, path) == 0 else { throw Failure("\(path) can't be made", errno: errno) }
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
