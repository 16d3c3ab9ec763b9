import KargoCore
import KargoTestSupport
import Subprocess
import Testing

@testable import BuiltinSteps

@Suite("github-push", .tags(.integration))
struct GitHubPushIntegrationTests {
    @Test func `has commits made by GitHub and follows them`() async throws {
        try await GitHubServer.with { server async throws in
            try await server.clone()
            try await server.commit("one", "one\n\nbody ü")
            let local = try await server.commit("two")
            try server.bench.write("left\n", to: "src/left")
            let output = try await server.succeed("github-push", ["path": "src"])
            let head = try await server.inServer("rev-parse", "main")
            #expect(output["commit"]?.stringValue == head)
            #expect(output["branch"] == "main")
            #expect(output["commitURL"]?.stringValue == "http://127.0.0.1:\(server.port)/acme/app/commit/\(head)")
            let subjects = try await server.inServer("log", "--format=%s|%an|%ce", "main")
            #expect(
                subjects == "change|Kargo|no-reply@kargo.io\none|Kargo|no-reply@kargo.io\nfirst|Other|other@example.com"
            )
            #expect(try await server.inServer("log", "-1", "--format=%b", "main~1") == "body ü")
            #expect(
                try await server.inServer("rev-parse", "main^{tree}") == server.inServer("rev-parse", "\(local)^{tree}")
            )
            #expect(try await server.inServer("for-each-ref", "--format=%(refname)") == "refs/heads/main")
            #expect(try await server.state().signed.isEmpty)
            // What was not committed is still there, and the next push goes on from here.
            #expect(try server.bench.read("src/left") == "left\n")
            try await server.commit("three")
            let next = try await server.succeed("github-push", ["path": "src"])
            #expect(try await server.inServer("rev-parse", "main~1") == head)
            #expect(try await server.inServer("rev-parse", "main") == next["commit"]?.stringValue)
        }
    }

    @Test func `has nothing made where there is nothing new`() async throws {
        try await GitHubServer.with { server async throws in
            try await server.clone()
            let head = try await server.inServer("rev-parse", "main")
            let output = try await server.succeed("github-push", ["path": "src"])
            #expect(output["commit"]?.stringValue == head)
            let calls = try await server.state().log
            #expect(!calls.contains { $0.hasPrefix("POST") || $0.hasPrefix("PATCH") })
        }
    }

    @Test func `leaves the author out of what a trusted key has signed`() async throws {
        try await GitHubServer.with { server async throws in
            let home = server.bench.outside.file("gpg")
            let script = #"""
                mkdir -m 700 "$0" && gpg --homedir "$0" --batch --quiet --passphrase "" \
                    --quick-generate-key "Kargo <no-reply@kargo.io>" ed25519 sign never 2>/dev/null
                gpg --homedir "$0" --batch --armor --export-secret-keys
                gpgconf --homedir "$0" --kill gpg-agent
                """#
            let key = try await Subprocess.run(
                .name("sh"),
                arguments: ["-c", script, home],
                output: .string(limit: 1 << 16),
                error: .discarded
            )
            var signing = server
            let user = GitUser(name: "Kargo", email: "no-reply@kargo.io", signingKey: key.standardOutput)
            signing.capabilities.gitIdentity = ServerIdentity(user: user)
            try await signing.clone()
            try await signing.commit("one")
            let output = try await signing.succeed("github-push", ["path": "src"])
            let head = try #require(output["commit"]?.stringValue)
            #expect(try await server.state().signed == [head])
            #expect(try await server.inServer("log", "-1", "--format=%an|%B", "main") == "app[bot]|change")
        }
    }

    @Test(arguments: ["AlwaysRebase", "AlwaysMerge"])
    func `tries again when somebody else is quicker`(policy: String) async throws {
        try await GitHubServer.with { server async throws in
            var server = server
            server.environment["GIT_PUSH_INTEGRATION_POLICY"] = policy
            try await server.clone()
            try await server.commit("one")
            try await server.setRaces(1)
            let output = try await server.succeed("github-push", ["path": "src"])
            let files = try await server.inServer("ls-tree", "--name-only", "main").split(separator: "\n")
            #expect(files.count == 3 && files.contains("one") && files.contains { $0.hasPrefix("other-") })
            #expect(try await server.inServer("rev-parse", "main") == output["commit"]?.stringValue)
            let merges = try await server.inServer("rev-list", "--count", "--merges", "main")
            #expect(merges == (policy == "AlwaysMerge" ? "1" : "0"))
        }
    }

    @Test func `tries no more often than it may, and cleans up`() async throws {
        try await GitHubServer.with { server async throws in
            try await server.clone()
            try await server.commit("one")
            try await server.setRaces(5)
            let result = try await server.run("github-push", ["path": "src", "maxAttempts": 1])
            #expect(result.status == .errored)
            #expect(result.failure == .retryable(result.message))
            #expect(result.message.contains("Update is not a fast forward"))
            #expect(try await server.inServer("for-each-ref", "--format=%(refname)") == "refs/heads/main")
        }
    }

    @Test func `has no more commits made than it may`() async throws {
        try await GitHubServer.with { server async throws in
            var server = server
            server.environment["GITHUB_PUSH_MAX_REVISIONS"] = "1"
            try await server.clone()
            try await server.commit("one")
            try await server.succeed("github-push", ["path": "src"])
            try await server.commit("two")
            try await server.commit("three")
            let result = try await server.run("github-push", ["path": "src"])
            #expect(result.failure == .terminal(result.message))
            #expect(result.message.contains("no more than 1"))
        }
    }

    @Test func `makes a branch of its own, also twice`() async throws {
        try await GitHubServer.with { server async throws in
            for file in ["one", "two"] {
                try await server.clone()
                try await server.commit(file)
                let config: JSONValue = ["path": "src", "generateTargetBranch": true]
                let output = try await server.succeed("github-push", config)
                #expect(output["branch"] == "kargo/promotion/test.01")
                let head = try await server.inServer("rev-parse", "kargo/promotion/test.01")
                #expect(output["commit"]?.stringValue == head)
                #expect(try await server.inServer("ls-tree", "--name-only", head) == "a\n\(file)")
                #expect(try await server.inServer("rev-list", "--count", "main..\(head)") == "1")
                try await server.succeed("delete", ["path": "src"])
            }
        }
    }

    @Test(arguments: [false, true])
    func `gives up the commits of others only by force`(force: Bool) async throws {
        try await GitHubServer.with { server async throws in
            var server = server
            server.environment["GIT_PUSH_INTEGRATION_POLICY"] = "None"
            try await server.clone()
            try await server.commit("one")
            let theirs = try await server.inServer("commit-tree", "-p", "main", "-m", "theirs", "main^{tree}")
            try await server.inServer("update-ref", "refs/heads/main", theirs)
            let config: JSONValue = ["path": "src", "force": .bool(force), "maxAttempts": 1]
            let result = try await server.run("github-push", config)
            let head = try await server.inServer("rev-parse", "main")
            if force {
                #expect(result.output?["commit"]?.stringValue == head)
                #expect(try await server.inServer("log", "--format=%s", "main") == "change\nfirst")
            } else {
                #expect(result.status == .errored && result.message.contains("diverged") && head == theirs)
            }
            #expect(try await server.inServer("for-each-ref", "--format=%(refname)") == "refs/heads/main")
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["/compare/", "/git/commits", "/git/refs/heads/"])
    func `leaves no reference when it is cancelled`(path: String) async throws {
        try await GitHubServer.with { server async throws in
            try await server.clone()
            try await server.commit("one")
            let head = try await server.inServer("rev-parse", "main")
            try await server.stall(path)
            try await withThrowingTaskGroup(of: StepResult.self) { group in
                group.addTask { try await server.run("github-push", ["path": "src"]) }
                try await server.awaitCall(path)
                #expect(try await server.inServer("for-each-ref", "refs/kargo") != "")
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            let references = try await server.inServer("for-each-ref", "--format=%(refname) %(objectname)")
            #expect(references == "refs/heads/main \(head)")
        }
    }

    @Test func `keeps merges as they are`() async throws {
        try await GitHubServer.with { server async throws in
            var server = server
            server.environment["GIT_PUSH_INTEGRATION_POLICY"] = "AlwaysMerge"
            try await server.clone()
            try await server.commit("one")
            let theirs = try await server.inServer("commit-tree", "-p", "main", "-m", "theirs", "main^{tree}")
            try await server.inServer("update-ref", "refs/heads/main", theirs)
            let output = try await server.succeed("github-push", ["path": "src"])
            let head = try await server.inServer("rev-parse", "main")
            #expect(output["commit"]?.stringValue == head)
            #expect(try await server.inServer("rev-parse", "main^2") == theirs)
            #expect(try await server.inServer("log", "--format=%s", "main^1") == "change\nfirst")
            #expect(try await server.git("-C", server.bench.path("src"), "status", "--porcelain") == "")
        }
    }

    @Test func `makes a branch that has nothing new`() async throws {
        try await GitHubServer.with { server async throws in
            try await server.clone()
            try await server.succeed("github-push", ["path": "src", "targetBranch": "env/test"])
            #expect(try await server.inServer("rev-parse", "env/test") == server.inServer("rev-parse", "main"))
        }
    }

    @Test(arguments: [(nil, "there are no credentials"), ("", "there is no token"), ("key", "there is a key for SSH")])
    func `needs a token`(key: String?, problem: String) async throws {
        try await GitHubServer.with { server async throws in
            try await server.clone()
            var server = server
            server.capabilities.credentials = ServerToken(found: key.map { RepositoryCredentials(sshPrivateKey: $0) })
            let result = try await server.run("github-push", ["path": "src"])
            #expect(result.status == .failed)
            #expect(result.failure == .terminal(result.message))
            #expect(result.message.contains(problem))
        }
    }

    @Test func `needs a work tree`() async throws {
        try await GitHubServer.with { server async throws in
            try server.bench.makeDirectory("src")
            let result = try await server.run("github-push", ["path": "src"])
            #expect(result.status == .errored)
        }
    }

    @Test(
        arguments: [
            ([:], "path is required"), (["path": "p", "targetBranch": "b", "generateTargetBranch": true], "(oneOf)"),
            (["path": "p", "maxAttempts": 0], "maxAttempts: Must be greater"),
            (["path": "p", "maxAttempts": 2_147_483_648], "maxAttempts: Must be less"),
            (["path": "p", "tag": "t"], "tag"),
        ] as [(JSONValue, String)]
    )
    func `checks its configuration`(config: JSONValue, problem: String) async throws {
        try await StepBench.with { bench async throws in
            let result = try await bench.run("github-push", config)
            #expect(result.status == .failed)
            #expect(result.message.contains(problem))
        }
    }
}
