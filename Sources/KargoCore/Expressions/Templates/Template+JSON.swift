extension Template {
    /// Evaluates the templates among the strings of a JSON value, at any depth.
    ///
    /// Keys are no templates.
    ///
    /// Unlike Kargo, which turns every number into a floating point number on the way, this leaves the value's own
    /// numbers alone, and makes an integer of a result that is one.
    ///
    /// - Parameters:
    ///   - json: The value.
    ///   - environment: What the names stand for. It may have no variable called `quote`, `asYAML` or `asJSON`.
    /// - Returns: The value with each template replaced by its result.
    /// - Throws: ``ExpressionError`` with the path of the template; a `CancellationError` of a function passes
    ///   untouched.
    public static func evaluate(_ json: JSONValue, in environment: ExpressionEnvironment) async throws -> JSONValue {
        for name in ["quote", "asYAML", "asJSON"] where environment.variables[name] != nil {
            throw ExpressionError("no variable may be called '\(name)', which is a function in templates")
        }
        var budget = ExpressionBudget(steps: ExpressionBudget.maximumTemplateSteps)
        return try await replace(json, environment, &budget)
    }

    private static func replace(
        _ json: JSONValue,
        _ environment: ExpressionEnvironment,
        _ budget: inout ExpressionBudget
    ) async throws -> JSONValue {
        switch json {
        case .null, .bool, .int, .double:
            return json
        case .string(let source):
            guard let text = try await Template(source).text(in: environment, spending: &budget) else { return json }
            return try TemplateResult(reading: text).json
        case .array(let elements):
            var replaced: [JSONValue] = []
            replaced.reserveCapacity(elements.count)
            for (index, element) in elements.enumerated() {
                replaced.append(try await replace(element, environment, at: .index(index), &budget))
            }
            return .array(replaced)
        case .object(let members):
            // In order, so that of several faults always the same one is reported.
            var replaced = members
            for key in members.keys.sorted() {
                guard let value = members[key] else { continue }
                replaced[key] = try await replace(value, environment, at: .key(key), &budget)
            }
            return .object(replaced)
        }
    }

    private static func replace(
        _ json: JSONValue,
        _ environment: ExpressionEnvironment,
        at component: FieldPath.Component,
        _ budget: inout ExpressionBudget
    ) async throws -> JSONValue {
        do {
            return try await replace(json, environment, &budget)
        } catch let error as ExpressionError {
            throw error.prefixed(with: component)
        }
    }
}
