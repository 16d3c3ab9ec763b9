import KargoTestSupport

@testable import BuiltinSteps

/// Programs that record how they are called and then do what a script says.
struct StandIn: Sendable {
    private let bench: StepBench

    /// Makes the programs.
    ///
    /// - Parameters:
    ///   - bench: Beside whose work directory they go.
    ///   - names: Their names.
    ///   - script: What a shell does then, the arguments at hand.
    /// - Throws: What keeps them from being written.
    init(in bench: StepBench, _ names: [String], script: String) async throws {
        self.bench = bench
        try bench.outside.write("", to: "calls")
        for name in names {
            let text = """
                #!/bin/sh
                { printf '%s\\t' \(name) "$@"; echo; } >> '\(bench.outside.file("calls"))'
                \(script)

                """
            // Not by this process: what it writes, a child that another test starts has open for a moment, and what
            // is open for writing can't be run.
            let outcome = try await ChildProcess(
                program: "/bin/sh",
                arguments: ["-c", "mkdir -p bin && cat > bin/\(name) && chmod 755 bin/\(name)"],
                environment: ["PATH": "/usr/bin:/bin"],
                directory: bench.outside.path,
                input: Array(text.utf8)
            )
            .run()
            if !outcome.isSuccess { throw ProcessFailure(.notStarted, outcome.diagnostics) }
        }
    }

    func file(_ name: String) -> String { bench.outside.file("bin/\(name)") }

    /// An environment in which they are found, and the usual tools.
    var environment: [String: String] { ["PATH": "\(bench.outside.file("bin")):/usr/bin:/bin"] }

    /// The calls so far: the program and its arguments.
    func calls() throws -> [[String]] {
        try bench.outside.read("calls").split(separator: "\n")
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).dropLast().map(String.init) }
    }
}
