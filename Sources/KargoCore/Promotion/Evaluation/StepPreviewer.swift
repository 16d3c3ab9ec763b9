/// Evaluates what can be evaluated of one step before the Promotion runs.
struct StepPreviewer {
    let evaluator: StepEvaluator
    /// The aliases of the steps before this one.
    let earlier: Set<String>
    private var unknowns: [PromotionPreview.Note] = []
    private var problems: [PromotionPreview.Note] = []
    /// The variables so far; one that is unknown has no value.
    private var values: [String: ExpressionValue] = [:]
    private var unknownVars: Set<String> = []
    private var secretVars: Set<String> = []

    /// What comes of a template.
    private enum Result {
        case value(ExpressionValue)
        /// Not what the template gives, but what may be shown of it.
        case shown(String, isUnknown: Bool, isSecret: Bool, value: ExpressionValue?)
        case problem
    }

    init(evaluator: StepEvaluator, earlier: Set<String>) {
        self.evaluator = evaluator
        self.earlier = earlier
    }

    mutating func preview() async throws -> PromotionPreview.Step {
        try await evaluate(evaluator.plan.vars, in: evaluator.promotionScope)
        try await evaluate(evaluator.step.vars, in: evaluator.stepScope)
        let decision = try await decide()
        var config = evaluator.step.config ?? [:]
        if config.isNull { config = [:] }
        if config.objectValue == nil {
            problems.append(PromotionPreview.Note(path: FieldPath("config"), message: "must be an object"))
        } else if decision != .skipped {
            config = try await preview(config, at: FieldPath("config"))
        }
        return PromotionPreview.Step(
            alias: evaluator.step.as,
            kind: evaluator.step.uses,
            decision: decision,
            config: config,
            unknowns: unknowns,
            problems: decision == .skipped ? [] : problems
        )
    }

    private var environment: ExpressionEnvironment { evaluator.environment(vars: values) }

    // MARK: Parts of a step

    private mutating func evaluate(_ variables: [ExpressionVariable], in scope: ExpressionEnvironment) async throws {
        var scope = scope
        for variable in variables {
            scope.variables["vars"] = .map(ExpressionMap(values))
            unknownVars.remove(variable.name)
            secretVars.remove(variable.name)
            values[variable.name] = nil
            let path = FieldPath("vars", variable.name)
            switch try await evaluate(variable.value, in: scope, at: path) {
            case .value(let value): values[variable.name] = value
            case .shown(_, let isUnknown, let isSecret, let value):
                values[variable.name] = value
                if isUnknown { unknownVars.insert(variable.name) }
                if isSecret { secretVars.insert(variable.name) }
            case .problem: unknownVars.insert(variable.name)
            }
        }
    }

    private mutating func decide() async throws -> PromotionPreview.Decision {
        let condition = evaluator.step.if
        if condition.isEmpty { return .runs }
        switch try await evaluate(condition, in: environment, at: FieldPath("if")) {
        case .value(.bool(let runs)), .shown(_, isUnknown: false, isSecret: _, value: .bool(let runs)):
            return runs ? .runs : .skipped
        case .value(let value), .shown(_, isUnknown: false, isSecret: _, value: let value?):
            problems.append(
                PromotionPreview.Note(
                    path: FieldPath("if"),
                    message: "must give true or false, not \(value.kindName); write it as ${{ … }}"
                )
            )
            return .errored
        case .shown: return .unknown
        case .problem: return .errored
        }
    }

    private mutating func preview(_ json: JSONValue, at path: FieldPath) async throws -> JSONValue {
        switch json {
        case .null, .bool, .int, .double: return json
        case .string(let source):
            switch try await evaluate(source, in: environment, at: path) {
            case .value(let value):
                // Anew, since a configuration keeps integers apart.
                return try await noting(at: path) { [environment] in
                    try await Template.evaluate(.string(source), in: environment)
                } ?? (try? value.jsonValue()) ?? json
            case .shown(let text, _, _, _): return .string(text)
            case .problem: return json
            }
        case .array(let elements):
            var shown: [JSONValue] = []
            for (index, element) in elements.enumerated() {
                shown.append(try await preview(element, at: path.appending(index)))
            }
            return .array(shown)
        case .object(let members):
            var shown = members
            for key in members.keys.sorted() {
                guard let member = members[key] else { continue }
                shown[key] = try await preview(member, at: path.appending(key))
            }
            return .object(shown)
        }
    }

