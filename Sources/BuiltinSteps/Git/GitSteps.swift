import KargoCore

/// What the steps about git have in common.
extension GitAccess {
    /// Looks for the credentials of a repository.
    ///
    /// - Parameters:
    ///   - url: The repository, as the user has written it.
    ///   - capabilities: What the step may ask for.
    ///   - project: The Project.
    /// - Throws: ``GitError``, `CancellationError`, what the database throws.
    init(url: String, _ capabilities: StepCapabilities, project: String) async throws {
        try self.init(
            url: url,
            credentials: try await capabilities.credentials.credentials(.git, for: url, project: project)
        )
    }
}

extension GitError {
    /// How an attempt ends that runs into the error.
    ///
    /// - Parameter operation: What was to be done, as in `error committing`.
    /// - Returns: The result.
    func result(_ operation: String) -> StepResult {
        let message = "\(operation): \(self)"
        return switch code {
        case .missingProgram: .erroredForGood(message)
        case .conflict, .unsafeRebase: .failed(message)
        case .exit, .nonFastForward, .refused: .errored(message)
        }
    }
}

extension String? {
    /// Nothing in place of an empty text, which stands for "not set".
    var nonEmpty: String? { flatMap { $0.isEmpty ? nil : $0 } }
}
