import KargoCore

/// The configuration of a step that changes values of a document.
struct DocumentUpdateConfig: Decodable, Sendable {
    struct Update: Decodable, Sendable {
        var key: String
        var value: JSONValue
    }

    var path: String
    var updates: [Update]

    /// What was changed, as a commit message.
    ///
    /// - Parameter text: How a value is written there.
    /// - Returns: The message.
    func commitMessage(_ text: (JSONValue) -> String) -> String {
        "Updated \(path)\n" + updates.map { "\n- \($0.key): \(text($0.value))" }.joined()
    }

    /// Reads the document, changes it and writes it.
    ///
    /// - Parameters:
    ///   - workDir: The work directory.
    ///   - change: What makes the new text of the old one.
    /// - Throws: ``FileError``, `CancellationError`, what `change` throws; then the file is as it was.
    func apply(in workDir: String, _ change: @escaping @Sendable (String) throws -> String) async throws {
        try await Cancellation.blocking { cancellation in
            let workDirectory = try WorkDirectory(workDir)
            let text = try workDirectory.readText(path, limit: DocumentLimits.largestFile, cancellation)
            let result = try change(text)
            try cancellation.check()
            try workDirectory.replaceText(path, with: result)
        }
    }
}

/// The configuration of a step that puts out parts of a document.
struct DocumentParseConfig: Decodable, Sendable {
    var path: String
    var outputs: [OutputExpression]

    /// Reads the document and evaluates the outputs.
    ///
    /// - Parameters:
    ///   - workDir: The work directory.
    ///   - format: What the document is called in messages.
    ///   - read: What makes an environment of its text.
    /// - Returns: The result of the step.
    /// - Throws: ``FileError``, `CancellationError`.
    func run(
        in workDir: String,
        format: String,
        _ read: @escaping @Sendable (String) throws(SyntaxError) -> ExpressionEnvironment
    ) async throws -> StepResult {
        let environment: ExpressionEnvironment
        do {
            environment = try await Cancellation.blocking { cancellation in
                let text = try WorkDirectory(workDir).readText(path, limit: DocumentLimits.largestFile, cancellation)
                if text.isEmpty { throw FileError(.missing, "could not parse empty \(format) file: \"\(path)\"") }
                return try read(text)
            }
        } catch let error as SyntaxError {
            return .errored("could not parse \(format) file \"\(path)\": \(error)")
        }
        do {
            return .succeeded(output: try await OutputExpression.evaluate(outputs, in: environment))
        } catch let error as OutputExpression.Failure {
            return .errored("failed to extract outputs: \(error)")
        }
    }
}
