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
            let isSuccess = try await holds(config.successExpression, "success")
            let isFailure = try await holds(config.failureExpression, "failure")
            if isFailure == true { return .failed(try await failureMessage(config.errorExpression)) }
            if isSuccess == true || isSuccess == nil && isFailure == nil && (200..<300).contains(status) {
                return .succeeded(output: try await OutputExpression.evaluate(config.outputs ?? [], in: environment))
            }
            guard isSuccess != nil || isFailure != nil else {
                let message = "HTTP (\(status)) response is no success"
                return StepResult(status: .failed, message: message, failure: .retryable(message))
            }
            return .running("HTTP (\(status)) response met no criteria yet", retryAfter: pollInterval)
        } catch let problem as CriterionProblem {
            return problem.isMalformed ? .erroredForGood(problem.description) : .errored(problem.description)
        } catch let failure as OutputExpression.Failure {
            let message = "error extracting outputs from HTTP response: \(failure)"
            return failure.isMalformed ? .erroredForGood(message) : .errored(message)
        }
    }

    private struct CriterionProblem: Error, CustomStringConvertible {
        let isMalformed: Bool
        let description: String

        init(_ name: String, _ error: ExpressionError) {
            isMalformed = error.code == .syntax
            description = "error evaluating \(name) expression: \(error)"
        }
    }

    /// What an expression says; nil if there is none.
    private func holds(_ expression: String?, _ name: String) async throws -> Bool? {
        guard let expression, !expression.isEmpty else { return nil }
        do {
            let value = try await ExpressionProgram(expression).evaluate(in: environment)
            if let result = value.boolValue { return result }
            throw ExpressionError("it must be true or false, not a value of kind \(value.kindName)")
        } catch let error as ExpressionError {
            throw CriterionProblem(name, error)
        }
    }

    /// A response needn't have the shape that the error expression expects; then there is no more to say.
    private func failureMessage(_ expression: String?) async throws -> String {
        let message = "HTTP (\(status)) response met failure criteria"
        guard let expression, !expression.isEmpty else { return message }
        do {
            let reason = try await ExpressionProgram(expression).evaluate(in: environment).stringValue ?? ""
            return reason.isEmpty ? message : "\(message): \(JSONValue.string(reason).text())"
        } catch let error as ExpressionError {
            if error.code == .syntax { throw CriterionProblem("error", error) }
            return message
        }
    }
}
