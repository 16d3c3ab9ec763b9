/// Evaluates the expressions of one step: its variables, its condition and its configuration.
///
/// Secrets and ConfigMaps are read once for all of them; make a new evaluator for the next attempt.
public struct StepEvaluator: Sendable {
    let plan: PromotionPlan
    let step: PromotionStep
    let progress: PromotionProgress
    private let functions: [ExpressionFunction]

    /// Makes an evaluator.
    ///
    /// - Parameters:
    ///   - plan: The Promotion.
    ///   - step: One of its steps.
    ///   - progress: How far the Promotion is.
    ///   - data: What functions read.
    ///   - redactor: Learns the values of Secrets that are read.
    public init(
        plan: PromotionPlan,
        step: PromotionStep,
        progress: PromotionProgress,
        data: any ExpressionData,
        redactor: SecretRedactor
    ) {
        self.plan = plan
        self.step = step
        self.progress = progress
        functions =
            [.semverParse, .semverDiff]
            + FreightFunctions(promotion: plan.promotion, data: data).functions
            + ProjectFunctions(project: plan.promotion.project, data: data, redactor: redactor).functions
    }

    /// Lets a redactor learn the Secrets that the steps of a Promotion have read so far, for a process that takes it up.
    ///
    /// What can't be evaluated or read any more is passed over.
    ///
    /// - Parameters:
    ///   - plan: The Promotion.
    ///   - progress: How far it is.
    ///   - data: What functions read.
    ///   - redactor: Learns the values.
    /// - Throws: `CancellationError` when the task was cancelled.
    public static func recallSecrets(
        of plan: PromotionPlan,
        _ progress: PromotionProgress,
        data: any ExpressionData,
        redactor: SecretRedactor
    ) async throws {
        for step in plan.steps.prefix(progress.stepExecutionMetadata.count) {
            let evaluator = StepEvaluator(plan: plan, step: step, progress: progress, data: data, redactor: redactor)
            do {
                _ = try await evaluator.config()
            } catch let error as CancellationError {
                throw error
            } catch {
                // The step itself has told what was wrong.
                continue
            }
        }
    }

    /// What steps of a kind were told that have succeeded before another one, evaluated anew.
    ///
    /// Nothing but the Promotion goes into it and what its steps put out before the one in question, so that a process
    /// which takes the Promotion up comes to the same. A step that can't be evaluated any more is left out.
    ///
    /// - Parameters:
    ///   - kind: The kind.
    ///   - index: The step before which they ran, counted from 0.
    ///   - plan: The Promotion.
    ///   - progress: How far it is.
    ///   - data: What functions read.
    ///   - redactor: Learns the values of Secrets that are read.
    /// - Returns: What the steps were told, in their order.
    /// - Throws: `CancellationError` when the task was cancelled.
    public static func earlierSteps(
        ofKind kind: String,
        before index: Int,
        of plan: PromotionPlan,
        _ progress: PromotionProgress,
        data: any ExpressionData,
        redactor: SecretRedactor
    ) async throws -> [StepContext] {
        var steps: [StepContext] = []
        for earlier in plan.steps.indices.prefix(index) where plan.steps[earlier].uses == kind {
            guard let record = progress.record(ofStep: earlier, of: plan),
                progress.stepExecutionMetadata[record].status == .succeeded
            else { continue }
            let step = plan.steps[earlier]
            let then = progress.before(step: earlier, of: plan)
            let evaluator = StepEvaluator(plan: plan, step: step, progress: then, data: data, redactor: redactor)
            do {
                steps.append(plan.context(of: step, config: try await evaluator.config(), state: then.state))
            } catch let error as CancellationError {
                throw error
            } catch {
                continue
            }
        }
        return steps
    }

    /// Whether the step runs: by its condition if it has one, else unless an earlier step failed.
    ///
    /// - Throws: `ExpressionError`.
    public func shouldRun() async throws -> Bool {
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
    public func config() async throws -> JSONValue {
        guard let config = step.config, !config.isNull else { return [:] }
        guard config.objectValue != nil else { throw ExpressionError("\"config\" must be an object") }
        return try await Template.evaluate(config, in: environment())
    }

    /// What names stand for in the condition and the configuration.
    ///
    /// - Throws: `ExpressionError` for a variable that can't be evaluated.
    public func environment() async throws -> ExpressionEnvironment {
        environment(vars: try await vars())
    }

    /// What names stand for in the condition and the configuration, given the variables.
    func environment(vars: [String: ExpressionValue]) -> ExpressionEnvironment {
        var environment = ExpressionEnvironment(variables: variables, functions: functions + statusFunctions)
        environment.variables["vars"] = .map(ExpressionMap(vars))
        return environment
    }

    /// What names stand for in the Promotion's variables.
    var promotionScope: ExpressionEnvironment {
        ExpressionEnvironment(variables: ["ctx": context], functions: functions)
    }

    /// What names stand for in the step's variables.
    var stepScope: ExpressionEnvironment { ExpressionEnvironment(variables: variables, functions: functions) }

    /// The Promotion's variables, then the step's; each may use those before it, and the last of a name counts.
    private func vars() async throws -> [String: ExpressionValue] {
        var values: [String: ExpressionValue] = [:]
        for (variables, scope) in [(plan.vars, promotionScope), (step.vars, stepScope)] {
            var environment = scope
            for variable in variables {
                environment.variables["vars"] = .map(ExpressionMap(values))
                values[variable.name] = try await evaluate(variable, in: environment)
            }
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
        var variables: [String: ExpressionValue] = [
            "ctx": context, "outputs": value(.object(progress.state)), "stepMetas": stepRecords,
        ]
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

    /// How each step went, by alias and under Go's names; Kargo has it but does not document it.
    private var stepRecords: ExpressionValue {
        let records = progress.stepExecutionMetadata.map { ($0.alias, $0.record) }
        return .map(ExpressionMap(Dictionary(records, uniquingKeysWith: { first, _ in first })))
    }

    // MARK: Functions

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
                // A step of no task doesn't see into tasks.
                if prefix.isEmpty, alias.taskNamespace != nil { return "" }
                return .string(statuses[prefix + alias] ?? "")
            },
        ]
    }
}

extension StepExecutionMetadata {
    fileprivate var record: ExpressionValue {
        let time = { (time: KubernetesTime?) in
            time.map { ExpressionValue.time(GoTime(secondsSince1970: $0.secondsSince1970)) } ?? .null
        }
        return .record(
            ExpressionRecord(
                typeName: "v1alpha1.StepExecutionMetadata",
                fields: [
                    ExpressionRecord.Field("Alias", jsonName: "alias", .string(alias)),
                    ExpressionRecord.Field("StartedAt", jsonName: "startedAt", time(startedAt)),
                    ExpressionRecord.Field("FinishedAt", jsonName: "finishedAt", time(finishedAt)),
                    ExpressionRecord.Field("ErrorCount", jsonName: "errorCount", .int(errorCount)),
                    ExpressionRecord.Field("Status", jsonName: "status", .string(status?.rawValue ?? "")),
                    ExpressionRecord.Field("Message", jsonName: "message", .string(message)),
                    ExpressionRecord.Field(
                        "ContinueOnError",
                        jsonName: "continueOnError",
                        .bool(continueOnError ?? false)
                    ),
                ]
            )
        )
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
