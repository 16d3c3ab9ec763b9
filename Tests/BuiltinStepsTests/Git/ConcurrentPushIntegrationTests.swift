import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Concurrent pushes", .tags(.integration), .timeLimit(.minutes(2)))
struct ConcurrentPushIntegrationTests {
    private static let pushers = 5

    private func push(_ number: Int, _ git: GitBench, _ attempts: PushAttempts) async throws -> StepResult {
        let program = GitProgram(environment: [:])
        var step = git.bench.context("git-clone", .null)
        step.workDir = git.outside.file("work-\(number)")
        step.privateDir = git.outside.file("private-\(number)")
        try FileManager.default.createDirectory(atPath: step.workDir, withIntermediateDirectories: false)
        step.config = ["repoURL": git.url, "checkout": [["path": "src"]]]
        _ = try await GitCloneStep(program: program, capabilities: git.capabilities).run(step)
        try git.outside.write("\(number)", to: "work-\(number)/src/file-\(number)")
        step.config = ["path": "src", "message": .string("commit \(number)")]
        _ = try await GitCommitStep(program: program).run(step)
        step.config = ["path": "src", "maxAttempts": 100]
        return try await GitPushStep(program: program, capabilities: git.capabilities, attempts: attempts).run(step)
    }

    /// Pushes from several Promotions at a time and looks whether everything has arrived.
    private func pushAll(_ git: GitBench, _ attempts: @escaping @Sendable () throws -> PushAttempts) async throws {
        try await withThrowingTaskGroup(of: StepResult.self) { group in
            for number in 0..<Self.pushers {
                group.addTask { try await push(number, git, try attempts()) }
            }
            for try await result in group { #expect(result.status == .succeeded, "\(result)") }
        }
        let messages = try await git.inOrigin("log", "--format=%s", "main").split(separator: "\n").sorted()
        #expect(messages == (0..<Self.pushers).map { "commit \($0)" } + ["first"])
        let files = try await git.inOrigin("ls-tree", "--name-only", "main").split(separator: "\n")
        #expect(files.filter { $0.hasPrefix("file-") }.count == Self.pushers)
    }

    @Test func `take turns in one process, so that none is tried again`() async throws {
        try await GitBench.with { git async throws in
            // It stands still: whoever is tried again never comes back.
            let attempts = try PushAttempts(environment: [:], clock: ManualClock())
            try await pushAll(git) { attempts }
        }
    }

    @Test func `are tried again if other processes are quicker`() async throws {
        try await GitBench.with { git async throws in
            let clock = ManualClock()
            let ticking = Task {
                while !Task.isCancelled {
                    await clock.waitForSleepers()
                    clock.advance(by: .seconds(30))
                }
            }
            try await pushAll(git) { try PushAttempts(environment: [:], clock: clock) }
            ticking.cancel()
        }
    }

    @Test func `make a branch together`() async throws {
        try await GitBench.with { git async throws in
            try await withThrowingTaskGroup(of: StepResult.self) { group in
                for number in 0..<Self.pushers {
                    group.addTask {
                        var step = git.bench.context("git-clone", .null)
                        step.workDir = git.outside.file("work-\(number)")
                        step.privateDir = git.outside.file("private-\(number)")
                        try FileManager.default.createDirectory(
                            atPath: step.workDir,
                            withIntermediateDirectories: false
                        )
                        // Differing names give commits that differ.
                        let author: JSONValue = ["name": .string("Author \(number)"), "email": "a@example.com"]
                        let checkout: JSONValue = ["path": "src", "branch": "new", "create": true]
                        step.config = ["repoURL": git.url, "author": author, "checkout": [checkout]]
                        let program = GitProgram(environment: [:])
                        return try await GitCloneStep(program: program, capabilities: git.capabilities).run(step)
                    }
                }
                let commit = try await git.onlyCommit(group: &group)
                #expect(try await git.inOrigin("rev-parse", "new") == commit)
            }
        }
    }
}

extension GitBench {
    /// The one commit that all attempts have checked out.
    fileprivate func onlyCommit(group: inout ThrowingTaskGroup<StepResult, any Error>) async throws -> String {
        var commits: Set<String> = []
        for try await result in group {
            #expect(result.status == .succeeded, "\(result)")
            if let commit = result.output?["commits"]?["src"]?.stringValue { commits.insert(commit) }
        }
        #expect(commits.count == 1)
        return try #require(commits.first)
    }
}
