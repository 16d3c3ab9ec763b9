#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What permissions a file gets that is written.
enum FilePermissions: Sendable {
    /// What the process's umask leaves of these.
    case underUmask(UInt32)
    /// These, whatever the umask.
    case exactly(UInt32)
    /// Those of the file that is replaced, else what the umask leaves of 0666.
    case kept

    /// What the umask leaves of 0666.
    static let standard = FilePermissions.underUmask(0o666)
}

/// A file that is read.
struct OpenFile: Sendable {
    let descriptor: Descriptor
    /// What it was when it was opened.
    let status: FileStatus
    let path: FilePath
}

extension Directory {
    /// As much as is read or written between two looks at whether to go on.
    static let chunkSize = 1 << 18

    /// Opens a file for reading.
    ///
    /// - Throws: ``FileError`` if it is not there, or is no file: a link, a pipe that would make the reader wait.
    func openFile(_ name: FileName) throws(FileError) -> OpenFile {
        do throws(SystemError) {
            let number = try name.withCString { name throws(SystemError) in
                try SystemError.check {
                    openat(descriptor.number, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
                }
            }
            let file = Descriptor(owning: number)
            let status = try file.status()
            switch status.kind {
            case .file: return OpenFile(descriptor: file, status: status, path: path.appending(name))
            case .directory: throw SystemError(code: EISDIR)
            case .link, .special: break
            }
        } catch {
            var place: (FilePath, FileStatus)?
            if let status = try status(ifPresent: name) { place = (path.appending(name), status) }
            throw FileError("read", path.appending(name), error, at: place)
        }
        throw FileError(.system(EINVAL), "can't read \"\(path.appending(name))\": not a regular file")
    }

    /// Reads a whole file.
    ///
    /// - Parameters:
    ///   - name: The file.
    ///   - limit: How large it may be.
    ///   - cancellation: When to stop.
    /// - Returns: The content.
    /// - Throws: ``FileError``, `CancellationError`.
    func readFile(_ name: FileName, limit: Int, _ cancellation: Cancellation) throws -> [UInt8] {
        let file = try openFile(name)
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Self.chunkSize)
        while true {
            try cancellation.check()
            let count: Int
            do throws(SystemError) {
                count = try file.descriptor.readNext(into: &buffer)
            } catch {
                throw FileError("read", path.appending(name), error)
            }
            if count == 0 { return content }
            content += buffer[..<count]
            guard content.count <= limit else {
                throw FileError(
                    .tooLarge,
                    "can't read \"\(path.appending(name))\": content exceeds limit of \(limit) bytes"
                )
            }
        }
    }

    /// Makes a file for writing where nothing is.
    func createFile(_ name: FileName, permissions: UInt32) throws(SystemError) -> Descriptor {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let number = try name.withCString { name throws(SystemError) in
            try SystemError.check { openat(descriptor.number, name, flags, mode_t(permissions)) }
        }
        return Descriptor(owning: number)
    }

    /// Makes a directory, unless there is something of that name.
    func makeDirectory(_ name: FileName, permissions: UInt32) throws(FileError) {
        do throws(SystemError) {
            try name.withCString { name throws(SystemError) in
                _ = try SystemError.check { mkdirat(descriptor.number, name, mode_t(permissions)) }
            }
        } catch {
            if error.code != EEXIST { throw failure("make", name, error) }
        }
    }

    /// Writes a file under a name of its own and then gives it the name, so that nobody ever sees half of it.
    ///
    /// - Parameters:
    ///   - name: The file; one that is there is replaced.
    ///   - permissions: What permissions it gets.
    ///   - write: Writes the content.
    /// - Throws: ``FileError``, and what `write` throws; then the file is as it was.
    func writeFile(_ name: FileName, permissions: FilePermissions, _ write: (Descriptor) throws -> Void) throws {
        try writeFile(name, inPlaceOf: try status(ifPresent: name), permissions: permissions, write)
    }

    /// Writes a file as ``writeFile(_:permissions:_:)`` does, in place of what is known to be there.
    func writeFile(
        _ name: FileName,
        inPlaceOf existing: FileStatus?,
        permissions: FilePermissions,
        _ write: (Descriptor) throws -> Void
    ) throws {
        let draft = try FileDraft(of: name, in: self, inPlaceOf: existing, permissions: permissions)
        do {
            try write(draft.file)
            try draft.finish()
        } catch {
            draft.discard()
            throw error
        }
    }

    /// Gives something another name in this directory; a file of that name is replaced.
    func rename(_ name: FileName, to newName: FileName) throws(SystemError) {
        try name.withCString { name throws(SystemError) in
            try newName.withCString { newName throws(SystemError) in
                _ = try SystemError.check { renameat(descriptor.number, name, descriptor.number, newName) }
            }
        }
    }

    /// Removes what is not a directory.
    func remove(_ name: FileName) throws(SystemError) {
        try name.withCString { name throws(SystemError) in
            _ = try SystemError.check { unlinkat(descriptor.number, name, 0) }
        }
    }
}
