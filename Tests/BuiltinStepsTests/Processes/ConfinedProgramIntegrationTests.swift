import KargoTestSupport
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ProgramIsolation {
    /// By the agent that was built with the tests.
    static func ofAgent() throws -> ProgramIsolation {
        ProgramIsolation(launcher: try #require(BuiltProgram.path("kargo-agent"), "kargo-agent has not been built"))
    }
}

@Suite(
    "Programs that are confined",
    .tags(.integration),
    .timeLimit(.minutes(1)),
    .enabled(if: ConfinedProgram.isSupported)
)
struct ConfinedProgramIntegrationTests {
    private func run(_ script: String, in directory: ScopedDirectory, confined: Bool) async throws -> String {
        let process = ChildProcess(
            program: "/bin/sh",
            arguments: ["-c", script],
            environment: ["PATH": "/usr/bin:/bin", "SECRET": "x"],
            directory: directory.file("write")
        )
        let reach = ProgramIsolation.Reach(
            reading: [directory.file("read"), directory.file("nothing")],
            writing: [directory.file("write")]
        )
        let path = ProgramPath(environment: process.environment)
        let confined = confined ? try ProgramIsolation.ofAgent().confine(process, path: path, reach) : process
        return String(decoding: try await confined.run().output, as: UTF8.self)
    }

    @Test(arguments: [
        ("cat ../read/file", true), ("echo x >new && cat new", true),
        ("mkdir d && ln -s x d/l && mv d e && ls e", true),
        ("export GIT_CONFIG_NOSYSTEM=1 HOME=$PWD; git init --quiet r && git -C r status", true),
        ("echo x >/dev/null && echo done", true),
        ("head -c 1 /dev/urandom | wc -c", true), ("getent hosts localhost", true), ("cat ../secret/file", false),
        ("cat link/file", false), ("cat /proc/version", false), ("ls ..", false),
        ("tr '\\0' '\\n' </proc/self/environ", false),
        ("tr '\\0' '\\n' </proc/$PPID/environ", false), ("echo x >../read/new && echo done", false),
        ("echo x >../read/file && echo done", false), ("echo x >link/file && echo done", false),
        ("rm ../read/file && echo done", false), ("ln ../secret/file x && echo done", false),
        ("cp /bin/true x && ./x && echo done", false), ("../read/program && echo done", false),
    ])
    func `have their files, and no others`(script: String, isAllowed: Bool) async throws {
        for isConfined in [false, true] {
            try await ScopedDirectory.with { directory in
                try directory.write("x", to: "secret/file")
                try directory.write("x", to: "read/file")
                try directory.write("#!/bin/sh\n", to: "read/program")
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o755],
                    ofItemAtPath: directory.file("read/program")
                )
                try directory.write("", to: "write/old")
                try FileManager.default.createSymbolicLink(
                    atPath: directory.file("write/link"),
                    withDestinationPath: directory.file("secret")
                )
                let output = try await run(script, in: directory, confined: isConfined)
                #expect(output.isEmpty == (isConfined && !isAllowed), "\(output)")
            }
        }
    }

    @Test(arguments: [["--run"], ["--run", "/usr"], ["--run", "/usr", "--"], ["--all", "/", "--", "/bin/true"]])
    func `are not run by arguments that mean nothing`(arguments: [String]) {
        #expect(throws: ConfinedProgram.Failure.self) { try ConfinedProgram(arguments: arguments) }
    }
}
