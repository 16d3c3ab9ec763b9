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

/// The data directory of a local cluster and the controller that works on it, as their processes share it.
///
/// A process that runs holds a lock, which ends with it however it ends; so what is read here is never about a process
/// that is gone, or about another one that got its number.
public struct LocalInstallation: Sendable, Hashable {
    /// One of the processes.
    public enum Part: String, CaseIterable, Sendable {
        /// The Kubernetes API and the node.
        case cluster = "local-cluster"
        /// Kargo's controller.
        case controller
    }

    /// What a process says of itself.
    public struct Running: Codable, Hashable, Sendable {
        /// Its number.
        public var pid: Int32
        /// Where it is served; nil for a process that serves nothing, or not yet.
        public var address: String?

        /// Makes a record.
        public init(pid: Int32, address: String? = nil) {
            self.pid = pid
            self.address = address
        }
    }

    /// The right to be a part; it ends with the last reference to it, and with the process.
    public final class Claim: Sendable {
        private let lock: Int32
        private let installation: LocalInstallation
        private let part: Part

        fileprivate init(lock: Int32, installation: LocalInstallation, part: Part) {
            self.lock = lock
            self.installation = installation
            self.part = part
        }

        deinit { close(lock) }

        /// Makes known what this process says of itself.
        ///
        /// - Throws: ``Failure``.
        public func publish(_ running: Running) throws {
            try installation.write(running, part)
        }
    }

    /// The directory can't be used.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        /// Which file, and why.
        public let description: String
    }

    /// The directory.
    public let dataDirectory: String

    /// Names an installation; nothing need be there yet.
    public init(dataDirectory: String) { self.dataDirectory = dataDirectory }

    /// The kubeconfig for people.
    public var kubeconfig: String { file("kubeconfig") }

    /// The kubeconfig for the controller.
    public var controllerKubeconfig: String { file("controller.kubeconfig") }

    /// Where a process in the background writes its log.
    public func logFile(of part: Part) -> String { file("\(part.rawValue).log") }

    /// What runs as a part; nil where nothing does.
    ///
    /// - Throws: ``Failure``, also for a process that has not said yet what it is.
    public func running(_ part: Part) throws -> Running? {
        guard let lock = try openLock(part, create: false) else { return nil }
        defer { close(lock) }
        guard try !takeLock(lock, LOCK_SH | LOCK_NB, part) else { return nil }
        do {
            return try JSONValueDecoder()
                .decode(
                    Running.self,
                    from: JSONValue(
                        parsing: String(
                            decoding: Data(contentsOf: URL(filePath: recordFile(part))),
                            as: UTF8.self
                        )
                    )
                )
        } catch {
            throw Failure(description: "\(recordFile(part)): the process that runs has not written it yet")
        }
    }

    /// Waits, and blocks the thread, until nothing runs as a part.
    ///
    /// - Throws: ``Failure``.
    public func waitUntilStopped(_ part: Part) throws {
        guard let lock = try openLock(part, create: false) else { return }
        defer { close(lock) }
        _ = try takeLock(lock, LOCK_SH, part)
    }

    /// Makes this process a part.
    ///
    /// - Returns: The right to be it; nil if another process has it.
    /// - Throws: ``Failure``.
    public func claim(_ part: Part) throws -> Claim? {
        guard let lock = try openLock(part, create: true) else { return nil }
        while try !takeLock(lock, LOCK_EX | LOCK_NB, part) {
            // Who only looks shares the lock, and has let go of it in a moment.
            guard try takeLock(lock, LOCK_SH | LOCK_NB, part) else {
                close(lock)
                return nil
            }
            sched_yield()
        }
        let claim = Claim(lock: lock, installation: self, part: part)
        try claim.publish(Running(pid: getpid()))
        return claim
    }

    private func file(_ name: String) -> String { "\(dataDirectory)/\(name)" }
    private func recordFile(_ part: Part) -> String { file("\(part.rawValue).json") }
    private func lockFile(_ part: Part) -> String { file("\(part.rawValue).lock") }

    private func write(_ running: Running, _ part: Part) throws {
        do {
            let text = try JSONEncoder().encode(running)
            try text.write(to: URL(filePath: recordFile(part)), options: .atomic)
            chmod(recordFile(part), 0o600)
        } catch {
            throw Failure(description: "\(recordFile(part)): can't be written: \(error)")
        }
    }

    private func openLock(_ part: Part, create: Bool) throws -> Int32? {
        let lock = open(lockFile(part), O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0o600)
        if lock < 0 && errno == ENOENT && !create { return nil }
        guard lock >= 0 else { throw failure(part, "opened") }
        return lock
    }

    /// Takes a lock; false where it is held and is not to be waited for.
    private func takeLock(_ lock: Int32, _ operation: Int32, _ part: Part) throws -> Bool {
        while flock(lock, operation) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw failure(part, "locked") }
        }
        return true
    }

    private func failure(_ part: Part, _ what: String) -> Failure {
        Failure(description: "\(lockFile(part)): can't be \(what): \(String(cString: strerror(errno)))")
    }
}
