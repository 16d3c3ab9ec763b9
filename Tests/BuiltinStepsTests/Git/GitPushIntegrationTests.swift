import KargoCore
import Testing

@Suite("git-push", .tags(.integration), .timeLimit(.minutes(1)))
struct GitPushIntegrationTests {
    @Test func `pushes the branch that is checked out`() async throws {
        try await GitBench.with { git async throws in
            try await git.clone()
            let commit = try await git.commit("new", "x")["commit"]
            let output = try await git.succeed("git-push", ["path": "src/a"])
            #expect(output == ["commit": commit ?? .null, "branch": "main"])
            #expect(try await git.inOrigin("rev-parse", "main") == commit?.stringValue)
        }
    }

    @Test(arguments: ["new", "refs/heads/new", "a/b ü".replacing(" ", with: "-"), "main"])
    func `pushes to another branch`(target: String) async throws {
        try await GitBench.with { git async throws in
            try await git.clone([["path": "src", "commit": "main"]])
            let commit = try await git.commit("new", "x")["commit"]
            let output = try await git.succeed("git-push", ["path": "src", "targetBranch": .string(target)])
            #expect(output == ["commit": commit ?? .null, "branch": .string(target)])
            let name = target.split(separator: "/").last == "new" ? "new" : target
            #expect(try await git.inOrigin("rev-parse", "refs/heads/\(name)") == commit?.stringValue)
        }
    }

    @Test func `makes a branch for the Promotion, anew each time`() async throws {
        try await GitBench.with { git async throws in
            for path in ["one", "two"] {
                try await git.clone([["path": .string(path)]])
                try git.bench.write(path, to: "\(path)/new")
                try await git.succeed("git-commit", ["path": .string(path), "message": "x"])
                let config: JSONValue = ["path": .string(path), "generateTargetBranch": true]
                let output = try await git.succeed("git-push", config)
                #expect(output["branch"] == "kargo/promotion/test.01.abc")
                #expect(try await git.inOrigin("show", "kargo/promotion/test.01.abc:new") == path)
            }
        }
    }

    @Test func `pushes a tag, and no other over it`() async throws {
        try await GitBench.with { git async throws in
            try await git.clone()
            try await git.commit("new", "x")
            try await git.succeed("git-tag", ["path": "src", "tag": "v1", "message": "m"])
            let main = try await git.inOrigin("rev-parse", "main")
            let output = try await git.succeed("git-push", ["path": "src", "tag": "v1"])
            #expect(output["branch"] == "main")
            #expect(try await git.inOrigin("rev-parse", "v1^{commit}") == output["commit"]?.stringValue)
            #expect(try await git.inOrigin("rev-parse", "main") == main)

            try await git.succeed("git-tag", ["path": "src", "tag": "v1", "message": "other", "force": true])
            let result = try await git.run("git-push", ["path": "src", "tag": "v1"])
            #expect(result.failure == .retryable(result.failure?.message ?? ""))
            #expect(result.failure?.message.contains("already exists") == true)
        }
    }

    @Test func `needs a branch`() async throws {
        try await GitBench.with { git async throws in
            try await git.clone([["path": "src", "commit": "main"]])
            let result = try await git.run("git-push", ["path": "src"])
            #expect(result.failure?.message.contains("set targetBranch") == true)
            try await git.succeed("git-tag", ["path": "src", "tag": "v1", "message": "m"])
            let output = try await git.succeed("git-push", ["path": "src", "tag": "v1"])
            #expect(output.keys.sorted() == ["commit"])
        }
    }

    @Test func `replaces the commits of others where it is told to`() async throws {
        try await GitBench.with { git async throws in
            try await git.clone()
            let commit = try await git.commit("new", "x")["commit"]
            try await git.pushAsOther("theirs", "y")
            try await git.succeed("git-push", ["path": "src", "force": true])
            #expect(try await git.inOrigin("rev-parse", "main") == commit?.stringValue)
        }
    }

    @Test(
        arguments: [
            (nil, "new|1\nother theirs|1\nfirst|0"), ("AlwaysRebase", "new|1\nother theirs|1\nfirst|0"),
            ("RebaseOrMerge", "new|1\nother theirs|1\nfirst|0"), ("RebaseOrFail", "new|1\nother theirs|1\nfirst|0"),
            ("AlwaysMerge", "Merge branch 'main' of ORIGIN|2\nnew|1\nother theirs|1\nfirst|0"),
        ] as [(String?, String)]
    )
    func `takes in the commits of others`(policy: String?, history: String) async throws {
        try await GitBench.with { git async throws in
            var git = git
            git.environment["GIT_PUSH_INTEGRATION_POLICY"] = policy
            try await git.clone()
            try await git.commit("new", "x", message: "new")
            try await git.pushAsOther("theirs", "y")
            let output = try await git.succeed("git-push", ["path": "src"])
            #expect(output["commit"]?.stringValue == (try await git.inOrigin("rev-parse", "main")))
            let log = try await git.inOrigin("log", "--topo-order", "--format=%s|%p", "main")
            let shape = log.split(separator: "\n")
                .map { line in
                    let parts = line.split(separator: "|", omittingEmptySubsequences: false)
                    return "\(parts[0])|\(parts[1].split(separator: " ").count)"
                }
            #expect(
                Set(shape) == Set(history.replacing("ORIGIN", with: git.origin).split(separator: "\n").map(String.init))
            )
            #expect(
                shape.first
                    == history.replacing("ORIGIN", with: git.origin).split(separator: "\n").first.map(String.init)
            )
            #expect(try git.bench.read("src/theirs") == "y")
        }
    }

    @Test func `does not take in anything where that is forbidden`() async throws {
        try await GitBench.with { git async throws in
            var git = git
            git.environment["GIT_PUSH_INTEGRATION_POLICY"] = "None"
            try await git.clone()
            try await git.commit("new", "x")
            try await git.pushAsOther("theirs", "y")
            let result = try await git.run("git-push", ["path": "src", "maxAttempts": 1])
            #expect(result.failure == .retryable(result.failure?.message ?? ""))
            #expect(result.failure?.message.contains("[rejected] (fetch first)") == true, "\(result)")
        }
    }

    @Test(arguments: ["AlwaysRebase", "AlwaysMerge"])
    func `fails for good where a decision is needed, and leaves the tree as it was`(policy: String) async throws {
        try await GitBench.with { git async throws in
            var git = git
            git.environment["GIT_PUSH_INTEGRATION_POLICY"] = policy
            try await git.clone()
            let commit = try await git.commit("a/file", "ours")["commit"]
            try await git.pushAsOther("a/file", "theirs")
            let result = try await git.run("git-push", ["path": "src"])
            #expect(result.status == .failed)
            guard case .terminal(let message) = result.failure else {
                Issue.record("\(result)")
                return
            }
            #expect(message.hasSuffix("merge conflict in \"a/file\""))
            let source = git.bench.path("src")
            #expect(try await git.git(["-C", source, "status", "--porcelain"]) == "")
            #expect(try await git.git(["-C", source, "symbolic-ref", "--short", "HEAD"]) == "main")
            #expect(try await git.git(["-C", source, "rev-parse", "HEAD"]) == commit?.stringValue)
        }
    }

    @Test func `says which policy there is not`() async throws {
        try await GitBench.with { git async throws in
            var git = git
            git.environment["GIT_PUSH_INTEGRATION_POLICY"] = "Sometimes"
            await #expect(throws: (any Error).self) { try await git.run("git-push", ["path": "src"]) }
        }
    }
}
