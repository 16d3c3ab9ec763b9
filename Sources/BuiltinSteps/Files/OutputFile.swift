import KargoCore

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
    /// - Parameter receive: Writes the content.
    /// - Returns: What `receive` returns.
    /// - Throws: ``FileError``, and what `receive` throws.
    func write<Result>(receive: (inout FileSink) async throws -> Result) async throws -> Result {
        let draft = try await Cancellation.blocking { [location] _ in
            let (directory, name) = try location.makingParents("write")
            let existing = try directory.status(ifPresent: name)
            return try FileDraft(of: name, in: directory, inPlaceOf: existing, permissions: .standard)
        }
        do {
            var sink = FileSink(draft)
            let result = try await receive(&sink)
            try await sink.flush()
            try await Cancellation.blocking { cancellation in
                try cancellation.check()
                try draft.finish()
            }
            return result
        } catch {
            draft.discard()
            throw error
        }
    }
}
