import KargoCore

/// Updates the dependencies of a chart.
struct HelmUpdateChartStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        struct Chart: Decodable, Sendable {
            var repository: String
            var name: String
            var version: String
        }

        var path: String
        var charts: [Chart]?
    }

    static let kind = "helm-update-chart"
    static var schema: [UInt8] { PackageResources.helm_update_chart_json }
    private static let chartFile = "Chart.yaml"
    private static let lockFile = "Chart.lock"

    let credentials: any CredentialsDatabase
    let sender: HTTPSender
    let environment: ProgramEnvironment

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        do {
            let changes = try await ScratchDirectory.with(in: step.privateDir) { scratch in
                try await update(step, config, scratch)
            }
            if changes.isEmpty { return .succeeded() }
            let lines = changes.sorted { $0.key < $1.key }.map { "\n- \($0.key): \($0.value)" }
            let message = "Updated chart dependencies for \(config.path)\n" + lines.joined()
            return .succeeded(output: ["commitMessage": .string(message)])
        } catch let error as MissingProgram {
            return .erroredForGood("\(error)")
        } catch let error as ProcessFailure {
            return .errored("\(error)")
        } catch let error as HelmProblem {
            return .errored("error updating the dependencies of \"\(config.path)\": \(error)")
        }
    }

    private func update(
        _ step: StepContext,
        _ config: Config,
        _ scratch: ScratchDirectory
    ) async throws -> [String: String] {
        let helm = try HelmProgram(environment, scratch, purpose: "to fetch dependencies of charts")
        let (chart, dependencies, old) = try await Cancellation.blocking { cancellation in
            let workDirectory = try WorkDirectory(step.workDir)
            try Self.refuseLinkedLock(in: workDirectory.locate(config.path))
            let chart = try ChartStage(
                of: config.path,
                in: workDirectory,
                at: WorkDirectory(scratch.stage),
                cancellation
            )
            var text = try chart.text(Self.chartFile, cancellation)
            let current = try ChartDependency.all(in: text, of: Self.chartFile)
            text = try Self.edited(text, current, config.charts ?? [])
            try chart.replaceText(Self.chartFile, with: text)
            let dependencies = try ChartDependency.all(in: text, of: Self.chartFile)
            try chart.copyDependencies(dependencies, cancellation)
            return (chart, dependencies, try Self.locked(chart, cancellation))
        }
        if dependencies.isEmpty { return [:] }
        let fetch = DependencyFetch(
            credentials: credentials,
            sender: sender,
            scratch: scratch,
            project: step.promotion.project
        )
        try await fetch.run(.update, dependencies, of: chart, with: helm)
        return try await Cancellation.blocking { cancellation in
            let changes = ChartDependency.changes(from: old, to: try Self.locked(chart, cancellation))
            try chart.bringBackArchives(cancellation)
            // Else all that is new in it is the time.
            if !changes.isEmpty, try chart.hasFile(Self.lockFile) { try chart.bringBack(Self.lockFile, cancellation) }
            if config.charts != nil { try chart.bringBack(Self.chartFile, cancellation) }
            return changes
        }
    }

    private static func edited(
        _ text: String,
        _ dependencies: [ChartDependency],
        _ charts: [Config.Chart]
    ) throws -> String {
        var updates: [YAMLEditor.Update] = []
        for chart in charts {
            let index = dependencies.firstIndex { $0.name == chart.name && $0.repository == chart.repository }
            guard let index else {
                throw HelmProblem(
                    description: "no dependency in Chart.yaml has the repository \"\(chart.repository)\" and the name "
                        + "\"\(chart.name)\""
                )
            }
            if dependencies[index].version != chart.version {
                updates.append(.init(path: ["dependencies", "\(index)", "version"], value: .string(chart.version)))
            }
        }
        do throws(YAMLEditor.Failure) {
            return try YAMLEditor.apply(updates, to: text)
        } catch {
            throw HelmProblem(description: "Chart.yaml can't be changed: \(error)")
        }
    }

    private static func locked(_ chart: ChartStage, _ cancellation: Cancellation) throws -> [ChartDependency] {
        guard try chart.hasFile(lockFile) else { return [] }
        return try ChartDependency.all(in: try chart.text(lockFile, cancellation), of: lockFile)
    }

    private static func refuseLinkedLock(in location: Location) throws {
        guard location.rest.isEmpty, let name = FileName(lockFile.utf8) else { return }
        if try location.directory.status(ifPresent: name)?.kind == .link {
            throw HelmProblem(description: "Chart.lock is a symbolic link")
        }
    }
}
