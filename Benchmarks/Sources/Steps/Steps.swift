import BuiltinSteps
import Foundation
import KargoCore

/// Measures what builtin steps take: all of them, or those whose names are given.
@main
enum Steps {
    static let all: [(name: String, run: @Sendable (Workbench) async throws -> [Row])] = [
        ("yaml-update", YAMLUpdate.run),
        ("copy", Copy.run),
        ("git", GitBenchmark.run),
        ("oci-download", RegistryDownload.run),
    ]

    static func main() async throws {
        let names = CommandLine.arguments.dropFirst()
        print("| step | time | spread | aim |")
        print("|---|---|---|---|")
        for benchmark in all where names.isEmpty || names.contains(benchmark.name) {
            for row in try await Workbench.with(benchmark.run) { print(row.text) }
        }
    }
}

/// One line of the result.
struct Row {
    var name: String
    var times: Times
    var aim = ""

    var text: String { "| \(name) | \(times.median.milliseconds) | ± \(times.spread.milliseconds) | \(aim) |" }
}

/// How long several runs took.
struct Times {
    private let sorted: [Duration]

    init(_ times: [Duration]) { sorted = times.sorted() }

    var median: Duration { sorted[sorted.count / 2] }
    /// Half of what the middle half of the runs lies apart.
    var spread: Duration { (sorted[sorted.count * 3 / 4] - sorted[sorted.count / 4]) / 2 }
}

extension Duration {
    var seconds: Double { self / .seconds(1) }
    var milliseconds: String { String(format: "%.1f ms", self / .milliseconds(1)) }
}

/// A work directory with what runs steps in it.
struct Workbench {
    let directory: URL
    private let registry: StepRegistry

    struct StepFailed: Error {
        let message: String
    }

    static func with<Result>(_ body: (Workbench) async throws -> Result) async throws -> Result {
        let top = FileManager.default.temporaryDirectory.appending(path: "kargo-bench-\(UUID())")
        let directory = top.appending(path: "work")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: top) }
        return try await BuiltinStepKinds.withRegistry(capabilities: StepCapabilities(), environment: [:]) { registry in
            try await body(Workbench(directory: directory, registry: registry))
        }
    }

    func path(_ name: String) -> String { directory.appending(path: name).path(percentEncoded: false) }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: directory.appending(path: name))
    }

    /// Runs a step and says how long it took.
    func time(_ kind: String, _ config: JSONValue) async throws -> Duration {
        guard let runner = registry.runner(kind) else { throw StepFailed(message: "there is no kind \(kind)") }
        let context = StepContext(
            kind: kind,
            alias: "step",
            config: config,
            workDir: directory.path(percentEncoded: false),
            privateDir: directory.path(percentEncoded: false) + "-private",
            sharedState: [:],
            promotion: PromotionContext()
        )
        let start = ContinuousClock.now
        let result = try await runner.run(context)
        let time = ContinuousClock.now - start
        guard result.status == .succeeded else { throw StepFailed(message: result.message) }
        return time
    }

    /// Runs a program and says how long it took.
    func time(program: String, _ arguments: [String]) throws -> Duration {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let start = ContinuousClock.now
        try process.run()
        process.waitUntilExit()
        let time = ContinuousClock.now - start
        guard process.terminationStatus == 0 else { throw StepFailed(message: "\(program) failed") }
        return time
    }
}
