import KargoTestSupport
import Testing

@testable import BuiltinSteps

@Suite("child processes", .tags(.integration), .timeLimit(.minutes(1)))
struct ChildProcessIntegrationTests {
    private func shell(_ script: String, _ arguments: String..., in directory: String = "/") -> ChildProcess {
        ChildProcess(
            program: "/bin/sh",
            arguments: ["-c", script, "sh"] + arguments,
            environment: ["PATH": "/usr/bin:/bin"],
            directory: directory
        )
    }

    @Test func `gives output, diagnostics and exit code`() async throws {
        let outcome = try await shell("echo out; echo err >&2; exit 3").run()
        #expect(outcome == .init(ending: .exit(3), output: Array("out\n".utf8), diagnostics: "err\n"))
        #expect(!outcome.isSuccess)
    }

    @Test func `tells a signal from an exit`() async throws {
        #expect(try await shell("kill -9 $$").run().ending == .signal(9))
    }

    @Test func `has only the variables, the directory and the open files that it was given`() async throws {
        try await ScopedDirectory.with { directory in
            let outcome = try await ChildProcess(
                program: "/usr/bin/env",
                arguments: ["sh", "-c", "env | grep -v -e ^_= -e ^OLDPWD=; echo /proc/self/fd/*"],
                environment: ["PATH": "/usr/bin:/bin", "A": "ü\n"],
                directory: directory.path
            )
            .run()
            let lines = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").sorted()
            #expect(lines.contains("A=ü"))
            let name = try #require(directory.path.split(separator: "/").last)
            #expect(lines.contains { $0.hasPrefix("PWD=/") && $0.hasSuffix("/\(name)") })
            #expect(lines.count(where: { $0.contains("=") }) == 3)
            // The shell's own names for 0, 1, 2 and the directory that it lists.
            #expect(lines.first { $0.hasPrefix("/proc") }?.split(separator: " ").count == 4)
        }
    }

    @Test func `reads its input, and nothing where there is none`() async throws {
        var cat = shell("cat")
        #expect(try await cat.run().output.isEmpty)
        cat.input = Array(repeating: 65, count: 1 << 18)
        #expect(try await cat.run().output == cat.input)
    }

    @Test(arguments: ["exec <&-; echo done", "head -c 1 >&-; echo done", "echo done"])
    func `does not mind input that nobody reads`(script: String) async throws {
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<20 {
                group.addTask {
                    var process = shell(script)
                    process.input = Array(repeating: 65, count: 1 << 20)
                    return try await process.run().output
                }
            }
            for try await output in group { #expect(output == Array("done\n".utf8)) }
        }
    }

    @Test func `ends while a program does not read its input`() async throws {
        try await ScopedDirectory.with { directory in
            let pipe = try Pipe(in: directory)
            var process = shell("exec 3>\"$1\"; echo up >&3; sleep 1000 & wait", pipe.path)
            process.input = Array(repeating: 65, count: 1 << 20)
            try await withThrowingTaskGroup(of: ChildProcess.Outcome.self) { [process] group in
                group.addTask { try await process.run() }
                try await pipe.read { _, end in
                    group.cancelAll()
                    await #expect(throws: CancellationError.self) { try await group.next() }
                    try await end()
                }
            }
        }
    }

    @Test func `keeps the end of long diagnostics`() async throws {
        let outcome = try await shell("yes 0123456 | head -c 200000 >&2; echo end >&2").run()
        #expect(outcome.diagnostics.utf8.count == ChildProcess.longestDiagnostics)
        #expect(outcome.diagnostics.hasSuffix("0123456\nend\n"))
    }

    @Test func `ends a program that writes too much`() async throws {
        var process = shell("yes")
        process.outputLimit = 100_000
        let failure = await #expect(throws: ProcessFailure.self) { try await process.run() }
        #expect(failure?.code == .tooLarge)
    }

    @Test func `says that a program can't be started`() async throws {
        var process = shell("")
        process.program = "/nowhere/program"
        await #expect(throws: ProcessFailure.self) { try await process.run() }
        process = shell("", "a\0b")
        await #expect(throws: ProcessFailure.self) { try await process.run() }
        process = shell("", in: "/nowhere")
        await #expect(throws: ProcessFailure.self) { try await process.run() }
    }

    @Test(arguments: ["", "trap '' TERM;"])
    func `ends the program and its children when the task is cancelled`(trap: String) async throws {
        try await ScopedDirectory.with { directory in
            let pipe = try Pipe(in: directory)
            let process = shell("\(trap) exec 3>\"$1\"; sleep 1000 & echo up >&3; wait", pipe.path)
            try await withThrowingTaskGroup(of: ChildProcess.Outcome.self) { group in
                group.addTask { try await process.run() }
                try await pipe.read { first, end in
                    #expect(first == "up\n")
                    group.cancelAll()
                    await #expect(throws: CancellationError.self) { try await group.next() }
                    try await end()
                }
            }
        }
    }

    @Test func `ends a child that ignores the request when its parent heeds it`() async throws {
        try await ScopedDirectory.with { directory in
            let pipe = try Pipe(in: directory)
            let script = "exec 3>\"$1\"; sh -c 'trap \"\" TERM; echo up >&3; while :; do sleep 1000; done' & wait"
            let process = shell(script, pipe.path)
            try await withThrowingTaskGroup(of: ChildProcess.Outcome.self) { group in
                group.addTask { try await process.run() }
                try await pipe.read { first, end in
                    #expect(first == "up\n")
                    group.cancelAll()
                    await #expect(throws: CancellationError.self) { try await group.next() }
                    try await end()
                }
            }
        }
    }

    @Test func `leaves no child behind and does not wait for one that keeps the output open`() async throws {
        try await ScopedDirectory.with { directory in
            let pipe = try Pipe(in: directory)
            let process = shell("exec 3>\"$1\"; echo up >&3; sleep 1000 & echo done", pipe.path)
            async let outcome = process.run()
            try await pipe.read { _, end in try await end() }
            #expect(try await outcome.output == Array("done\n".utf8))
        }
    }

    @Test func `does not start for a task that was cancelled`() async throws {
        try await ScopedDirectory.with { directory in
            let process = shell("touch started", in: directory.path)
            await withThrowingTaskGroup(of: ChildProcess.Outcome.self) { group in
                group.cancelAll()
                group.addTask { try await process.run() }
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            #expect(!directory.contains("started"))
        }
    }

    @Test func `runs many at once`() async throws {
        let outputs = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for number in 0..<50 { group.addTask { try await shell("echo $1", "\(number)").run().output } }
            return try await group.reduce(into: Set<String>()) { $0.insert(String(decoding: $1, as: UTF8.self)) }
        }
        #expect(outputs == Set((0..<50).map { "\($0)\n" }))
    }

    @Test func `finds programs on the path`() throws {
        #expect(ProgramPath(environment: ["PATH": "relative:/nowhere:/usr/bin:/bin"]).find("env") == "/usr/bin/env")
        #expect(ProgramPath(environment: [:]).find("sh") != nil)
        #expect(ProgramPath(environment: [:]).find("no such program") == nil)
        #expect(ProgramPath(environment: ["PATH": "/"]).find("usr") == nil)
    }
}
