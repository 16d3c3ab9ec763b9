#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Location {
    /// The file that the path names, which is there.
    ///
    /// - Throws: ``FileError`` if it is not, or is a directory.
    func file(_ operation: String) throws(FileError) -> (directory: Directory, name: FileName) {
        guard let name = rest.first else { throw FileError(operation, path, SystemError(code: EISDIR)) }
        guard rest.count == 1 else { throw try missing(operation) }
        return (directory, name)
    }

    /// The directory for a file of this path; those that don't exist are made.
    ///
    /// - Throws: ``FileError`` if one can't be made, or the path names a directory.
    func makingParents(_ operation: String) throws(FileError) -> (directory: Directory, name: FileName) {
        guard let name = rest.last else { throw FileError(operation, path, SystemError(code: EISDIR)) }
        return (try Location(directory: directory, rest: rest.dropLast()).makingDirectories(), name)
    }

    /// The directory of this path; what doesn't exist is made.
    ///
    /// - Parameter last: The mode, under the umask, of the directory itself; others get 0777.
    /// - Returns: The directory.
    /// - Throws: ``FileError`` if a directory can't be made.
    func makingDirectories(last: UInt32 = 0o777) throws(FileError) -> Directory {
        var directory = directory
        for (index, name) in rest.enumerated() {
            try directory.makeDirectory(name, permissions: index == rest.count - 1 ? last : 0o777)
            do throws(SystemError) {
                directory = try directory.openDirectory(name)
            } catch {
                throw directory.failure("make", name, error)
            }
        }
        return directory
    }

    /// Why there is nothing: something on the way is missing, or a file.
    func missing(_ operation: String) throws(FileError) -> FileError {
        let isThere = try rest.first.map { name throws(FileError) in try directory.status(ifPresent: name) != nil }
        let code = isThere == true && rest.count > 1 ? ENOTDIR : ENOENT
        return FileError(operation, path, SystemError(code: code))
    }
}

extension WorkDirectory {
    /// Reads a whole file.
    ///
    /// - Parameters:
    ///   - path: The path as somebody has written it.
    ///   - limit: How large it may be.
    ///   - cancellation: When to stop.
    /// - Returns: The content.
    /// - Throws: ``FileError``, `CancellationError`.
    func readFile(_ path: String, limit: Int, _ cancellation: Cancellation) throws -> [UInt8] {
        let (directory, name) = try locate(path).file("read")
        return try directory.readFile(name, limit: limit, cancellation)
    }

    /// Reads a whole text.
    ///
    /// - Parameters:
    ///   - path: The path as somebody has written it.
    ///   - limit: How large it may be, in bytes.
    ///   - cancellation: When to stop.
    /// - Returns: The text.
    /// - Throws: ``FileError``, also if it is not UTF-8; `CancellationError`.
    func readText(_ path: String, limit: Int, _ cancellation: Cancellation) throws -> String {
        guard let text = String(validating: try readFile(path, limit: limit, cancellation), as: UTF8.self) else {
            throw FileError(.system(EILSEQ), "can't read \"\(path)\": it is not text in UTF-8")
        }
        return text
    }

    /// Replaces a text that is there; its permissions stay.
    ///
    /// - Parameters:
    ///   - path: The path as somebody has written it.
    ///   - text: The new text.
    /// - Throws: ``FileError``.
    func replaceText(_ path: String, with text: String) throws {
        let (directory, name) = try locate(path).file("write")
        try directory.writeFile(name, text: text, permissions: .kept)
    }
}

extension Directory {
    /// Writes a text under a name of its own and then gives it the name.
    ///
    /// - Parameters:
    ///   - name: The file; one that is there is replaced.
    ///   - text: The text.
    ///   - permissions: What permissions it gets.
    /// - Throws: ``FileError``; then the file is as it was.
    func writeFile(_ name: FileName, text: String, permissions: FilePermissions) throws {
        try writeFile(name, permissions: permissions) { file in
            do throws(SystemError) {
                try file.writeAll(Array(text.utf8)[...])
            } catch {
                throw failure("write", name, error)
            }
        }
    }
}
