import KargoCore
import NIOCore

/// The file that a step is told to make.
struct OutputFile: Sendable {
    /// The file may not be made, ever.
    struct Refusal: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    private let location: Location

    /// Finds out where a file goes; nothing is made yet.
    ///
    /// - Parameters:
    ///   - path: The path as somebody has written it.
    ///   - workDirectory: The work directory.
    ///   - mayExist: Whether a file that is there may be replaced. A directory never is.
    /// - Throws: ``Refusal``, ``FileError``, `CancellationError`.
    init(_ path: String, in workDirectory: String, mayExist: Bool) async throws {
        location = try await Cancellation.blocking { _ in
            let location = try WorkDirectory(workDirectory).locate(path)
            guard let name = location.rest.first else {
                throw Refusal(description: "\"\(path)\" is a directory, which is never replaced by a file")
            }
            if location.rest.count == 1, !mayExist, try location.directory.status(ifPresent: name) != nil {
                throw Refusal(description: "file \"\(path)\" already exists and overwrite is not allowed")
            }
            return location
        }
    }

    /// Writes the file as its content comes; until it is whole it is as it was.
    ///
    /// - Parameters:
    ///   - hash: What is to know the content too.
    ///   - receive: Writes the content.
    ///   - check: Looks at the whole before it becomes the file.
    /// - Returns: What `receive` returns.
    /// - Throws: ``FileError``, and what `receive` and `check` throw.
    func write<Result>(
        hash: SHA256Stream? = nil,
        receive: (inout FileSink) async throws -> Result,
        thenCheck check: (FileSink) throws -> Void = { _ in }
    ) async throws -> Result {
        let (directory, name) = try await Cancellation.blocking { [location] _ in try location.makingParents("write") }
        return try await directory.writeFile(name, hash: hash, receive: receive, thenCheck: check)
    }
}
