import ArgumentParser
import ControlPlane
import KargoCore
import KubernetesClient

struct EvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Evaluate an expression, without promoting anything.",
        usage: """
            kargo eval EXPRESSION [-r] [--template] [--env FILE] …
            kargo eval --lines [--template] [--env FILE] …
            kargo eval … --stage STAGE (--freight NAME | --freight-alias ALIAS) [--step ALIAS] [-p PROJECT] [-f FILE] …
            """,
        discussion: """
            Prints the value as JSON. With --lines each line of standard input is an expression, and is answered at \
            once with one line: {"value": …, "type": …} or {"error": …}; the exit code is 1 if any failed. Before an \
            expression that begins with a hyphen put --.

            With --stage an expression sees what it would see in a Promotion of the Freight to the Stage, on the \
            cluster or with the objects of files.
            """
    )

    @Argument(help: "The expression.")
    var expression: String?

    @Flag(help: "Take a text with ${{ }} in it, as manifests have them, in place of a bare expression.")
    var template = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A file of YAML or JSON with variables, or - for standard input; may be repeated, the later counts.",
            valueName: "file|-"
        ),
        completion: .file(extensions: ["yaml", "yml", "json"])
    )
    var env: [String] = []

    @Flag(help: "Evaluate each line of standard input.")
    var lines = false

    @Flag(name: .shortAndLong, help: "Print a string without quotes.")
    var raw = false

    @Option(help: "The Stage whose variables the expression sees.")
    var stage: String?

    @OptionGroup var freight: FreightOptions

    @Option(help: "The step of the Stage whose variables the expression sees too.")
    var step: String?

    @OptionGroup var project: ProjectOptions
    @OptionGroup var manifests: ManifestOptions

    func validate() throws {
        if lines {
            guard expression == nil, !raw else {
                throw ValidationError("--lines takes the expressions from standard input, and is used without -r.")
            }
        } else if expression == nil {
            throw ValidationError(
                "Give an expression, after -- if it begins with a hyphen, or --lines to read them from standard input."
            )
        }
        guard (env + manifests.files).count(where: { $0 == "-" }) + (lines ? 1 : 0) <= 1 else {
            throw ValidationError("Standard input can only be read once.")
        }
        if stage == nil {
            guard freight.count == 0, step == nil, manifests.files.isEmpty else {
                throw ValidationError("--freight, --freight-alias, --step and -f are used with --stage only.")
            }
        } else if freight.count != 1 {
            throw ValidationError("Give the Freight by one of --freight and --freight-alias.")
        }
    }

    func run() async throws {
        let variables = try EnvironmentFile.variables(in: env.map(InputFile.init))
        guard let stage else {
            return try await evaluate(
                in: ExpressionEnvironment(variables: variables, functions: OfflineFunctions.all),
                SecretRedactor()
            )
        }
        try await project.with(manifests) { api, project in
            let objects = KargoObjects(api: api)
            let promotion = try await PlannedPromotion(
                of: freight.freight(of: objects, project: project),
                to: objects.namedStage(stage, project: project),
                api: api
            )
            let environment = try await promotion.environment(ofStep: step, with: variables)
            try await evaluate(in: environment, promotion.redactor)
        }
    }

    private func evaluate(in environment: ExpressionEnvironment, _ redactor: SecretRedactor) async throws {
        let evaluation = Evaluation(
            environment: environment,
            language: template ? .template : .expression,
            redactor: redactor
        )
        if let expression {
            Console.write(try await evaluation.text(of: expression, isRaw: raw) + "\n")
        } else {
            try await answerLines(evaluation)
        }
    }

    private func answerLines(_ evaluation: Evaluation) async throws {
        var framer = InputLines()
        var hasFailures = false
        func answer(_ line: InputLines.Line) async throws {
            let answer = try await evaluation.answer(to: line)
            if case .failure = answer { hasFailures = true }
            Console.write(answer.text)
        }
        while true {
            let piece = try StandardInput.read()
            for line in framer.feed(piece) { try await answer(line) }
            if piece.isEmpty { break }
        }
        if let line = framer.finish() { try await answer(line) }
        if hasFailures { throw ExitCode.failure }
    }
}

extension PlannedPromotion {
    /// What names stand for in a step, with variables of the user's in place of those of the same names.
    ///
    /// Their `outputs` count as those of steps that have run, so that variables of the step can be made of them.
    ///
    /// - Throws: ``CommandError`` for a step that there is not and for a variable that can't be evaluated.
    func environment(
        ofStep alias: String?,
        with variables: [String: ExpressionValue]
    ) async throws -> ExpressionEnvironment {
        do {
            let outputs = try variables["outputs"]?.jsonValue().objectValue ?? [:]
            var environment = try await evaluator(ofStep: alias, outputs: outputs).environment()
            environment.variables.merge(variables) { $1 }
            return environment
        } catch let error as ExpressionError {
            throw CommandError(redactor.redact(error.description))
        }
    }
}
