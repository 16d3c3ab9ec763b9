#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A volume of a Pod on the machine's disk.
struct VolumeDirectory {
    /// The name of the volume.
    var name: String
    /// Where it is, where it is not a path of the machine's own.
    var path: String

    /// Makes the volume.
    ///
    /// An empty directory that is there is kept with what is in it; files are replaced all at once where they
    /// have changed.
    ///
    /// - Returns: The directory or file that containers mount.
    /// - Throws: ``PodBlocker`` for a path of the machine that is not what it should be; ``SystemError``.
    func make(_ content: VolumeContent) throws -> String {
        switch content {
        case .emptyDirectory:
            try FileSystem.makeDirectory(path, mode: 0o777)
            return path
        case .files(let files):
            try ProjectedFiles(directory: path).write(files)
            return path
        case .host(let path, let type):
            try checkHost(path, type)
            return path
        }
    }

    private func checkHost(_ path: String, _ type: String) throws {
        var status = stat()
        let isThere = stat(path, &status) == 0
        let kind = status.st_mode & S_IFMT
        let isRight: Bool
        switch type {
        case "": isRight = isThere
        case "DirectoryOrCreate":
            if !isThere { try FileSystem.makeDirectory(path) }
            isRight = !isThere || kind == S_IFDIR
        case "FileOrCreate":
            if !isThere { _ = try Descriptor(open: path, O_WRONLY | O_CREAT, mode: 0o644) }
            isRight = !isThere || kind == S_IFREG
        case "Directory": isRight = isThere && kind == S_IFDIR
        case "File": isRight = isThere && kind == S_IFREG
        case "Socket": isRight = isThere && kind == S_IFSOCK
        case "CharDevice": isRight = isThere && kind == S_IFCHR
        case "BlockDevice": isRight = isThere && kind == S_IFBLK
        default: isRight = false
        }
        guard isRight else {
            let wanted = type.isEmpty ? "there" : "a \(type)"
            throw PodBlocker.volume(name, "hostPath \"\(path)\" is not \(wanted)", remedy: .time)
        }
    }
}
