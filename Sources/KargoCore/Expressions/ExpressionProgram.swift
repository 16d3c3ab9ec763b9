/// An expression of the language of expr-lang/expr, as Kargo's manifests use it.
///
/// Reading one checks its grammar, the number of arguments of builtins, literal patterns and operands that can't fit.
/// An expression may then be evaluated any number of times.
///
/// ## Guarantees
///
/// Nothing that an expression says can crash the process, exhaust its memory or keep it busy for more than seconds:
/// size, nesting, time and memory are bounded.
///
/// ## Differences from the original
///
/// Maps are walked in the order of their keys rather than at random, half of a character that was cut by byte becomes
/// U+FFFD, and a builtin can't be replaced by a function of the environment.
public struct ExpressionProgram: Sendable {
    private let parsed: ParsedExpression

    /// The text that was read.
    public var source: String { parsed.tree.source }

    /// What the expression can look at.
    var references: ExpressionReferences { ExpressionReferences(parsed.tree) }

    /// Reads an expression.
    ///
    /// - Throws: ``ExpressionError`` with the code `syntax` or `limit`.
    public init(_ source: String) throws(ExpressionError) {
        parsed = try ExpressionParser.parse(source)
    }

    /// Evaluates the expression.
    ///
    /// Evaluation itself never waits. Where it meets a function that has to be awaited it is given up, the function is
    /// awaited, and evaluation starts over with that result at hand. So a function is only called with arguments that
    /// the expression really arrives at, in the order in which it does, and one after another.
    ///
    /// - Parameter environment: What the names stand for.
    /// - Returns: The value.
    /// - Throws: ``ExpressionError``; a `CancellationError` of a function passes untouched.
    public func evaluate(in environment: ExpressionEnvironment) async throws -> ExpressionValue {
        var budget = ExpressionBudget()
        return try await evaluate(in: environment, overrides: [:], spending: &budget)
    }

    func evaluate(
        in environment: ExpressionEnvironment,
        overrides: [String: ExpressionFunction],
        budget: ExpressionBudget
    ) async throws -> ExpressionValue {
        var budget = budget
        return try await evaluate(in: environment, overrides: overrides, spending: &budget)
    }

    /// Evaluates the expression on a budget that others may share.
    func evaluate(
        in environment: ExpressionEnvironment,
        overrides: [String: ExpressionFunction],
        spending budget: inout ExpressionBudget
    ) async throws -> ExpressionValue {
        try checkBindings(environment, overrides)
        var interpreter = ExpressionInterpreter(
            parsed,
            environment: environment,
            overrides: overrides,
            budget: budget
        )
        defer { budget = interpreter.budget }
        while true {
            do throws(ExpressionInterruption) {
                return try interpreter.evaluate()
            } catch {
                try await resolve(error, &interpreter)
            }
        }
    }

    /// Awaits the function that an evaluation met, if that is what kept it from going on.
    private func resolve(
        _ interruption: ExpressionInterruption,
        _ interpreter: inout ExpressionInterpreter
    ) async throws {
        switch interruption {
        case .failed(let error):
            throw error
        case .awaiting(let function, let arguments, let node):
            do {
                try interpreter.answer(function, arguments, with: try await function.result(arguments))
            } catch let cancellation as CancellationError {
                throw cancellation
            } catch {
                throw function.failure(error).located(in: source, at: parsed.tree.range(of: node))
            }
        }
    }

    /// As in the original, `let` may hide a variable but not a function.
    private func checkBindings(
        _ environment: ExpressionEnvironment,
        _ overrides: [String: ExpressionFunction]
    ) throws(ExpressionError) {
        for binding in parsed.tree.bindings
        where environment.functions[binding.name] != nil || overrides[binding.name] != nil {
            throw ExpressionError(.syntax, "'\(binding.name)' is a function; choose another name")
                .located(in: source, at: parsed.tree.range(of: binding.node))
        }
    }
}
