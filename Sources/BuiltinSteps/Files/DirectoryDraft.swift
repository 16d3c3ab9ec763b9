#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A directory under a name of its own, until it is whole.
///
/// Its own name is always the same, so that what a killed process has left is replaced when its step runs again. A lock
/// tells that from one that somebody is filling.
struct DirectoryDraft: Sendable {
    /// The longest that a draft is taken away which nobody wants any more.
    private static let patience = Duration.milliseconds(500)

    /// What is to be filled.
    ///
    /// In messages it has the name that it will get.
    let directory: Directory

    private let parent: Directory
    private let name: FileName
    private let temporary: FileName
    /// Held as long as the draft is there.
    private let lock: Descriptor

    /// Begins a directory.
    ///
    /// - Parameters:
    ///   - name: What it will be called.
    ///   - parent: Where it will be.
    ///   - permissions: Its mode, under the umask.
    ///   - cancellation: When to stop.
    /// - Throws: ``FileError``, also if somebody else is writing a directory of that name; `CancellationError`.
    init(of name: FileName, in parent: Directory, permissions: UInt32, _ cancellation: Cancellation) throws {
        self.parent = parent
        self.name = name
        temporary = name.temporary
        if try parent.status(ifPresent: temporary)?.kind == .directory {
            _ = try Self.lock(temporary, in: parent, for: name)
        }
        try parent.removeTree(temporary, cancellation)
        try parent.makeDirectory(temporary, permissions: permissions)
        let directory: Directory
        (directory, lock) = try Self.lock(temporary, in: parent, for: name)
        self.directory = Directory(descriptor: directory.descriptor, path: parent.path.appending(name))
    }

    /// Opens a draft that nobody else fills.
    private static func lock(
        _ temporary: FileName,
        in parent: Directory,
        for name: FileName
    ) throws(FileError) -> (Directory, lock: Descriptor) {
        do throws(SystemError) {
            let directory = try parent.openDirectory(temporary)
            let lock = Descriptor(owning: try directory.reopened())
            do throws(SystemError) {
                try SystemError.check { flock(lock.number, LOCK_EX | LOCK_NB) }
            } catch  where error.code != EWOULDBLOCK {
                // There are file systems without locks.
            }
            return (directory, lock)
        } catch {
            throw parent.failure("make", name, error.code == EWOULDBLOCK ? SystemError(code: EBUSY) : error)
        }
    }

    /// Gives the directory its name, which nothing has yet.
    ///
    /// - Throws: ``FileError``, also if there is something of that name by now; then there is still a draft.
    func finish() throws(FileError) {
        do throws(SystemError) {
            guard try isInPlace() else { throw SystemError(code: EBUSY) }
            try parent.rename(temporary, to: name)
        } catch {
            throw parent.failure("make", name, error)
        }
    }

    /// Lets the directory take the place of something else, or of nothing.
    ///
    /// - Throws: ``FileError``; then there is still a draft, unless only what it has replaced can't be removed.
    func finishReplacing() throws {
        let old = temporary.temporary
        try parent.removeTree(old, Cancellation())
        let isThere = try parent.status(ifPresent: name) != nil
        do throws(SystemError) {
            guard try isInPlace() else { throw SystemError(code: EBUSY) }
            if isThere { try parent.rename(name, to: old) }
            do throws(SystemError) {
                try parent.rename(temporary, to: name)
            } catch {
                if isThere { try parent.rename(old, to: name) }
                throw error
            }
        } catch {
            throw parent.failure("replace", name, error)
        }
        if isThere { try parent.removeTree(old, Cancellation()) }
    }

    /// Removes the draft, at least the most of it: nobody waits long for what was cancelled, and the next draft of the
    /// same name takes away the rest.
    func discard() {
        // If it can't be removed there is nothing that could be done about it, and the first error says more.
        guard (try? isInPlace()) == true else { return }
        try? parent.removeTree(temporary, Cancellation(within: Self.patience))
    }

    /// Whether the draft is still this one and not somebody else's, where there are no locks.
    private func isInPlace() throws(SystemError) -> Bool {
        try parent.status(of: temporary).identity == directory.descriptor.status().identity
    }
}
