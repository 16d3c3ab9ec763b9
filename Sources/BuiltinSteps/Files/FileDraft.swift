#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file under a name of its own, until it is whole.
struct FileDraft: Sendable {
    /// What the content is written to.
    let file: Descriptor

    private let directory: Directory
    private let name: FileName
    private let temporary: FileName
    private let exactPermissions: UInt32?

    /// Begins a file.
    ///
    /// - Parameters:
    ///   - name: What it will be called; a file that is there will be replaced.
    ///   - directory: Where it will be.
    ///   - existing: What has its name now.
    ///   - permissions: What permissions it will have.
    /// - Throws: ``FileError``, also if there is a directory of that name.
    init(
        of name: FileName,
        in directory: Directory,
        inPlaceOf existing: FileStatus?,
        permissions: FilePermissions
    ) throws(FileError) {
        if existing?.kind == .directory { throw directory.failure("write", name, SystemError(code: EISDIR)) }
        let initial: UInt32
        (initial, exactPermissions) =
            switch permissions {
            case .underUmask(let permissions): (permissions, nil)
            case .exactly(let permissions): (permissions, permissions)
            case .kept where existing?.kind == .file: (existing?.permissions ?? 0o666, existing?.permissions)
            case .kept: (0o666, nil)
            }
        self.directory = directory
        self.name = name
        let temporary = name.temporary
        self.temporary = temporary
        do throws(SystemError) {
            do throws(SystemError) {
                file = try directory.createFile(temporary, permissions: initial)
            } catch  where error.code == EEXIST {
                // A process that was killed has left it.
                try directory.remove(temporary)
                file = try directory.createFile(temporary, permissions: initial)
            }
        } catch {
            throw directory.failure("write", name, error)
        }
    }

    /// Gives the file its name.
    ///
    /// - Throws: ``FileError``; then there is still a draft to be discarded.
    func finish() throws(FileError) {
        do throws(SystemError) {
            if let exactPermissions { try file.setPermissions(exactPermissions) }
            // Somebody else may have begun to write the same file.
            guard try isInPlace() else { throw SystemError(code: EBUSY) }
            try directory.rename(temporary, to: name)
        } catch {
            throw failure(error)
        }
    }

    /// Removes the draft; what had the name stays as it was.
    func discard() {
        // If it can't be removed there is nothing that could be done about it, and the first error says more.
        guard (try? isInPlace()) == true else { return }
        try? directory.remove(temporary)
    }

    /// Whether the draft is still this one and not somebody else's.
    private func isInPlace() throws(SystemError) -> Bool {
        try directory.status(of: temporary).identity == file.status().identity
    }

    /// An error about the file.
    func failure(_ error: SystemError) -> FileError { directory.failure("write", name, error) }
}