    // MARK: Templates

    private mutating func evaluate(
        _ source: String,
        in environment: ExpressionEnvironment,
        at path: FieldPath
    ) async throws -> Result {
        guard let template = try await noting(at: path, { try Template(source) }) else { return .problem }
        guard let parts = template.parts else { return .value(.string(source)) }
        var isUnknown = false
        var isSecret = false
        for case .expression(let program) in parts {
            let reasons = unknowns(of: program.references)
            for reason in reasons { unknowns.append(PromotionPreview.Note(path: path, message: reason)) }
            if !reasons.isEmpty { isUnknown = true }
            if self.isSecret(program.references) { isSecret = true }
        }
        var value: ExpressionValue?
        if !isUnknown {
            value = try await noting(at: path) { try await template.evaluate(in: environment) }
            guard let value else { return .problem }
            if !isSecret { return .value(value) }
        }
        let text = try await noting(at: path) { [self] in try await shown(parts, in: environment) }
        guard let text else { return .problem }
        return .shown(text, isUnknown: isUnknown, isSecret: isSecret, value: value)
    }

    /// What may be shown of a template that isn't known or holds a secret: the rest of it evaluated.
    private func shown(_ parts: [Template.Part], in environment: ExpressionEnvironment) async throws -> String {
        var text = ""
        for part in parts {
            switch part {
            case .text(let part): text += part
            case .expression(let program):
                if isSecret(program.references) {
                    text += SecretRedactor.mask
                } else if !unknowns(of: program.references).isEmpty {
                    text += "${{\(program.source)}}"
                } else {
                    let value = try await program.evaluate(
                        in: environment,
                        overrides: TemplateFunctions.named,
                        budget: ExpressionBudget()
                    )
                    text += try value.stringValue ?? value.jsonValue().text()
                }
            }
        }
        return text
    }

    /// Runs something and takes down what is wrong.
    private mutating func noting<Value>(
        at path: FieldPath,
        _ body: () async throws -> Value
    ) async throws -> Value? {
        do {
            return try await body()
        } catch let error as ExpressionError {
            problems.append(PromotionPreview.Note(path: path, message: "\(error)"))
            return nil
        }
    }

    // MARK: Dependencies

    /// Why an expression's value is not known before the Promotion runs.
    private func unknowns(of references: ExpressionReferences) -> [String] {
        if references.seesAll { return ["known when the step runs"] }
        var reasons: Set<String> = []
        for path in references.paths {
            switch path[0] {
            case "outputs": reasons.insert(reason(outputOf: path.dropFirst().first))
            case "stepMetas": reasons.insert("known when the steps before have run")
            case "task" where path.count < 2 || path[1] == "outputs":
                guard let task = evaluator.step.as.taskNamespace else { continue }
                reasons.insert(reason(outputOf: path.dropFirst(2).first.map { "\(task)::\($0)" }))
            case "vars":
                let names = path.count > 1 ? unknownVars.intersection([path[1]]) : unknownVars
                for name in names { reasons.insert("known when vars.\(name) is") }
            default: continue
            }
        }
        return reasons.sorted()
    }

    private func reason(outputOf alias: String?) -> String {
        guard let alias else { return "known when the steps before have run" }
        let isTask = earlier.contains { $0.taskNamespace == alias }
        if earlier.contains(alias) || isTask { return "known when step \"\(alias)\" has run" }
        return "no step before this one is called \"\(alias)\", so that it has no outputs"
    }

    private func isSecret(_ references: ExpressionReferences) -> Bool {
        if !references.functions.isDisjoint(with: ["secret", "sharedSecret"]) { return true }
        if references.seesAll { return !secretVars.isEmpty }
        return references.paths.contains { path in
            guard path[0] == "vars" else { return false }
            return path.count > 1 ? secretVars.contains(path[1]) : !secretVars.isEmpty
        }
    }
}
