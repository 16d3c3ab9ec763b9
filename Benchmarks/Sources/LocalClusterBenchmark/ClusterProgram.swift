import Foundation
import KargoCore
import Subprocess

/// The program that is measured, as it was built beside this one.
struct ClusterProgram {
    let directory: String

    /// The program while it runs.
    struct Process: Sendable {
        let pid: Int32
        let installation: LocalInstallation
        /// From the start to the line that says that it is ready, in seconds.
        let startUp: Double

        func residentBytes() throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS") }
            return (line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) * 1024
        }

        /// The processor time that it has taken, in seconds.
        func processorTime() throws -> Double {
            let status = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            let fields = status.drop { $0 != ")" }.split(separator: " ")
            let ticks = [12, 13].compactMap { fields.indices.contains($0) ? Double(fields[$0]) : nil }.reduce(0, +)
            return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
        }
    }

    /// Runs the program, and kills it when the body is done.
    func run(_ body: (Process) async throws -> Void) async throws {
        let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "kargo-controller").path()
        let installation = LocalInstallation(dataDirectory: "\(directory)/data")
        let begin = ContinuousClock.now
        _ = try await Subprocess.run(
            // By way of env(1), which finds a program by its path as well.
            .name("env"),
            arguments: [program, "local-cluster", "--data-dir", installation.dataDirectory],
            input: .none,
            output: .sequence,
            error: .currentStandardError
        ) { execution in
            for try await line in execution.standardOutput.strings() {
                let startUp = (ContinuousClock.now - begin) / .seconds(1)
                let running = try JSONValueDecoder()
                    .decode(LocalInstallation.Running.self, from: JSONValue(parsing: line))
                defer { kill(running.pid, SIGKILL) }
                try await body(Process(pid: running.pid, installation: installation, startUp: startUp))
                break
            }
        }
    }
}

/// kubectl, if there is one.
struct Kubectl {
    private let process: ClusterProgram.Process

    init(_ process: ClusterProgram.Process) { self.process = process }

    /// How long it takes to read one Stage, and a thousand; nil without kubectl.
    func times() async throws -> (Distribution, Distribution)? {
        // The first one asks what the cluster serves.
        guard (try? await time("stage-0")) != nil else { return nil }
        var one: [Double] = []
        var all: [Double] = []
        for _ in 0..<7 {
            one.append(try await time("stage-0"))
            all.append(try await time())
        }
        return (Distribution(one), Distribution(all))
    }

    private func time(_ names: String...) async throws -> Double {
        let begin = ContinuousClock.now
        let outcome = try await Subprocess.run(
            .name("kubectl"),
            arguments: Arguments(["--namespace", Load.namespace, "get", "stages"] + names),
            environment: .inherit.updating(["KUBECONFIG": process.installation.kubeconfig]),
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        guard outcome.terminationStatus.isSuccess else { throw Load.Failure(description: outcome.standardError) }
        return (ContinuousClock.now - begin) / .seconds(1)
    }
}
