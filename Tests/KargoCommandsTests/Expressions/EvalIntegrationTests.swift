import KargoTestSupport
import Subprocess
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `kargo eval` as a program among others.
@Suite(.tags(.integration), .enabled(if: BuiltProgram.path("kargo") != nil), .timeLimit(.minutes(1)))
struct EvalIntegrationTests {
    private struct Outcome {
        var status: TerminationStatus
        var output: String
        var problem: String
    }

    private func run(_ arguments: String..., input: String = "") async throws -> Outcome {
        let outcome = try await Subprocess.run(
            // By way of env(1), which finds a program by its path as well.
            .name("env"),
            arguments: Arguments([try #require(BuiltProgram.path("kargo")), "eval"] + arguments),
            input: .string(input),
            output: .string(limit: 8 << 20),
            error: .string(limit: 1 << 20)
        )
        return Outcome(
            status: outcome.terminationStatus,
            output: outcome.standardOutput,
            problem: outcome.standardError
        )
    }

    @Test func `prints a value`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("vars: {x: 1}", to: "env.yaml")
            let outcome = try await run("vars.x + 1", "--env", directory.file("env.yaml"))
            #expect(outcome.output == "2\n", "\(outcome.problem)")
            #expect(outcome.status == .exited(0))
        }
    }

    @Test func `reads variables from standard input`() async throws {
        let outcome = try await run("[vars.x, $env]", "--env", "-", input: "vars: {x: 1}")
        #expect(
            outcome.output == "[\n  1,\n  {\n    \"vars\": {\n      \"x\": 1\n    }\n  }\n]\n",
            "\(outcome.problem)"
        )
    }

    @Test func `fails with the place on standard error`() async throws {
        let outcome = try await run("1 + a.b")
        #expect(outcome.status == .exited(1))
        #expect(outcome.output.isEmpty)
        #expect(outcome.problem == "Error: nil has no 'b'; use ?. where nil is expected\n    1 + a.b\n          ^\n")
    }

    @Test func `evaluates against manifests`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write(OfflineProject.text, to: "demo.yaml")
            let outcome = try await run(
                "image ${{ vars.tag }} to ${{ ctx.stage }}",
                "--template",
                "-r",
                "-f",
                directory.path,
                "--stage",
                "test",
                "--freight-alias",
                "brave-otter",
                "--step",
                "ping"
            )
            #expect(outcome.output == "image 1.27.0 to test\n", "\(outcome.problem)")
        }
    }

    @Test func `answers ten thousand lines with as many`() async throws {
        let input = (0..<10_000).map { $0 % 100 == 99 ? "\($0) +\n" : "\($0) + 1\n" }.joined()
        let outcome = try await run("--lines", input: input)
        let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 10_001)
        #expect(lines[0] == #"{"value":1,"type":"int"}"#)
        #expect(lines[9_998] == #"{"value":9999,"type":"int"}"#)
        #expect(lines[9_999].hasPrefix(#"{"error":"the expression ends too early\n"#))
        #expect(outcome.status == .exited(1))
        #expect(outcome.problem.isEmpty)
    }

    @Test func `takes lines of every kind and succeeds if all did`() async throws {
        let long = "\"" + String(repeating: "x", count: 1 << 19) + "\""
        let outcome = try await run("--lines", input: "1\r\n\(long)\nlast")
        #expect(
            outcome.output == """
                {"value":1,"type":"int"}
                {"value":\(long),"type":"string"}
                {"value":null,"type":"nil"}

                """
        )
        #expect(outcome.status == .exited(0))
        #expect(try await run("--lines").status == .exited(0))
    }

    @Test func `answers a line before the next one comes`() async throws {
        let outcome = try await Subprocess.run(
            .name("env"),
            arguments: [try #require(BuiltProgram.path("kargo")), "eval", "--lines"],
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { execution in
            var answers = execution.standardOutput.strings().makeAsyncIterator()
            let writer = execution.standardInputWriter
            var received: [String] = []
            for line in ["1", "1 +", "\"a\""] {
                _ = try await writer.write("\(line)\n")
                received.append(try await answers.next() ?? "")
            }
            try await writer.finish()
            return received
        }
        #expect(outcome.closureResult.map { $0.prefix(9) } == [#"{"value":"#, #"{"error":"#, #"{"value":"#])
        #expect(outcome.terminationStatus == .exited(1))
    }

    /// Runs a script that finds the program as `$0`.
    private func script(_ text: String) async throws -> (output: String, problem: String) {
        let outcome = try await Subprocess.run(
            .name("bash"),
            arguments: ["-c", text, try #require(BuiltProgram.path("kargo"))],
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        return (outcome.standardOutput, outcome.standardError)
    }

    @Test func `ends quietly when nobody reads on`() async throws {
        let (output, problem) = try await script(
            #"yes 1 2>/dev/null | "$0" eval --lines | head -n 2; echo "${PIPESTATUS[1]}""#
        )
        let line = #"{"value":1,"type":"int"}"#
        #expect(output == "\(line)\n\(line)\n141\n")
        #expect(problem.isEmpty)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func `does not succeed where its answer is lost`() async throws {
        let (output, problem) = try await script(#""$0" eval 1 > /dev/full; echo $?"#)
        #expect(output == "1\n")
        #expect(problem == "Error: standard output can't be written: No space left on device\n")
    }
}
