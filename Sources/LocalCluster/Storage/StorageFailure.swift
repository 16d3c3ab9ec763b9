import GRDB

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Why the disk did not take a change; the objects are what they were before, and go on being served.
struct StorageFailure: Error, Hashable, CustomStringConvertible {
    /// Less than this is as good as nothing: SQLite needs some of it for itself.
    private static let leastSpace: UInt64 = 256 * 1024

    /// Whether there is no room on the disk.
    var isFull: Bool
    /// What happened, for people.
    var description: String

    /// Says what an error means that came up while a file was written.
    init(_ error: any Error, path: String) {
        let error = error as? DatabaseError
        var space = statvfs()
        // SQLite does not call every lack of space by its name.
        isFull =
            error?.resultCode == .SQLITE_FULL
            || error != nil && statvfs(path, &space) == 0
                && UInt64(space.f_bavail) * UInt64(space.f_frsize) < Self.leastSpace
        if isFull {
            description = """
                the disk is full, so nothing was changed; reading goes on, and writing when there is room for \(path)
                """
        } else {
            let reason = error?.message ?? "it was interrupted"
            description = "the cluster's state can't be written to \(path), so nothing was changed: \(reason)"
        }
    }
}
