import KargoTestSupport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

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
    init(in bench: StepBench, _ names: [String], script: String) throws {
        self.bench = bench
        try bench.outside.write("", to: "calls")
        for name in names {
            let text = """
                #!/bin/sh
                { printf '%s\\t' \(name) "$@"; echo; } >> '\(bench.outside.file("calls"))'
                \(script)

                """
            try bench.outside.write(text, to: "bin/\(name)")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file(name))
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
