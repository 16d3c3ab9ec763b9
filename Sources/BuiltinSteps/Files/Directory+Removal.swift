#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Directory {
    /// How often a directory is emptied that others fill meanwhile.
    private static let maximumAttempts = 10

    /// Removes a name and, if it is a directory, all that is in it.
    ///
    /// A link is removed and not what it leads to; what is
    /// not there needs no removal.
    ///
    /// - Throws: ``FileError``, `CancellationError`.
    func removeTree(_ name: FileName, _ cancellation: Cancellation) throws {
        try removeTree(name, depth: 0, cancellation)
    }

    private func removeTree(_ name: FileName, depth: Int, _ cancellation: Cancellation) throws {
        for _ in 0..<Self.maximumAttempts {
            try cancellation.check()
            guard let status = try status(ifPresent: name) else { return }
            do throws(SystemError) {
                guard status.kind == .directory else {
                    try remove(name)
                    return
                }
            } catch {
                // Somebody else was quicker, or has put a directory there.
                if error.code == ENOENT || error.code == EISDIR { continue }
                throw failure("delete", name, error)
            }
            if try removeDirectory(name, depth: depth, cancellation) { return }
        }
        throw failure("delete", name, SystemError(code: ENOTEMPTY))
    }

    /// Removes a directory with all that is in it; false if that has to be tried again.
    private func removeDirectory(_ name: FileName, depth: Int, _ cancellation: Cancellation) throws -> Bool {
        guard depth < Self.maximumDepth else {
            throw FileError(
                .system(ENAMETOOLONG),
                "can't delete \"\(path.names.first ?? name)\": nested deeper than "
                    + "\(Self.maximumDepth) directories"
            )
        }
        do throws(SystemError) {
            // Most often there is nothing in it, or not any more.
            try removeEmptyDirectory(name)
            return true
        } catch {
            switch error.code {
            case ENOENT: return true
            case ENOTDIR: return false
            case ENOTEMPTY, EEXIST: break
            default: throw failure("delete", name, error)
            }
        }
        let directory: Directory
        do throws(SystemError) {
            directory = try openDirectory(name)
        } catch {
            switch error.code {
            case ENOENT, ENOTDIR, ELOOP: return false
            default: throw failure("delete", name, error)
            }
        }
        for entry in try directory.names() {
            try directory.removeTree(entry, depth: depth + 1, cancellation)
        }
        do throws(SystemError) {
            try removeEmptyDirectory(name)
            return true
        } catch {
            switch error.code {
            case ENOENT: return true
            case ENOTDIR, ENOTEMPTY, EEXIST: return false
            default: throw failure("delete", name, error)
            }
        }
    }

    private func removeEmptyDirectory(_ name: FileName) throws(SystemError) {
        try name.withCString { name throws(SystemError) in
            _ = try SystemError.check { unlinkat(descriptor.number, name, AT_REMOVEDIR) }
        }
    }
}
