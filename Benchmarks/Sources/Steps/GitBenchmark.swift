import BuiltinSteps
import Foundation
import KargoCore
import Subprocess

/// Clones a repository of 10,000 files, changes one, commits and pushes, by steps and by plain git.
enum GitBenchmark {
    private static let files = 10_000
    private static let rounds = 7

    static func run(_ bench: Workbench) async throws -> [Row] {
        let directory = bench.directory
        let origin = directory.appending(path: "origin.git").path(percentEncoded: false)
        try await makeRepository(origin, in: directory.appending(path: "source"))
        var plain: [Duration] = []
        var steps: [Duration] = []
        // In turn, so that both find the same disk and neighbours.
        for round in 0..<rounds {
            plain.append(
                try await time { try await plainGit(origin, directory.appending(path: "plain-\(round)"), round) }
            )
            steps.append(
                try await time { try await promotion(origin, directory.appending(path: "steps-\(round)"), round) }
            )
        }
        let overhead = (Times(steps).median / Times(plain).median - 1) * 100
        return [
            Row(
                name: "`git-clone`, `git-commit` and `git-push` of 10,000 files",
                times: Times(steps),
                aim: "5 % more than git, is \(String(format: "%.1f", overhead)) %"
            ),
            Row(name: "the same by git", times: Times(plain)),
        ]
    }

    private static func time(_ body: () async throws -> Void) async throws -> Duration {
        let start = ContinuousClock.now
        try await body()
        return ContinuousClock.now - start
    }

    private static func makeRepository(_ origin: String, in source: URL) async throws {
        let path = source.path(percentEncoded: false)
        try await git(["init", "--quiet", "--bare", "--initial-branch=main", origin])
        try await git(["init", "--quiet", "--initial-branch=main", path])
        for number in 0..<files {
            let directory = source.appending(path: "apps/\(number / 100)")
            if number % 100 == 0 {
                try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            }
            let text = "kind: ConfigMap\nmetadata:\n  name: config-\(number)\ndata:\n  value: \"\(number * number)\"\n"
            try Data(text.utf8).write(to: directory.appending(path: "\(number).yaml"))
        }
        try await git(["-C", path, "add", "."])
        try await git(["-C", path, "commit", "--quiet", "-m", "first"])
        try await git(["-C", path, "push", "--quiet", origin, "main"])
    }

    private static func change(_ tree: URL, _ round: Int, by whom: String) throws {
        try Data("\(whom) \(round)\n".utf8).write(to: tree.appending(path: "apps/7/700.yaml"))
    }

    private static func plainGit(_ origin: String, _ tree: URL, _ round: Int) async throws {
        let path = tree.path(percentEncoded: false)
        let bare = path + ".git"
        try await git(["clone", "--quiet", "--bare", origin, bare])
        try await git(["--git-dir", bare, "worktree", "add", "--quiet", path, "main"])
        try change(tree, round, by: "plain")
        try await git(["-C", path, "add", "."])
        try await git(["-C", path, "commit", "--quiet", "-m", "change"])
        try await git(["-C", path, "push", "--quiet", "origin", "HEAD:main"])
    }

    private static func promotion(_ origin: String, _ directory: URL, _ round: Int) async throws {
        let work = directory.appending(path: "work")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        try await BuiltinStepKinds.withRegistry(capabilities: StepCapabilities(gitIdentity: Operator())) { registry in
            let run = { (kind: String, config: JSONValue) async throws in
                let step = StepContext(
                    kind: kind,
                    alias: kind,
                    config: config,
                    workDir: work.path(percentEncoded: false),
                    privateDir: directory.appending(path: "private").path(percentEncoded: false),
                    sharedState: [:],
                    promotion: PromotionContext()
                )
                guard let result = try await registry.runner(kind)?.run(step), result.status == .succeeded else {
                    throw Workbench.StepFailed(message: "\(kind) did not succeed")
                }
            }
            try await run("git-clone", ["repoURL": .string(origin), "checkout": [["path": "src"]]])
            try change(work.appending(path: "src"), round, by: "steps")
            try await run("git-commit", ["path": "src", "message": "change"])
            try await run("git-push", ["path": "src"])
        }
    }

    private struct Operator: GitIdentity {
        func gitUser() -> GitUser { .kargo }
    }

    private static func git(_ arguments: [String]) async throws {
        let identity = ["-c", "user.name=Plain", "-c", "user.email=plain@example.com", "-c", "gc.auto=0"]
        let outcome = try await Subprocess.run(
            .name("git"),
            arguments: Arguments(identity + arguments),
            output: .discarded,
            error: .string(limit: 1 << 20)
        )
        guard outcome.terminationStatus.isSuccess else {
            throw Workbench.StepFailed(message: "git \(arguments): \(outcome.standardError)")
        }
    }
}
