import Foundation
import KargoCore
import KubernetesClient

/// Measures what the quick start does, with the real programs on a local cluster of their own.
@main
enum QuickStart {
    static func main() async throws {
        let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1000
        let directory = FileManager.default.temporaryDirectory.path() + "/kargo-bench-\(UUID())"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let programs = Programs(directory: directory)

        let build = try await programs.measureStepPluginBuild(runs: 50)
        let installation = try await programs.up()
        let result: Result<[Measure], any Error>
        do {
            let configuration = try ClusterConfiguration.discover(environment: ["KUBECONFIG": installation.kubeconfig])
            result = .success(
                try await ClusterConnection.with(configuration) { api in
                    try await measures(PromotionLoad(api: api), installation, programs, count: count)
                }
            )
        } catch {
            result = .failure(error)
        }
        try await programs.down()
        print("| measure | value |\n|---|---|")
        for measure in try result.get() + [Measure("`kargo step-plugin build`, whole process", build)] {
            print("| \(measure.name) | \(measure.value) |")
        }
    }

    private static func measures(
        _ load: PromotionLoad,
        _ installation: LocalInstallation,
        _ programs: Programs,
        count: Int
    ) async throws -> [Measure] {
        let pid = try installation.running(.controller)?.pid ?? 0
        let idle = try Memory.resident(of: pid)
        try await load.prepare(plugin: programs.pluginConfigMap())
        let seconds = try await load.runBuiltin(count: count)
        let peak = try Memory.peak(of: pid)
        let plugin = try await load.runPlugin(count: 50)
        return [
            Measure(
                "\(count) Promotions of five builtin steps, Promotions/s",
                String(format: "%.0f", Double(count) / seconds)
            ),
            Measure("controller's memory, idle", idle),
            Measure("controller's memory, peak", peak),
            Measure(
                "50 Promotions of one Python plugin step, creation to Succeeded",
                Distribution(plugin.map(\.total))
            ),
            Measure("from a plugin's answer to the step seen as Succeeded", Distribution(plugin.map(\.lag))),
        ]
    }
}
