#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Copies a file, or a directory with what is in it, within the work directory.
///
/// What is there already stays, but files of the same name are replaced. Links, devices, pipes and sockets are left
/// out. Of a directory that is copied into itself the copy is left out.
struct TreeCopy {
    private let workDirectory: WorkDirectory
    private let rules: IgnoreRules
    private let cancellation: Cancellation
    /// Directories that are being written.
    private var targets: Set<FileStatus.Identity> = []
    private var buffer = [UInt8](repeating: 0, count: Directory.chunkSize)

    init(in workDirectory: WorkDirectory, leavingOut rules: IgnoreRules, _ cancellation: Cancellation) {
        self.workDirectory = workDirectory
        self.rules = rules
        self.cancellation = cancellation
    }

    /// Copies.
    ///
    /// - Parameters:
    ///   - source: What to copy; links on the way are followed, also the last one.
    ///   - target: What the copy is to be called; directories on the way are made.
    /// - Throws: ``FileError``, `CancellationError`.
    mutating func copy(from source: String, to target: String) throws {
        let source = try workDirectory.locate(source)
        let target = try workDirectory.locate(target)
        guard source.rest.isEmpty else {
            let (directory, name) = try source.file("copy")
            let file = try directory.openFile(name)
            let (targetDirectory, targetName) = try target.makingParents("write")
            try copyFile(file, at: source.path, to: targetName, in: targetDirectory)
            return
        }
        let targetDirectory = try target.makingDirectories(last: try permissions(ofCopyOf: source.directory))
        try copyEntries(of: source.directory, to: targetDirectory, below: [])
    }

    private mutating func copyEntries(of source: Directory, to target: Directory, below path: [String]) throws {
        guard path.count < Directory.maximumDepth else {
            throw FileError(
                .system(ENAMETOOLONG),
                "can't copy \"\(source.path)\": nested deeper than \(Directory.maximumDepth) directories"
            )
        }
        let identity = try status(of: target).identity
        guard try status(of: source).identity != identity else { return }
        let isOutermost = targets.insert(identity).inserted
        defer { if isOutermost { targets.remove(identity) } }
        for name in try source.names() {
            try cancellation.check()
            guard let status = try source.status(ifPresent: name) else { continue }
            let path = path + [name.description]
            switch status.kind {
            case .link, .special: continue
            case .file:
                if rules.ignores(path, isDirectory: false) { continue }
                let file = try source.openFile(name)
                try copyFile(file, at: source.path.appending(name), to: name, in: target)
            case .directory:
                if rules.ignores(path, isDirectory: true) || targets.contains(status.identity) { continue }
                try copyDirectory(name, of: source, to: target, at: path)
            }
        }
    }

    private mutating func copyDirectory(
        _ name: FileName,
        of source: Directory,
        to target: Directory,
        at path: [String]
    ) throws {
        let child: Directory
        do throws(SystemError) {
            child = try source.openDirectory(name)
        } catch {
            throw source.failure("copy", name, error)
        }
        // A link in the target is followed like one of the path that was asked for.
        let location = try workDirectory.locate(target.path.appending(name), links: .reRooted)
        let copy = try location.makingDirectories(last: try permissions(ofCopyOf: child))
        try copyEntries(of: child, to: copy, below: path)
    }

    private mutating func copyFile(
        _ file: Descriptor,
        at path: FilePath,
        to name: FileName,
        in directory: Directory
    ) throws {
        let (target, name, existing) = try self.target(name, in: directory)
        let status: FileStatus
        do throws(SystemError) {
            status = try file.status()
        } catch {
            throw FileError("copy", path, error)
        }
        if existing?.identity == status.identity { return }
        let permissions = FilePermissions.underUmask(Self.permissions(ofCopyOf: status))
        try target.writeFile(name, inPlaceOf: existing, permissions: permissions) { copy in
            while true {
                try cancellation.check()
                let count: Int
                do throws(SystemError) {
                    count = try file.readNext(into: &buffer)
                } catch {
                    throw FileError("read", path, error)
                }
                if count == 0 { return }
                do throws(SystemError) {
                    try copy.writeAll(buffer[..<count])
                } catch {
                    throw target.failure("write", name, error)
                }
            }
        }
    }

    /// Where a copy goes, and what is there: a link in the target is followed like one of the path that was asked for.
    private func target(
        _ name: FileName,
        in directory: Directory
    ) throws(FileError) -> (directory: Directory, name: FileName, existing: FileStatus?) {
        let existing = try directory.status(ifPresent: name)
        guard existing?.kind == .link else { return (directory, name, existing) }
        let location = try workDirectory.locate(directory.path.appending(name), links: .reRooted)
        let (directory, name) = try location.makingParents("write")
        return (directory, name, try directory.status(ifPresent: name))
    }

    private func permissions(ofCopyOf directory: Directory) throws(FileError) -> UInt32 {
        // Whatever the original's mode, the copy has to be filled.
        Self.permissions(ofCopyOf: try status(of: directory)) | 0o700
    }

    /// The mode that a copy is made with, of which the umask takes away what the host doesn't want.
    ///
    /// The group may do what the owner may, for plugins run as other users of the same group. Special bits are left
    /// out: what has them would act for this process and not for who made it.
    private static func permissions(ofCopyOf status: FileStatus) -> UInt32 {
        let permissions = status.permissions & 0o777
        return permissions | permissions >> 3 & 0o070
    }

    private func status(of directory: Directory) throws(FileError) -> FileStatus {
        do throws(SystemError) {
            return try directory.descriptor.status()
        } catch {
            throw FileError("look at", directory.path, error)
        }
    }
}
