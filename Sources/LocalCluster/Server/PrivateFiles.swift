#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Files that only their owner may read.
struct PrivateFiles: Sendable {
    let directory: String

    /// The content of a file; nil where there is none.
    ///
    /// - Throws: ``LocalClusterError``.
    func read(_ name: String) throws(LocalClusterError) -> [UInt8]? {
        guard FileSystem.exists(path(name)) else { return nil }
        return try explaining(name, "read") { () throws(SystemError) in try FileSystem.read(path(name)) }
    }

    /// Writes a file so that it is there whole or not at all, also when the power fails, and is at no moment anybody
    /// else's to open.
    ///
    /// - Throws: ``LocalClusterError``; then what was there before is still there.
    func write(_ bytes: [UInt8], to name: String) throws(LocalClusterError) {
        let draft = path(name) + ".new"
        try explaining(name, "written") { () throws(SystemError) in
            // One that a process left behind may have other permissions.
            try FileSystem.remove(draft)
            do throws(SystemError) {
                let file = try Descriptor(open: draft, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
                try file.write(bytes)
                try SystemError.check("write \(draft)") { fsync(file.number) }
            } catch {
                unlink(draft)
                throw error
            }
            try SystemError.check("rename \(draft)") { rename(draft, path(name)) }
            let place = try Descriptor(open: directory, O_RDONLY)
            try SystemError.check("write \(directory)") { fsync(place.number) }
        }
    }

    /// Removes a file; nothing is fine too.
    ///
    /// - Throws: ``LocalClusterError``.
    func remove(_ name: String) throws(LocalClusterError) {
        try explaining(name, "removed") { () throws(SystemError) in try FileSystem.remove(path(name)) }
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }

    private func explaining<Result>(
        _ name: String,
        _ what: String,
        _ body: () throws(SystemError) -> Result
    ) throws(LocalClusterError) -> Result {
        do {
            return try body()
        } catch {
            throw LocalClusterError("\(path(name)) can't be \(what): \(error.reason)")
        }
    }
}
