/// Replaces the steps that stand for a task by the steps of the task, as Kargo does when a Promotion is created.
public enum TaskInflation {
    /// Why a template has no steps to run.
    public enum Failure: Error, Hashable, CustomStringConvertible {
        /// A task demands a variable that the step does not give.
        case missingVariable(step: Int, task: String, variable: String)
        /// A step of a task stands for a task itself.
        case nestedTask(step: Int, task: String)
        /// The reference names neither of the two kinds of task.
        case unknownKind(step: Int, kind: String)

        /// The step, the field and the remedy.
        public var description: String {
            switch self {
            case .missingVariable(let step, let task, let variable):
                "steps[\(step)].vars: task \"\(task)\" needs a value for its variable \"\(variable)\""
            case .nestedTask(let step, let task):
                "steps[\(step)].task: task \"\(task)\" has a step that stands for another task, which can't be; put the steps "
                    + "of that one in its place"
            case .unknownKind(let step, let kind):
                "steps[\(step)].task.kind: must be PromotionTask or ClusterPromotionTask, not \"\(kind)\""
            }
        }
    }

    /// The kinds of task.
    public enum TaskKind: String, Sendable {
        /// A task of the Project.
        case promotionTask = "PromotionTask"
        /// A task for all Projects.
        case clusterPromotionTask = "ClusterPromotionTask"
    }

    /// Replaces the tasks.
    ///
    /// Steps without an alias get `step-N`, tasks `task-N`, counted from 1 in their own list; a step of a task gets
    /// `TASK::STEP`. Its variables are, later ones winning: the task's defaults, unless the Promotion gives a value;
    /// what the step gives the task; its own.
    ///
    /// - Parameters:
    ///   - steps: The steps of a Stage's template.
    ///   - vars: The variables of the Promotion.
    ///   - load: Reads a task.
    /// - Returns: The steps to run, each of a kind and with an alias.
    /// - Throws: ``Failure``, and what `load` throws.
    public static func inflate(
        _ steps: [PromotionStep],
        vars: [ExpressionVariable],
        load: (TaskKind, String) async throws -> PromotionTaskSpec
    ) async throws -> [PromotionStep] {
        let given = Set(vars.filter { !$0.value.isEmpty }.map(\.name))
        var inflated: [PromotionStep] = []
        for (index, step) in steps.enumerated() {
            guard let reference = step.task else {
                var step = step
                if step.as.isEmpty { step.as = "step-\(index + 1)" }
                inflated.append(step)
                continue
            }
            guard let kind = TaskKind(rawValue: reference.kind.isEmpty ? "PromotionTask" : reference.kind) else {
                throw Failure.unknownKind(step: index, kind: reference.kind)
            }
            let task = try await load(kind, reference.name)
            let taskAlias = step.as.isEmpty ? "task-\(index + 1)" : step.as
            var taskVars: [ExpressionVariable] = []
            for variable in task.vars where !given.contains(variable.name) {
                if !variable.value.isEmpty {
                    taskVars.append(variable)
                } else if !step.vars.contains(where: { $0.name == variable.name && !$0.value.isEmpty }) {
                    throw Failure.missingVariable(step: index, task: reference.name, variable: variable.name)
                }
            }
            taskVars += step.vars
            for (taskIndex, taskStep) in task.steps.enumerated() {
                guard taskStep.task == nil else { throw Failure.nestedTask(step: index, task: reference.name) }
                var taskStep = taskStep
                taskStep.as = "\(taskAlias)::\(taskStep.as.isEmpty ? "step-\(taskIndex + 1)" : taskStep.as)"
                taskStep.vars = taskVars + taskStep.vars
                inflated.append(taskStep)
            }
        }
        return inflated
    }
}
