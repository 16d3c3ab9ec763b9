/// The program helm with a configuration of its own.
struct HelmProgram: Sendable {
    private let program: String
    private let variables: [String: String]
    private let scratch: ScratchDirectory
    private let path: ProgramPath

    /// Finds the program.
    ///
    /// - Throws: ``MissingProgram``.
    init(
        _ environment: ProgramEnvironment,
        _ scratch: ScratchDirectory,
        purpose: String
    ) throws(MissingProgram) {
        guard let program = environment.path.find("helm") else { throw MissingProgram("helm", purpose) }
        self.program = program
        self.scratch = scratch
        path = environment.path
        variables = environment.variables(home: scratch.home)
            .merging([
                "HELM_CACHE_HOME": "\(scratch.home)/cache", "HELM_CONFIG_HOME": "\(scratch.home)/config",
                "HELM_DATA_HOME": "\(scratch.home)/data", "HELM_REGISTRY_CONFIG": scratch.registryConfig,
                "HELM_REPOSITORY_CONFIG": scratch.repositoryConfig,
                "HELM_REPOSITORY_CACHE": "\(scratch.home)/cache/repository",
            ]) { _, own in own }
    }

    /// Runs helm among the copies.
    ///
    /// - Parameter arguments: The arguments.
    /// - Returns: What it prints.
    /// - Throws: ``HelmProblem`` with what it says if it fails; ``ProcessFailure``; `CancellationError`.
    func run(_ arguments: [String]) async throws -> String {
        var process = ChildProcess(
            program: program,
            arguments: arguments,
            environment: variables,
            directory: scratch.stage
        )
        process.outputLimit = DocumentLimits.largestFile
        let outcome = try await path.confine(process, scratch.reach).run()
        guard outcome.isSuccess else {
            throw HelmProblem(description: scratch.diagnostics(outcome, of: "helm"))
        }
        return String(decoding: outcome.output, as: UTF8.self)
    }
}

extension ScratchDirectory {
    var registryConfig: String { "\(home)/registry.json" }
    var repositoryConfig: String { "\(home)/repositories.yaml" }
}
