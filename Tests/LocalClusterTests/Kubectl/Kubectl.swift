import KargoCore
import KargoTestSupport
import Subprocess
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A kubectl on this machine, of one of the versions that lie beside each other.
struct Kubectl: Sendable, CustomTestStringConvertible {
    let path: String

    var testDescription: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// All programs called `kubectl` or `kubectl` with a version, on the PATH and beside those, each name once.
    static let all: [Kubectl] = {
        var folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for folder in folders {
            let path = URL(filePath: "\(folder)/kubectl").resolvingSymlinksInPath().path
            if let end = path.lastIndex(of: "/") { folders.append(String(path[..<end])) }
        }
        var found: [String: Kubectl] = [:]
        for folder in folders {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            where name.hasPrefix("kubectl") && found[name] == nil {
                let version = name.dropFirst("kubectl".count)
                let path = "\(folder)/\(name)"
                guard version.allSatisfy({ $0.isNumber || $0 == "." }),
                    FileManager.default.isExecutableFile(atPath: path)
                else { continue }
                found[name] = Kubectl(path: path)
            }
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }()
}

/// Lets one go on at a time.
private actor Turns {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func give() {
        // The turn goes on to who has waited longest.
        if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
    }
}

/// A cluster as it looks to one kubectl.
struct KubectlSession: Sendable {
    let cluster: ClusterProcess
    let kubectl: Kubectl
    let directory: ScopedDirectory

    static func with(_ kubectl: Kubectl, _ body: (KubectlSession) async throws -> Void) async throws {
        await turns.take()
        do {
            try await ScopedDirectory.with { directory in
                try await ClusterProcess.with(directory) { cluster in
                    try await body(KubectlSession(cluster: cluster, kubectl: kubectl, directory: directory))
                }
            }
        } catch {
            await turns.give()
            throw error
        }
        await turns.give()
    }

    /// One cluster at a time for all of these tests, or those that watch the time would not get any.
    private static let turns = Turns()

    /// Runs kubectl, whatever comes of it.
    func run(
        _ arguments: [String],
        input: String = "",
        environment: [Environment.Key: String] = [:]
    ) async throws -> ClusterProcess.Output {
        var variables: [Environment.Key: String?] = [
            "KUBECONFIG": cluster.installation.kubeconfig, "HOME": directory.file("home"),
        ]
        for (name, value) in environment { variables[name] = value }
        let outcome = try await Subprocess.run(
            // By way of env(1), which finds a program by its path as well.
            .name("env"),
            arguments: Arguments([kubectl.path] + arguments),
            environment: .inherit.updating(variables),
            input: .string(input),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        return ClusterProcess.Output(
            succeeded: outcome.terminationStatus.isSuccess,
            text: outcome.standardOutput,
            problem: outcome.standardError
        )
    }

    /// Runs kubectl, which has to succeed, and gives what it prints.
    @discardableResult
    func callAsFunction(
        _ arguments: String...,
        input: String = "",
        environment: [Environment.Key: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let output = try await run(arguments, input: input, environment: environment)
        #expect(output.succeeded, "\(arguments): \(output.problem)", sourceLocation: sourceLocation)
        return output.text
    }

    /// Runs kubectl, which has to fail, and gives what it complains of.
    func failing(
        _ arguments: String...,
        input: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let output = try await run(arguments, input: input)
        #expect(!output.succeeded, "\(arguments): \(output.text)", sourceLocation: sourceLocation)
        return output.problem
    }

    /// A ConfigMap as JSON.
    static func configMap(_ data: String, name: String = "colors") -> String {
        #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\#(name)","namespace":"default"},"data":\#(data)}"#
    }
}

/// The words of a table, line by line.
func cells(_ table: String) -> [[String]] {
    table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
}
