#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The directory that the steps of a Promotion share, and the only one they may touch.
///
/// ## Guarantees
/// Nothing outside is read, written or removed, whatever paths say and whatever links somebody makes meanwhile.
struct WorkDirectory: Sendable {
    let root: Directory
    /// Under what paths the directory is known, for links that name it in full.
    let prefixes: [[FileName]]

    /// Opens the work directory.
    ///
    /// - Throws: ``FileError`` if it is not there.
    init(_ path: String) throws(FileError) {
        do throws(SystemError) {
            let number = try SystemError.check { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
            root = Directory(descriptor: Descriptor(owning: number), path: FilePath())
        } catch {
            throw FileError(.system(error.code), "can't open the work directory: \(error)")
        }
        var known = [path]
        if let resolved = realpath(path, nil) {
            known.append(String(cString: resolved))
            free(resolved)
        }
        prefixes = known.compactMap { path in
            WrittenPath(path.utf8).flatMap { $0.isAbsolute ? $0.cleaned : nil }
        }
    }

    /// What becomes of a link on the way.
    enum LinkPolicy: Sendable {
        /// It is followed as if the work directory were the root of the file system; above that is nothing. So do
        /// Kargo's steps by way of filepath-securejoin.
        case reRooted
        /// It is followed if it stays in the work directory.
        case contained
        /// It is an error.
        case refused
    }

    /// Follows a path as far as there are directories.
    ///
    /// - Parameter path: A path as somebody has written it; an absolute one begins at the work directory too.
    /// - Returns: Where it leads.
    /// - Throws: ``FileError`` if the path can't be followed. Names that don't exist are no error.
    func locate(_ path: String) throws(FileError) -> Location {
        guard let written = WrittenPath(path.utf8) else {
            throw FileError(.missing, "the path \(path.debugDescription) contains a zero byte")
        }
        return try locate(written.parts, links: .reRooted)
    }

    /// Follows parts of a path as far as there are directories.
    func locate(_ parts: [WrittenPath.Part], links: LinkPolicy) throws(FileError) -> Location {
        var walk = PathWalk(in: self, links: links)
        return try walk.follow(parts)
    }

    /// Follows names as far as there are directories.
    func locate(_ path: FilePath, links: LinkPolicy) throws(FileError) -> Location {
        try locate(path.names.map(WrittenPath.Part.name), links: links)
    }
}

/// Where a path leads.
struct Location: Sendable {
    /// The last directory on the way, or the one that the path names.
    let directory: Directory
    /// The names behind it: none if the path names a directory, else something that is not one, or not there.
    let rest: [FileName]

    /// The whole way, links taken out.
    var path: FilePath { FilePath(directory.path.names + rest) }
}
