import KargoCore

/// Renders a chart.
struct HelmTemplateStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        enum Layout: String, Decodable, Sendable { case helm, flat }

        struct SetValue: Decodable, Sendable {
            var key: String
            var value: String
            var literal: Bool?
        }

        var path: String
        var outPath: String
        var outLayout: Layout?
        var releaseName: String
        var useReleaseName: Bool?
        var namespace: String?
        var valuesFiles: [String]?
        var ignoreMissingValueFiles: Bool?
        var setValues: [SetValue]?
        var buildDependencies: Bool?
        var includeCRDs: Bool?
        var disableHooks: Bool?
        var skipTests: Bool?
        var kubeVersion: String?
        var apiVersions: [String]?
    }

    static let kind = "helm-template"
    static var schema: [UInt8] { PackageResources.helm_template_json }

    let credentials: any CredentialsDatabase
    let sender: HTTPSender
    let environment: ProgramEnvironment

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        do {
            let output = try await ScratchDirectory.with(in: step.privateDir) { scratch in
                try await render(step, config, scratch)
            }
            try await Cancellation.blocking { cancellation in
                try Self.write(output, config, WorkDirectory(step.workDir), cancellation)
            }
            return .succeeded()
        } catch let error as MissingProgram {
            return .erroredForGood("\(error)")
        } catch let error as ProcessFailure {
            return .errored("\(error)")
        } catch let error as HelmProblem {
            return .errored("error rendering \"\(config.path)\": \(error)")
        } catch let error as ManifestFileNames.Problem {
            return .errored("error writing to \"\(config.outPath)\": \(error)")
        }
    }

    private func render(_ step: StepContext, _ config: Config, _ scratch: ScratchDirectory) async throws -> String {
        let values = try await Cancellation.blocking { cancellation in
            try Self.copyValues(config, WorkDirectory(step.workDir), WorkDirectory(scratch.stage), cancellation)
        }
        let helm = try HelmProgram(environment, scratch, purpose: "to render charts")
        let chart = try await Cancellation.blocking { cancellation in
            try ChartStage(
                of: config.path,
                in: WorkDirectory(step.workDir),
                at: WorkDirectory(scratch.stage),
                cancellation
            )
        }
        if config.buildDependencies == true { try await build(chart, with: helm, step, scratch) }
        return try await helm.run(Self.arguments(config, values: values, chart: chart.copy, step.promotion.project))
    }

    private func build(
        _ chart: ChartStage,
        with helm: HelmProgram,
        _ step: StepContext,
        _ scratch: ScratchDirectory
    ) async throws {
        let dependencies = try await Cancellation.blocking { cancellation in
            let text = try chart.text("Chart.yaml", cancellation)
            let dependencies = try ChartDependency.all(in: text, of: "Chart.yaml")
            try chart.copyDependencies(dependencies, cancellation)
            return dependencies
        }
        if dependencies.isEmpty { return }
        let fetch = DependencyFetch(
            credentials: credentials,
            sender: sender,
            scratch: scratch,
            project: step.promotion.project
        )
        try await fetch.run(.build, dependencies, of: chart, with: helm)
        try await Cancellation.blocking { cancellation in
            try chart.bringBackArchives(cancellation)
            if try chart.hasFile("Chart.lock") { try chart.bringBack("Chart.lock", cancellation) }
        }
    }

    private static func copyValues(
        _ config: Config,
        _ workDirectory: WorkDirectory,
        _ stage: WorkDirectory,
        _ cancellation: Cancellation
    ) throws -> [String] {
        let copier = StageCopier(stage: stage, cancellation: cancellation)
        return try (config.valuesFiles ?? []).enumerated()
            .compactMap { index, path in
                let location = try workDirectory.locate(path)
                if config.ignoreMissingValueFiles == true, try !location.isThere { return nil }
                do {
                    try copier.copy(location, to: ["values", "\(index).yaml"])
                } catch let error as FileError {
                    throw HelmProblem(description: "error reading values: \(error)")
                }
                return "values/\(index).yaml"
            }
    }

    /// What helm is told; nothing that a configuration says can be an option of its own.
    static func arguments(_ config: Config, values: [String], chart: String, _ project: String) -> [String] {
        let namespace = config.namespace.nonEmpty ?? project
        var arguments = ["template", "--namespace=\(namespace)"]
        arguments += values.map { "--values=\($0)" }
        for value in config.setValues ?? [] {
            arguments.append("\(value.literal == true ? "--set-literal" : "--set")=\(value.key)=\(value.value)")
        }
        if config.includeCRDs == true { arguments.append("--include-crds") }
        if config.disableHooks == true { arguments.append("--no-hooks") }
        if config.skipTests == true { arguments.append("--skip-tests") }
        if let version = config.kubeVersion, !version.isEmpty { arguments.append("--kube-version=\(version)") }
        for version in config.apiVersions ?? [] { arguments.append("--api-versions=\(version)") }
        return arguments + ["--", config.releaseName, chart]
    }

    // MARK: Output

    private static func write(
        _ output: String,
        _ config: Config,
        _ workDirectory: WorkDirectory,
        _ cancellation: Cancellation
    ) throws {
        if ManifestTarget(path: config.outPath) == .file { return try workDirectory.write(output, to: config.outPath) }
        let templates = RenderedTemplates(output)
        switch config.outLayout ?? .helm {
        case .flat:
            var names = ManifestFileNames()
            var unnamed = 0
            let files = try templates.documents.map { document in
                var stem = fileStem(of: document.text)
                if stem == nil {
                    stem = "resource-\(unnamed)"
                    unnamed += 1
                }
                return (name: try names.name(stem ?? ""), text: document.text.trimmingWhitespace)
            }
            try workDirectory.write(files, toDirectory: config.outPath, cancellation)
        case .helm:
            let directory = config.useReleaseName == true ? "\(config.outPath)/\(config.releaseName)" : config.outPath
            for file in templates.files {
                try cancellation.check()
                guard let written = WrittenPath(file.path.utf8), !written.isAbsolute, !written.parts.contains(.parent),
                    !written.parts.isEmpty
                else { throw HelmProblem(description: "a template is called \"\(file.path)\"") }
                try workDirectory.write(file.text, to: "\(directory)/\(file.path)")
            }
        }
    }

    /// The name of a resource's file in the layout `flat`; nil if the resource has none.
    private static func fileStem(of document: String) -> String? {
        guard let value = try? YAMLNode.firstDocument(in: document)?.jsonValue(duplicateKeys: .lastWins) else {
            return nil
        }
        let identity = ManifestIdentity(value)
        if identity.kind.isEmpty || identity.name.isEmpty { return nil }
        return [identity.group.replacing(".", with: "_"), identity.kind, identity.namespace, identity.name]
            .filter { !$0.isEmpty }.joined(separator: "-")
    }
}

extension Location {
    /// Whether there is anything.
    fileprivate var isThere: Bool {
        get throws(FileError) {
            guard let name = rest.first else { return true }
            if rest.count > 1 { return false }
            return try directory.status(ifPresent: name) != nil
        }
    }
}
