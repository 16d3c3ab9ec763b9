import KargoCore

/// What follows from a response for a step.
struct ResponseVerdict {
    let status: Int
    let environment: ExpressionEnvironment

    /// Decides: failure comes first, then success; without criteria the status does.
    ///
    /// What decides nothing is asked for
    /// again.
    ///
    /// One differs on purpose: a status that is no success ends the attempt as failed, and the step's threshold says
    /// whether there is another. In Kargo the step is polled for ever.
    func result(_ config: HTTPStep.Config, pollInterval: Duration) async throws -> StepResult {
        do {
            let isSuccess = try await holds("success", config.successExpression)
            let isFailure = try await holds("failure", config.failureExpression)
            if isFailure == true { return .failed(try await failureMessage(config.errorExpression)) }
            if isSuccess == true || isSuccess == nil && isFailure == nil && (200..<300).contains(status) {
                return .succeeded(output: try await OutputExpression.evaluate(config.outputs ?? [], in: environment))
            }
            guard isSuccess != nil || isFailure != nil else {
                let message = "HTTP (\(status)) response is no success"
                return StepResult(status: .failed, message: message, failure: .retryable(message))
            }
            return .running("HTTP (\(status)) response met no criteria yet", retryAfter: pollInterval)
        } catch let problem as ExpressionCriterion.Problem {
            return problem.result
        } catch let failure as OutputExpression.Failure {
            let message = "error extracting outputs from HTTP response: \(failure)"
            return failure.isMalformed ? .erroredForGood(message) : .errored(message)
        }
    }

    private func holds(_ name: String, _ expression: String?) async throws -> Bool? {
        try await ExpressionCriterion(name: name, expression: expression).holds(in: environment)
    }

    /// A response needn't have the shape that the error expression expects; then there is no more to say.
    private func failureMessage(_ expression: String?) async throws -> String {
        let message = "HTTP (\(status)) response met failure criteria"
        guard let expression, !expression.isEmpty else { return message }
        do {
            let reason = try await ExpressionProgram(expression).evaluate(in: environment).stringValue ?? ""
            return reason.isEmpty ? message : "\(message): \(JSONValue.string(reason).text())"
        } catch let error as ExpressionError {
            if error.code == .syntax { throw ExpressionCriterion.Problem("error", error) }
            return message
        }
    }
}
