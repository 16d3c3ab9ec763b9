import KargoCore
import KargoTestSupport
import NIOHTTP1
import Subprocess
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A server of GitHub's kind with a real repository, and what runs steps against it.
struct GitHubServer: Sendable {
    /// What the server tells of itself.
    struct State: Decodable {
        struct Pull: Decodable {
            var title: String
            var body: String
            var head: String
            var base: String
            var labels: [String]?
        }

        /// The calls of the API.
        var log: [String]
        /// The commits that it has signed itself.
        var signed: [String]
        var pulls: [Pull]
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let token = "s3cret-token"

    let bench: StepBench
    let port: Int
    var capabilities = StepCapabilities(credentials: ServerToken(), gitIdentity: ServerIdentity(user: .kargo))
    var environment: [String: String] = [:]
    var uiBaseURL = ""
    var output: JSONValue?

    var url: JSONValue { .string("http://127.0.0.1:\(port)/acme/app.git") }
    /// Where steps keep their clones.
    var clones: String { bench.outside.file("private/git") }
    private var repository: String { bench.outside.file("server/acme/app.git") }

    /// Starts a server whose repository has one commit on `main`.
    static func with(_ body: (GitHubServer) async throws -> Void) async throws {
        try await StepBench.with { bench async throws in
            let root = bench.outside.file("server")
            let seed = GitHubServer(bench: bench, port: 0)
            try await seed.git("init", "--quiet", "--bare", "--initial-branch=main", seed.repository)
            try await seed.git("init", "--quiet", "--initial-branch=main", bench.outside.file("seed"))
            try bench.outside.write("a\n", to: "seed/a")
            let source = ["-C", bench.outside.file("seed")]
            try await seed.git(source + ["add", "."])
            try await seed.git(source + ["commit", "--quiet", "-m", "first"])
            try await seed.git(source + ["push", "--quiet", seed.repository, "main"])
            let outcome = try await Subprocess.run(
                .name("python3"),
                arguments: ["-c", script, root, token],
                input: .inputWriter,
                output: .sequence,
                error: .discarded
            ) { execution in
                var lines = execution.standardOutput.strings().makeAsyncIterator()
                let port = try #require(try await lines.next().flatMap { Int($0) })
                let outcome: Swift.Result<Void, any Error>
                do {
                    outcome = .success(try await body(GitHubServer(bench: bench, port: port)))
                } catch {
                    outcome = .failure(error)
                }
                try await execution.standardInputWriter.finish()
                return outcome
            }
            try outcome.closureResult.get()
        }
    }

    /// Runs git as somebody else than the product.
    @discardableResult
    func git(_ arguments: [String]) async throws -> String {
        let who = ["NAME": "Other", "EMAIL": "other@example.com"]
        var variables: [Environment.Key: String] = ["GIT_CONFIG_NOSYSTEM": "1"]
        variables["HOME"] = bench.outside.path
        variables["PATH"] = ProcessInfo.processInfo.environment["PATH"]
        for (name, value) in who {
            variables[Environment.Key(stringLiteral: "GIT_AUTHOR_\(name)")] = value
            variables[Environment.Key(stringLiteral: "GIT_COMMITTER_\(name)")] = value
        }
        let outcome = try await Subprocess.run(
            .name("git"),
            arguments: Arguments(arguments),
            environment: .custom(variables),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        guard outcome.terminationStatus.isSuccess else {
            throw Failure(description: "git \(arguments): \(outcome.standardError)")
        }
        return String(outcome.standardOutput.reversed().drop { $0 == "\n" }.reversed())
    }

    @discardableResult
    func git(_ arguments: String...) async throws -> String { try await git(arguments) }

    /// Runs git in the repository of the server.
    @discardableResult
    func inServer(_ arguments: String...) async throws -> String {
        try await git(["--git-dir", repository] + arguments)
    }

    /// What the server tells of itself.
    func state() async throws -> State { try await control([:]) }

    /// Lets somebody else push before each of the next moves of a branch.
    func setRaces(_ count: Int64) async throws { _ = try await control(["races": .int(count)]) }

    /// Leaves calls without an answer whose path has this in it.
    func stall(_ path: String) async throws { _ = try await control(["stalled": .string(path)]) }

    /// Waits until there was a call that has this in it.
    func awaitCall(_ call: String) async throws { _ = try await control(["awaited": .string(call)]) }

    private func control(_ body: JSONValue) async throws -> State {
        let endpoint = APIClient.Endpoint(service: "test", base: try RequestURL("http://127.0.0.1:\(port)"))
        return try await APIClient.with(endpoint, proxies: ProxyRules(environment: [:])) { client in
            try await client.call(.POST, ["control"], body: body).decode()
        }
    }

    // MARK: Steps

    func run(_ kind: String, _ config: JSONValue) async throws -> StepResult {
        var context = bench.context(kind, config)
        context.privateDir = bench.outside.file("private")
        context.promotion.project = "demo"
        context.promotion.stage = "test"
        context.promotion.promotion = "test.01"
        context.promotion.uiBaseURL = uiBaseURL
        if let output { context.sharedState[context.alias] = output }
        return try await BuiltinStepKinds.withRegistry(capabilities: capabilities, environment: environment) {
            try await #require($0.runner(kind)).run(context)
        }
    }

    /// Runs a step that has to succeed.
    @discardableResult
    func succeed(_ kind: String, _ config: JSONValue) async throws -> [String: JSONValue] {
        let result = try await run(kind, config)
        #expect(result.status == .succeeded, "\(kind): \(result.failure?.message ?? result.message)")
        return result.output ?? [:]
    }

    /// Checks the main branch out at `src`.
    func clone() async throws {
        try await succeed("git-clone", ["repoURL": url, "checkout": [["path": "src", "branch": "main"]]])
    }

    /// Commits a file of the work tree.
    @discardableResult
    func commit(_ file: String, _ message: String = "change") async throws -> String {
        try bench.write("\(file)\n", to: "src/\(file)")
        return try await succeed("git-commit", ["path": "src", "message": .string(message)])["commit"]?.stringValue
            ?? ""
    }
}

/// What opens the server.
struct ServerToken: CredentialsDatabase {
    var found: RepositoryCredentials? = RepositoryCredentials(username: "kargo", password: GitHubServer.token)

    func credentials(_ type: CredentialType, for url: String, project: String) -> RepositoryCredentials? { found }
}

/// An operator who has chosen.
struct ServerIdentity: GitIdentity {
    let user: GitUser

    func gitUser() -> GitUser { user }
}
