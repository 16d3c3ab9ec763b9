import KargoCore

/// An expression that says whether something is so.
struct ExpressionCriterion: Sendable {
    /// Why it says nothing.
    struct Problem: Error, CustomStringConvertible {
        /// Whether the expression is to blame and not the values that it met.
        let isMalformed: Bool
        let description: String

        init(_ name: String, _ error: ExpressionError) {
            isMalformed = error.code == .syntax
            description = "error evaluating \(name) expression: \(error)"
        }

        /// What it means for a step.
        var result: StepResult { isMalformed ? .erroredForGood(description) : .errored(description) }
    }

    /// What it decides, for messages.
    let name: String
    /// The expression; nothing and an empty text stand for none.
    let expression: String?

    /// What the expression says; nil if there is none.
    ///
    /// - Throws: ``Problem``; `CancellationError`.
    func holds(in environment: ExpressionEnvironment) async throws -> Bool? {
        guard let expression, !expression.isEmpty else { return nil }
        do {
            let value = try await ExpressionProgram(expression).evaluate(in: environment)
            if let result = value.boolValue { return result }
            throw ExpressionError("it must be true or false, not a value of kind \(value.kindName)")
        } catch let error as ExpressionError {
            throw Problem(name, error)
        }
    }
}
