#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Why something can't be done with a file of the work directory.
///
/// Nothing in it tells where the work directory is.
struct FileError: Error, Hashable, CustomStringConvertible {
    /// What went wrong, for programs to tell.
    enum Code: Hashable {
        /// There is nothing of that name.
        case missing
        /// The path leads out of the work directory.
        case escape
        /// A symbolic link is where none may be.
        case link
        /// The file is larger than may be read.
        case tooLarge
        /// The system refused, or found something else than was expected.
        case system(Int32)
    }

    let code: Code
    /// What was to be done and why it can't be.
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// An error of the system.
    ///
    /// - Parameters:
    ///   - operation: What was to be done, as it reads after "can't".
    ///   - path: The path from the work directory.
    ///   - error: What the system says.
    init(_ operation: String, _ path: FilePath, _ error: SystemError) {
        self.init(
            error.code == ENOENT ? .missing : .system(error.code),
            "can't \(operation) \"\(path)\": \(error)"
        )
    }

    /// An error of the system, which has refused something because of who owns what.
    ///
    /// - Parameters:
    ///   - operation: What was to be done, as it reads after "can't".
    ///   - path: The path from the work directory.
    ///   - error: What the system says.
    ///   - place: The directory or file that should allow it, and what it is.
    init(_ operation: String, _ path: FilePath, _ error: SystemError, at place: (path: FilePath, status: FileStatus)?) {
        guard let place, error.code == EACCES || error.code == EPERM, place.status.owner != geteuid() else {
            self.init(operation, path, error)
            return
        }
        let isDirectory = place.status.kind == .directory
        let mode = "0" + String(place.status.permissions, radix: 8)
        self.init(
            .system(error.code),
            """
            can't \(operation) "\(path)": the \(isDirectory ? "directory" : "file") "\(place.path)" belongs to UID \
            \(place.status.owner) and has mode \(mode); let whoever makes it give it mode \
            \(isDirectory ? "0775" : "0664") or run as UID \(geteuid())
            """
        )
    }
}
