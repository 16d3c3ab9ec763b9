#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Finds what matches a pattern in the work directory.
///
/// A directory is looked at once for the same part of a pattern, however many links lead there.
struct GlobWalk {
    private struct Visit: Hashable {
        let directory: FileStatus.Identity
        let remainder: GlobProgress.Remainder
    }

    private let workDirectory: WorkDirectory
    private let cancellation: Cancellation
    private var visits: Set<Visit> = []
    private var matches: [FilePath] = []

    init(in workDirectory: WorkDirectory, _ cancellation: Cancellation) {
        self.workDirectory = workDirectory
        self.cancellation = cancellation
    }

    /// Finds what matches.
    ///
    /// - Parameter pattern: The pattern.
    /// - Returns: Paths as they were walked, links included.
    /// - Throws: ``FileError`` if the pattern asks for the work directory itself or for something behind a link that
    ///   leads out of it; `CancellationError`.
    mutating func paths(matching pattern: GlobPattern) throws -> [FilePath] {
        let progress = GlobProgress(pattern)
        if progress.isMatch(isDirectory: true) {
            throw FileError(.escape, "the pattern matches the working directory itself; \"**/*\" matches all in it")
        }
        visits = []
        matches = []
        try visit(workDirectory.root, FilePath(), progress)
        return matches
    }

    private mutating func visit(_ directory: Directory, _ path: FilePath, _ progress: GlobProgress) throws {
        guard path.names.count < Directory.maximumDepth else {
            throw FileError(
                .system(ENAMETOOLONG),
                "can't search \"\(FilePath(Array(path.names.prefix(1))))\": nested deeper than "
                    + "\(Directory.maximumDepth) directories"
            )
        }
        do throws(SystemError) {
            let identity = try directory.descriptor.status().identity
            guard visits.insert(Visit(directory: identity, remainder: progress.remainder)).inserted else { return }
        } catch {
            throw FileError("look at", path, error)
        }
        for name in try names(in: directory) {
            try cancellation.check()
            let below = progress.descending(to: name.description)
            let path = path.appending(name)
            if try below.isMatch(isDirectory: try open(name, in: directory, .ifInside) != nil) { matches.append(path) }
            guard below.canDescend else { continue }
            let policy = progress.names(name.description) ? OutsidePolicy.refused : .ifInside
            if let child = try open(name, in: directory, policy) { try visit(child, path, below) }
        }
    }

    /// A directory that can't be listed holds nothing that matches, as in doublestar.
    private func names(in directory: Directory) throws(FileError) -> [FileName] {
        do throws(FileError) {
            return try directory.names()
        } catch {
            if error.code == .system(EACCES) { return [] }
            throw error
        }
    }

    /// What becomes of a link that leads out of the work directory.
    private enum OutsidePolicy {
        /// It is no directory.
        case ifInside
        /// It is an error, for the pattern has just this name.
        case refused
    }

    /// Opens a directory, or the one to which a link leads; nil if there is none.
    private func open(
        _ name: FileName,
        in directory: Directory,
        _ policy: OutsidePolicy
    ) throws(FileError) -> Directory? {
        do throws(SystemError) {
            return try directory.openDirectory(name)
        } catch {
            guard error.code == ENOTDIR || error.code == ELOOP else { return nil }
        }
        do throws(FileError) {
            let location = try workDirectory.locate(directory.path.appending(name), links: .contained)
            return location.rest.isEmpty ? location.directory : nil
        } catch {
            if error.code == .escape, policy == .refused { throw error }
            return nil
        }
    }
}
