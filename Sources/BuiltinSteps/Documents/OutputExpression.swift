import KargoCore

/// An output of a step and the expression for its value.
struct OutputExpression: Decodable, Sendable {
    /// An output that has no value.
    struct Failure: Error, CustomStringConvertible {
        let name: String
        let reason: ExpressionError

        /// Whether the expression is to blame and not the values that it met.
        var isMalformed: Bool { reason.code == .syntax }

        var description: String { "output \"\(name)\": \(reason)" }
    }

    var name: String
    var fromExpression: String

    /// Evaluates outputs; of two with one name the last stays.
    ///
    /// - Throws: ``Failure`` for the first that can't be evaluated or is nothing that JSON has; `CancellationError`.
    static func evaluate(
        _ outputs: [OutputExpression],
        in environment: ExpressionEnvironment
    ) async throws -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for output in outputs {
            do {
                let value = try await ExpressionProgram(output.fromExpression).evaluate(in: environment)
                values[output.name] = try value.jsonValue()
            } catch let error as ExpressionError {
                throw Failure(name: output.name, reason: error)
            }
        }
        return values
    }
}
