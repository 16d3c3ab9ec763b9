import KargoCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The right to start and stop the processes of a local cluster, which one command has at a time.
struct UpLock {
    private let descriptor: FileDescriptor

    /// Takes the lock, when whoever has it is done.
    static func take(_ installation: LocalInstallation) async throws -> UpLock {
        let path = "\(installation.dataDirectory)/up.lock"
        let descriptor = try FileDescriptor(appendingTo: path)
        if flock(descriptor.number, LOCK_EX | LOCK_NB) != 0 {
            Console.note("waiting for another \"kargo local\" in \(installation.dataDirectory)")
            while flock(descriptor.number, LOCK_EX | LOCK_NB) != 0 {
                guard errno == EWOULDBLOCK || errno == EINTR else {
                    throw CommandError("\(path): can't be locked: \(String(cString: strerror(errno)))")
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        return UpLock(descriptor: descriptor)
    }

    /// Gives the right up.
    func release() { _ = flock(descriptor.number, LOCK_UN) }
}
