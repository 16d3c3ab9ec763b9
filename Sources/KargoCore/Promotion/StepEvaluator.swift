/// Evaluates the expressions of one step: its variables, its condition and its configuration.
struct StepEvaluator {
    let plan: PromotionPlan
    let step: PromotionStep
    let progress: PromotionProgress

    /// Whether the step runs: by its condition if it has one, else unless an earlier step failed.
    ///
    /// - Throws: `ExpressionError`.
    func shouldRun() async throws -> Bool {
        if step.if.isEmpty { return !progress.hasFailures }
        let result = try await Template(step.if).evaluate(in: environment())
        guard case .bool(let runs) = result else {
            throw ExpressionError("\"if\" must give true or false, not \(result.kindName); write it as ${{ … }}")
        }
        return runs
    }

    /// The step's configuration; an empty object if it has none.
    ///
    /// - Throws: `ExpressionError`.
    func config() async throws -> JSONValue {
        guard let config = step.config, !config.isNull else { return [:] }
        guard config.objectValue != nil else { throw ExpressionError("\"config\" must be an object") }
        return try await Template.evaluate(config, in: environment())
    }

    /// What names stand for in the condition and the configuration.
    private func environment() async throws -> ExpressionEnvironment {
        var environment = ExpressionEnvironment(variables: variables)
        for function in Self.functions { environment.add(function) }
        for function in statusFunctions { environment.add(function) }
        environment.variables["vars"] = .map(ExpressionMap(try await vars()))
        return environment
    }

    /// The Promotion's variables, then the step's; each may use those before it, and the last of a name counts.
    private func vars() async throws -> [String: ExpressionValue] {
        var values: [String: ExpressionValue] = [:]
        var environment = ExpressionEnvironment(variables: ["ctx": context])
        for function in Self.functions { environment.add(function) }
        for variable in plan.vars {
            environment.variables["vars"] = .map(ExpressionMap(values))
            values[variable.name] = try await evaluate(variable, in: environment)
        }
        environment.variables.merge(variables) { $1 }
        for variable in step.vars {
            environment.variables["vars"] = .map(ExpressionMap(values))
            values[variable.name] = try await evaluate(variable, in: environment)
        }
        return values
    }

    private func evaluate(
        _ variable: ExpressionVariable,
        in environment: ExpressionEnvironment
    ) async throws -> ExpressionValue {
        do {
            return try await Template(variable.value).evaluate(in: environment)
        } catch let error as ExpressionError {
            throw error.prefixed(with: .key(variable.name)).prefixed(with: .key("vars"))
        }
    }

    // MARK: Variables

    private var variables: [String: ExpressionValue] {
        var variables: [String: ExpressionValue] = ["ctx": context, "outputs": value(.object(progress.state))]
        if let task = step.as.taskNamespace {
            let prefix = task + "::"
            var outputs: [String: JSONValue] = [:]
            for (alias, output) in progress.state where alias.taskNamespace == task {
                outputs[String(alias.dropFirst(prefix.count))] = output
            }
            variables["task"] = ["outputs": value(.object(outputs))]
        }
        return variables
    }

    private var context: ExpressionValue {
        let promotion = plan.promotion
        let origin: ExpressionValue = ["name": .string(promotion.targetFreight.origin?.name ?? "")]
        return [
            "uiBaseUrl": .string(promotion.uiBaseURL),
            "project": .string(promotion.project),
            "promotion": .string(promotion.promotion),
            "stage": .string(promotion.stage),
            "targetFreight": [
                "name": .string(promotion.targetFreight.name), "alias": .string(promotion.targetFreightAlias),
                "origin": origin,
            ],
            "meta": [
                "promotion": ["actor": .string(promotion.actor), "rollback": .bool(promotion.isRollback)],
                "step": ["alias": .string(step.as)],
            ],
        ]
    }

    private func value(_ json: JSONValue) -> ExpressionValue { ExpressionValue(json, numbers: .exact) }

    // MARK: Functions

    /// What every expression of a step can call.
    private static let functions = [asYAML, ExpressionFunction.semverParse, .semverDiff]

    private static let asYAML = ExpressionFunction("asYAML", arity: 1...1) { arguments in
        .string("\"\(try arguments[0].jsonValue().yaml())\"")
    }

    private var statusFunctions: [ExpressionFunction] {
        let hasFailures = progress.hasFailures
        let prefix = step.as.taskNamespace.map { $0 + "::" } ?? ""
        let statuses = Dictionary(
            progress.stepExecutionMetadata.map { ($0.alias, $0.status?.rawValue ?? "") },
            uniquingKeysWith: { $1 }
        )
        return [
            ExpressionFunction("always", arity: 0...0) { _ in true },
            ExpressionFunction("success", arity: 0...0) { _ in .bool(!hasFailures) },
            ExpressionFunction("failure", arity: 0...0) { _ in .bool(hasFailures) },
            ExpressionFunction("status", arity: 1...1) { arguments in
                guard let alias = arguments[0].stringValue, !alias.isEmpty else {
                    throw ExpressionError("status() takes the alias of a step")
                }
                return .string(statuses[prefix + alias] ?? "")
            },
        ]
    }
}

extension String {
    /// The task of an alias such as `task::step`; nil for a step of no task.
    var taskNamespace: String? {
        guard let range = firstRange(of: "::"), range.lowerBound > startIndex,
            self[range.upperBound...].firstRange(of: "::") == nil
        else { return nil }
        return String(self[..<range.lowerBound])
    }
}
