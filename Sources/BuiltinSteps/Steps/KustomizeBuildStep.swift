import KargoCore

/// Renders a kustomization.
struct KustomizeBuildStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        enum OutputFormat: String, Decodable, Sendable { case kargo, kustomize }

        struct Plugin: Decodable, Sendable {
            var helm: Helm?
        }

        struct Helm: Decodable, Sendable {
            var apiVersions: [String]?
            var kubeVersion: String?
        }

        var path: String
        var outPath: String
        var outputFormat: OutputFormat?
        var plugin: Plugin?
    }

    static let kind = "kustomize-build"
    static var schema: [UInt8] { PackageResources.kustomize_build_json }

    let sender: HTTPSender
    let environment: ProgramEnvironment
    let git: GitProgram

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        do {
            let output = try await ScratchDirectory.with(in: step.privateDir) { scratch in
                let (directory, usesHelm) = try await fill(scratch, step, config.path)
                return try await build(directory, usesHelm: usesHelm, scratch, config.plugin?.helm)
            }
            try await Cancellation.blocking { cancellation in
                try Self.write(output, config, WorkDirectory(step.workDir), cancellation)
            }
            return .succeeded()
        } catch let error as MissingProgram {
            return .erroredForGood("\(error)")
        } catch let error as ProcessFailure {
            return .errored("\(error)")
        } catch let error as KustomizationProblem {
            return .errored("error building \"\(config.path)\": \(error)")
        } catch let error as ManifestFileNames.Problem {
            return .errored("error writing to \"\(config.outPath)\": \(error)")
        } catch let error as SyntaxError {
            return .errored("the result of kustomize is not YAML: \(error)")
        }
    }

    /// Copies the kustomization, again for as long as it turns out to refer to more that has to be fetched.
    private func fill(
        _ scratch: ScratchDirectory,
        _ step: StepContext,
        _ path: String
    ) async throws -> (directory: [String], usesHelm: Bool) {
        var fetcher = RemoteFetcher(
            sender: sender,
            git: git,
            home: scratch.home,
            directory: "\(scratch.path)/clones"
        )
        while true {
            let contents = fetcher.contents
            let (directory, stage) = try await Cancellation.blocking { cancellation in
                var stage = try KustomizationStage(
                    of: WorkDirectory(step.workDir),
                    at: WorkDirectory(scratch.stage),
                    contents,
                    cancellation
                )
                return (try stage.fill(path), stage)
            }
            if stage.missing.isEmpty { return (directory, stage.usesHelm) }
            try await fetcher.fetch(stage.missing)
        }
    }

    private func build(
        _ directory: [String],
        usesHelm: Bool,
        _ scratch: ScratchDirectory,
        _ helm: Config.Helm?
    ) async throws -> String {
        var arguments = ["--load-restrictor=LoadRestrictionsNone"]
        if usesHelm {
            guard let program = environment.path.find("helm") else { throw MissingProgram("helm", "for helmCharts") }
            arguments += ["--enable-helm", "--helm-command=\(program)"]
            for version in helm?.apiVersions ?? [] { arguments.append("--helm-api-versions=\(version)") }
            if let version = helm?.kubeVersion, !version.isEmpty { arguments.append("--helm-kube-version=\(version)") }
        }
        let (program, subcommand) = try program()
        var process = ChildProcess(
            program: program,
            arguments: [subcommand] + arguments + ["."],
            environment: environment.variables(home: scratch.home),
            directory: ([scratch.stage] + directory).joined(separator: "/")
        )
        process.outputLimit = DocumentLimits.largestFile
        let outcome = try await environment.path.confine(process, scratch.reach).run()
        guard outcome.isSuccess else {
            throw KustomizationProblem(description: scratch.diagnostics(outcome, of: "kustomize"))
        }
        return String(decoding: outcome.output, as: UTF8.self)
    }

    /// kustomize, or kubectl, which has most of it in it.
    private func program() throws(MissingProgram) -> (path: String, subcommand: String) {
        if let path = environment.path.find("kustomize") { return (path, "build") }
        if let path = environment.path.find("kubectl") { return (path, "kustomize") }
        throw MissingProgram("kustomize, or kubectl in its place,", "to build kustomizations")
    }

    // MARK: Output

    private static func write(
        _ output: String,
        _ config: Config,
        _ workDirectory: WorkDirectory,
        _ cancellation: Cancellation
    ) throws {
        if ManifestTarget(path: config.outPath) == .file { return try workDirectory.write(output, to: config.outPath) }
        let manifests = try JSONValue.documents(inYAML: output)
        let identities = manifests.map(ManifestIdentity.init)
        let namespaces = Set(
            identities.filter { !ClusterScope.contains(kind: $0.kind, group: $0.group) }
                .map { $0.namespace.isEmpty ? "default" : $0.namespace }
        )
        var names = ManifestFileNames()
        let files = try zip(manifests, identities)
            .map { manifest, identity in
                let stem =
                    switch config.outputFormat ?? .kargo {
                    case .kargo:
                        [identity.namespace, identity.kind, identity.name].filter { !$0.isEmpty }
                            .joined(separator: "-")
                    case .kustomize:
                        [
                            namespaces.count > 1 ? identity.namespace : "", identity.group, identity.version,
                            identity.kind,
                            identity.name,
                        ]
                        .filter { !$0.isEmpty }.joined(separator: "_")
                    }
                return (name: try names.name(stem), text: manifest.yaml())
            }
        try workDirectory.write(files, toDirectory: config.outPath, cancellation)
    }
}
