#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An open directory of the work directory, or the work directory itself.
///
/// Everything is done by name within the directory that is open, and no name is followed if it is a link. So it does
/// not matter what others do to the path meanwhile: what was opened inside stays inside.
struct Directory: Sendable {
    /// The deepest that trees are walked; more would need too many open files.
    static let maximumDepth = 256

    #if os(Linux)
    /// `O_PATH`, which Swift's Glibc leaves out: a directory that may be passed but not listed can be opened too.
    private static let pathOnly: Int32 = 0o10_000_000
    private static let openFlags = pathOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    #else
    private static let openFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    #endif

    let descriptor: Descriptor
    /// The way here when it was opened.
    let path: FilePath

    /// What a name stands for; a link is not followed.
    func status(of name: FileName) throws(SystemError) -> FileStatus {
        try name.withCString { name throws(SystemError) in
            var result = stat()
            try SystemError.check { fstatat(descriptor.number, name, &result, AT_SYMLINK_NOFOLLOW) }
            return FileStatus(result)
        }
    }

    /// What a name stands for; nil if there is nothing of that name.
    func status(ifPresent name: FileName) throws(FileError) -> FileStatus? {
        do throws(SystemError) {
            return try status(of: name)
        } catch {
            if error.code == ENOENT { return nil }
            throw failure("look at", name, error)
        }
    }

    /// Opens a directory in this one.
    ///
    /// - Throws: `ENOTDIR` or `ELOOP` if there is something else, such as a link.
    func openDirectory(_ name: FileName) throws(SystemError) -> Directory {
        let number = try name.withCString { name throws(SystemError) in
            try SystemError.check { openat(descriptor.number, name, Self.openFlags) }
        }
        return Directory(descriptor: Descriptor(owning: number), path: path.appending(name))
    }

    /// The text of a link; nil if there is something else, or nothing.
    func target(ofLink name: FileName) throws(SystemError) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        do throws(SystemError) {
            let count = try name.withCString { name throws(SystemError) in
                try SystemError.check {
                    buffer.withUnsafeMutableBytes { bytes in
                        guard let text = bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return 0 }
                        return readlinkat(descriptor.number, name, text, bytes.count)
                    }
                }
            }
            return Array(buffer[..<count])
        } catch  where error.code == EINVAL || error.code == ENOENT {
            return nil
        }
    }

    // MARK: Errors

    /// An error about a name in this directory, which the directory should have allowed.
    func failure(_ operation: String, _ name: FileName, _ error: SystemError) -> FileError {
        FileError(operation, path.appending(name), error, at: place)
    }

    /// The directory and what it is, as far as that can be found out.
    var place: (path: FilePath, status: FileStatus)? {
        do throws(SystemError) {
            return (path, try descriptor.status())
        } catch {
            return nil
        }
    }
}
