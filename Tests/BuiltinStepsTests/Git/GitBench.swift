import BuiltinSteps
import KargoCore
import KargoTestSupport
import Subprocess
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A work directory, and a bare repository with a `main` branch that steps clone and push to.
struct GitBench: Sendable {
    let bench: StepBench
    /// Whom steps commit for that do not say, and how they get in.
    var capabilities = StepCapabilities(gitIdentity: FixedIdentity(user: .kargo))
    var environment: [String: String] = [:]
    /// What keeps git to its files.
    var isolation: ProgramIsolation?
    /// The private directory of the steps.
    var privateName = "private"

    var outside: ScopedDirectory { bench.outside }
    /// The bare repository.
    var origin: String { outside.file("origin.git") }
    var url: JSONValue { .string(origin) }

    static let files = ["a/file": "a\n", "b/file": "b\n", "README": "top\n"]

    static func with(files: [String: String] = files, _ body: (GitBench) async throws -> Void) async throws {
        try await StepBench.with { step async throws in
            let bench = GitBench(bench: step)
            try await bench.makeRepository("origin.git", files: files)
            try await body(bench)
        }
    }

    /// Makes a bare repository with one commit on `main`.
    func makeRepository(_ name: String, files: [String: String]) async throws {
        let source = outside.file("\(name)-source")
        try await git(["init", "--quiet", "--bare", "--initial-branch=main", outside.file(name)])
        try await git(["init", "--quiet", "--initial-branch=main", source])
        for (path, text) in files { try outside.write(text, to: "\(name)-source/\(path)") }
        guard !files.isEmpty else { return }
        try await git(["-C", source, "add", "."])
        try await git(["-C", source, "commit", "--quiet", "-m", "first"])
        try await git(["-C", source, "push", "--quiet", outside.file(name), "main"])
    }

    /// Runs git as somebody else than the product.
    @discardableResult
    func git(_ arguments: [String], environment: [String: String] = [:]) async throws -> String {
        var variables: [String: String] = [
            "HOME": outside.path, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Other", "LC_ALL": "C",
            "GIT_AUTHOR_EMAIL": "other@example.com", "GIT_COMMITTER_NAME": "Other",
            "GIT_COMMITTER_EMAIL": "other@example.com", "GIT_ALLOW_PROTOCOL": "file",
        ]
        variables["PATH"] = ProcessInfo.processInfo.environment["PATH"]
        variables.merge(environment) { $1 }
        let pairs = variables.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
        let outcome = try await Subprocess.run(
            .name("git"),
            arguments: Arguments(arguments),
            environment: .custom(Dictionary(uniqueKeysWithValues: pairs)),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        guard outcome.terminationStatus.isSuccess else {
            throw Failure(description: "git \(arguments): \(outcome.standardError)")
        }
        return outcome.standardOutput.trimmedEnd
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs git in the bare repository.
    @discardableResult
    func inOrigin(_ arguments: String...) async throws -> String {
        try await git(["--git-dir", origin] + arguments)
    }

    /// Somebody else pushes a file.
    func pushAsOther(_ file: String, _ text: String, to branch: String = "main") async throws {
        let source = outside.file("other-\(UUID())")
        try await git(["clone", "--quiet", "--branch", branch, origin, source])
        try Data(text.utf8).write(to: URL(filePath: "\(source)/\(file)"))
        try await git(["-C", source, "add", "."])
        try await git(["-C", source, "commit", "--quiet", "-m", "other \(file)"])
        try await git(["-C", source, "push", "--quiet", "origin", branch])
    }

    // MARK: Steps

    func run(
        _ kind: String,
        _ config: JSONValue,
        _ change: (inout StepContext) -> Void = { _ in }
    ) async throws -> StepResult {
        var context = bench.context(kind, config)
        context.privateDir = outside.file(privateName)
        context.promotion.project = "project"
        context.promotion.promotion = "test.01.abc"
        change(&context)
        return try await BuiltinStepKinds.withRegistry(
            capabilities: capabilities,
            environment: environment,
            isolation: isolation
        ) { registry in
            let runner = try #require(registry.runner(kind))
            return try await runner.run(context)
        }
    }

    /// Runs a step that has to succeed.
    @discardableResult
    func succeed(_ kind: String, _ config: JSONValue) async throws -> [String: JSONValue] {
        let result = try await run(kind, config)
        #expect(result.status == .succeeded, "\(kind): \(result.failure?.message ?? result.message)")
        return result.output ?? [:]
    }

    /// Clones the repository; checks out its main branch at `src` if nothing else is said.
    @discardableResult
    func clone(
        _ checkout: [JSONValue] = [["path": "src", "branch": "main"]],
        _ others: [String: JSONValue] = [:]
    ) async throws -> [String: JSONValue] {
        let config: [String: JSONValue] = ["repoURL": url, "checkout": .array(checkout)]
        return try await succeed("git-clone", .object(config.merging(others) { $1 }))
    }

    /// Changes a file of the work tree `src` and commits it.
    @discardableResult
    func commit(_ file: String, _ text: String, message: String = "change") async throws -> [String: JSONValue] {
        try bench.write(text, to: "src/\(file)")
        return try await succeed("git-commit", ["path": "src", "message": .string(message)])
    }

    /// The names of clones in the private directory.
    func clones() throws -> [String] {
        let path = outside.file("\(privateName)/git")
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: path)
    }
}

/// An operator who has chosen.
struct FixedIdentity: GitIdentity {
    let user: GitUser

    func gitUser() -> GitUser { user }
}

/// The same credentials for everything, with a note of what was asked.
actor FixedCredentials: CredentialsDatabase {
    let credentials: RepositoryCredentials
    private(set) var asked: [String] = []

    init(_ credentials: RepositoryCredentials) { self.credentials = credentials }

    func credentials(_ type: CredentialType, for url: String, project: String) -> RepositoryCredentials? {
        asked.append("\(type.rawValue) \(url) \(project)")
        return credentials
    }
}

extension String {
    /// Without line breaks at the end.
    fileprivate var trimmedEnd: String { String(reversed().drop { $0 == "\n" }.reversed()) }
}
