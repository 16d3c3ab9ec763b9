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

/// The controller's key, from which it derives what it proves itself with to agents.
///
/// It has to outlive the controller: with another key, the Pods that are at work are lost.
public enum AgentKey {
    /// The key can't be had.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        /// The file or Secret, and why.
        public let description: String
    }

    static let minimumByteCount = 32

    /// Reads the key, or makes one where there is none yet.
    ///
    /// - Parameter path: The file.
    /// - Returns: The key.
    /// - Throws: ``Failure``.
    public static func load(path: String) throws(Failure) -> [UInt8] {
        if access(path, F_OK) != 0 && errno == ENOENT { try make(path) }
        let key: [UInt8]
        do {
            key = Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Failure(description: "\(path): the agents' key can't be read: \(error)")
        }
        guard key.count >= minimumByteCount else {
            throw Failure(
                description: "\(path): the agents' key has \(key.count) bytes; \(minimumByteCount) are the fewest"
            )
        }
        return key
    }

    /// Puts a new key in place whole, and only if nobody else does so at the same time.
    private static func make(_ path: String) throws(Failure) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw failure(path) }
        let draft = "\(path).\(getpid())"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(path) }
        defer { unlink(draft) }
        let key = Token.random().utf8.map { $0 }
        let count = key.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard close(file) == 0, count == key.count else { throw failure(path) }
        guard link(draft, path) == 0 || errno == EEXIST else { throw failure(path) }
    }

    private static func failure(_ path: String) -> Failure {
        Failure(
            description: "\(path): the agents' key can't be made: \(String(cString: strerror(errno))); "
                + "KARGO_AGENT_KEY_FILE must name a file that is there, or can be made"
        )
    }
}
