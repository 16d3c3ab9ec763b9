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

/// Files and directories of an agent Pod, with the modes that they need.
enum AgentFiles {
    static func makeDirectory(_ path: String, mode: mode_t) throws(AgentInit.Failure) {
        if mkdir(path, mode) != 0, errno != EEXIST {
            throw AgentInit.Failure("\(path) can't be made", errno: errno)
        }
        try setMode(path, mode)
    }

    static func setMode(_ path: String, _ mode: mode_t) throws(AgentInit.Failure) {
        guard chmod(path, mode) == 0 else {
            throw AgentInit.Failure("the mode of \(path) can't be set", errno: errno)
        }
    }

    /// Puts a file in place whole: nobody sees half of it, or sees it with another mode.
    static func place(_ bytes: [UInt8], at path: String, mode: mode_t) throws(AgentInit.Failure) {
        let draft = "\(path).\(UUID().uuidString)"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw AgentInit.Failure("\(draft) can't be made", errno: errno) }
        defer { close(descriptor) }
        guard write(descriptor, bytes, bytes.count) == bytes.count, fchmod(descriptor, mode) == 0 else {
            throw AgentInit.Failure("\(draft) can't be written", errno: errno)
        }
        guard rename(draft, path) == 0 else { throw AgentInit.Failure("\(path) can't be made", errno: errno) }
    }

    /// Writes into a file that is there already, as a container's termination log is.
    static func fill(_ path: String, with bytes: [UInt8]) throws(AgentInit.Failure) {
        let descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
        guard descriptor >= 0 else { throw AgentInit.Failure("\(path) can't be opened", errno: errno) }
        defer { close(descriptor) }
        guard write(descriptor, bytes, bytes.count) == bytes.count else {
            throw AgentInit.Failure("\(path) can't be written", errno: errno)
        }
    }

    /// The bytes of a file; nil if there is none, or none to be read.
    static func read(_ path: String) -> [UInt8]? { (try? Data(contentsOf: URL(filePath: path))).map { Array($0) } }
}
