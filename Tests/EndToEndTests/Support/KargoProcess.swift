import KargoCore
import KargoTestSupport
import Subprocess
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Tag {
    /// Starts real processes.
    @Tag static var integration: Self
}

/// A `kargo-controller` that runs as users run it.
struct KargoProcess: Sendable {
    /// It ended before it was ready.
    struct NotReady: Error {
        /// The file that says why.
        let log: String
    }

    /// Its number.
    let pid: Int32

    /// The program; nil where it was not built.
    static let program: String? = BuiltProgram.path("kargo-controller")

    /// Whether this machine has what the tests need: the program, and Python for the plugins.
    static let isAvailable = program != nil && hasPython

    private static var hasPython: Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .contains { FileManager.default.isExecutableFile(atPath: "\($0)/python3") }
    }

    /// Runs the program as long as the body lasts, from when it says that it is ready.
    ///
    /// - Parameters:
    ///   - arguments: Its arguments.
    ///   - environment: Variables besides those of this process.
    ///   - log: The file that its log is appended to.
    ///   - onStart: Gets it at once.
    ///   - body: What is done meanwhile.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; ``NotReady``.
    static func with<Result: Sendable>(
        _ arguments: [String],
        environment: [String: String] = [:],
        log: String,
        onStart: (KargoProcess) -> Void = { _ in },
        _ body: (KargoProcess) async throws -> Result
    ) async throws -> Result {
        let variables = environment.map { "\($0.key)=\($0.value)" }
        let script = ["sh", "-c", "log=$0; exec \"$@\" 2>>\"$log\"", log]
        let outcome = try await Subprocess.run(
            .name("env"),
            arguments: Arguments(["-u", "KUBECONFIG"] + variables + script + [try #require(program)] + arguments),
            input: .none,
            output: .sequence,
            error: .discarded
        ) { execution in
            // What starts it becomes it.
            let process = KargoProcess(pid: execution.processIdentifier.value)
            onStart(process)
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            guard let line = try await lines.next() else { throw NotReady(log: log) }
            let running = try JSONValueDecoder()
                .decode(LocalInstallation.Running.self, from: JSONValue(parsing: line))
            try #require(running.pid == process.pid)
            defer { process.send(SIGTERM) }
            return try await body(process)
        }
        return outcome.closureResult
    }

    /// Ends it without a warning.
    func kill() { send(SIGKILL) }

    private func send(_ signal: Int32) {
        #if canImport(Glibc)
        _ = Glibc.kill(pid, signal)
        #elseif canImport(Musl)
        _ = Musl.kill(pid, signal)
        #else
        _ = Darwin.kill(pid, signal)
        #endif
    }

    /// The processes of this machine that have something to do with a directory, by their numbers.
    static func all(in directory: String) -> [Int32: String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        var found: [Int32: String] = [:]
        for pid in names.compactMap({ Int32($0) }) {
            let command = (try? Data(contentsOf: URL(filePath: "/proc/\(pid)/cmdline"))) ?? Data()
            let text = String(decoding: command, as: UTF8.self).split(separator: "\0").joined(separator: " ")
            let place = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")) ?? ""
            if text.contains(directory) || place.hasPrefix(directory) { found[pid] = text }
        }
        return found
    }
}
