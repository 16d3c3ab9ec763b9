import KargoCore

/// The configuration of a step that changes values of a document.
struct DocumentUpdateConfig: Decodable, Sendable {
    struct Update: Decodable, Sendable {
        var key: String
        var value: JSONValue
    }

    var path: String
    var updates: [Update]

    /// Reads the document, gives values in it new ones, and writes it.
    ///
    /// - Parameters:
    ///   - workDir: The work directory.
    ///   - format: What the document is called in messages.
    ///   - text: How a value is written in the commit message.
    ///   - edit: What an update is for `apply`.
    ///   - apply: What makes the new text of the old one; if it throws, the file is as it was.
    /// - Returns: The result of the step.
    /// - Throws: `CancellationError`.
    func run<Edit: Sendable>(
        in workDir: String,
        format: String,
        text: (JSONValue) -> String,
        edit: (Update) throws -> Edit,
        apply: @escaping @Sendable ([Edit], String) throws -> String
    ) async throws -> StepResult {
        do {
            let edits = try updates.map(edit)
            try await Cancellation.blocking { cancellation in
                let workDirectory = try WorkDirectory(workDir)
                let text = try workDirectory.readText(path, limit: DocumentLimits.largestFile, cancellation)
                let result = try apply(edits, text)
                try cancellation.check()
                try workDirectory.replaceText(path, with: result)
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            return .errored("\(format) file update failed: error updating \"\(path)\": \(error)")
        }
        let message = "Updated \(path)\n" + updates.map { "\n- \($0.key): \(text($0.value))" }.joined()
        return .succeeded(output: ["commitMessage": .string(message)])
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
