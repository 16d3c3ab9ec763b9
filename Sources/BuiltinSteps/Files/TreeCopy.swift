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
    let rules: IgnoreRules
    let cancellation: Cancellation
    /// Directories that are being written.
    var targets: Set<FileStatus.Identity> = []
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
            try copyFile(file, to: targetName, in: targetDirectory)
            return
        }
        if target.rest.isEmpty {
            try copyEntries(of: source.directory, to: target.directory, below: [])
        } else {
            let (parent, name) = try target.makingParents("make")
            try copyDirectory(source.directory, to: name, in: parent, below: [])
        }
    }

    /// - Throws: ``FileError`` if a directory is too far down to be copied.
    static func check(depth: Int, of source: Directory) throws(FileError) {
        guard depth < Directory.maximumDepth else {
            throw FileError(
                .system(ENAMETOOLONG),
                "can't copy \"\(source.path)\": nested deeper than \(Directory.maximumDepth) directories"
            )
        }
    }

    private mutating func copyEntries(of source: Directory, to target: Directory, below path: [String]) throws {
        try Self.check(depth: path.count, of: source)
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
                try copyFile(file, to: name, in: target)
            case .directory:
                if rules.ignores(path, isDirectory: true) || targets.contains(status.identity) { continue }
                try copyDirectory(try source.openDirectory(toCopy: name), to: name, in: target, below: path)
            }
        }
    }

    private mutating func copyDirectory(
        _ source: Directory,
        to name: FileName,
        in target: Directory,
        below path: [String]
    ) throws {
        guard try target.status(ifPresent: name) != nil else {
            try copyAnew(source, to: name, in: target, below: path)
            return
        }
        // A link in the target is followed like one of the path that was asked for.
        let location = try workDirectory.locate(target.path.appending(name), links: .reRooted)
        let copy = try location.makingDirectories(last: Self.permissions(ofCopyOf: try status(of: source)))
        try copyEntries(of: source, to: copy, below: path)
    }

    private mutating func copyFile(_ file: OpenFile, to name: FileName, in directory: Directory) throws {
        let (target, name, existing) = try self.target(name, in: directory)
        if existing?.identity == file.status.identity { return }
        let permissions = FilePermissions.underUmask(Self.permissions(ofCopyOf: file.status))
        try target.writeFile(name, inPlaceOf: existing, permissions: permissions) { copy in
            try copyContent(of: file, to: copy, name, in: target)
        }
    }

    /// Copies what is in a file.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - copy: What is written.
    ///   - name: What that will be called.
    ///   - target: Where it will be.
    /// - Throws: ``FileError``, `CancellationError`.
    mutating func copyContent(
        of file: OpenFile,
        to copy: Descriptor,
        _ name: FileName,
        in target: Directory
    ) throws {
        var size: Int64 = 0
        while true {
            let count: Int
            do throws(SystemError) {
                count = try file.descriptor.readNext(into: &buffer)
            } catch {
                throw FileError("read", file.path, error)
            }
            if count == 0 { return }
            do throws(SystemError) {
                try copy.writeAll(buffer[..<count])
            } catch {
                throw target.failure("write", name, error)
            }
            size += Int64(count)
            // What is no longer than it was said to be needs no further look.
            if size == file.status.size, count < buffer.count { return }
            try cancellation.check()
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

    /// The mode that a copy is made with, of which the umask takes away what the host doesn't want.
    ///
    /// The group may do what the owner may, for plugins run as other users of the same group. Special bits are left
    /// out: what has them would act for this process and not for who made it.
    static func permissions(ofCopyOf status: FileStatus) -> UInt32 {
        // Whatever the original's mode, the copy of a directory has to be filled.
        let permissions = status.permissions & 0o777 | (status.kind == .directory ? 0o700 : 0)
        return permissions | permissions >> 3 & 0o070
    }

    func status(of directory: Directory) throws(FileError) -> FileStatus {
        do throws(SystemError) {
            return try directory.descriptor.status()
        } catch {
            throw FileError("look at", directory.path, error)
        }
    }
}
