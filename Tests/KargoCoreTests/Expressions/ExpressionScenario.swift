import KargoCore

/// The value of an expression, with variables of every kind at hand.
func value(
    of source: String,
    _ variables: [String: ExpressionValue] = [:],
    functions: [ExpressionFunction] = []
) async throws -> ExpressionValue {
    let standard: [String: ExpressionValue] = [
        "yes": true, "no": false, "text": "abc", "number": 42.0, "whole": 5, "list": ["x", "y", "z"],
        "numbers": [3.0, 1.0, 2.0], "object": ["k": "v", "inner": ["deep": 1]], "nothing": .null,
        "secret": .map(ExpressionMap(texts: ["token": "s3"])), "raw": .bytes([104, 105]),
    ]
    let environment = ExpressionEnvironment(
        variables: standard.merging(variables) { $1 },
        functions: functions
    )
    return try await ExpressionProgram(source).evaluate(in: environment)
}

/// The code of the error that an expression ends with, if it does.
func failure(
    of source: String,
    _ variables: [String: ExpressionValue] = [:],
    functions: [ExpressionFunction] = []
) async throws -> ExpressionError.Code? {
    do {
        _ = try await value(of: source, variables, functions: functions)
        return nil
    } catch let error as ExpressionError {
        return error.code
    }
}
