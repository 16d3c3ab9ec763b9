import KargoCore
import KargoTestSupport
import Testing

@Suite("git-commit, git-clear and git-tag", .tags(.integration), .timeLimit(.minutes(1)))
struct GitCommitIntegrationTests {
    @Test func `commits what is new, changed and gone`() async throws {
        try await GitBench.with { git async throws in
            let before = try await git.clone()
            try git.bench.write("x", to: "src/new/dir/file")
            try git.bench.write("changed", to: "src/a/file")
            #expect(try await git.run("delete", ["path": "src/b"]).status == .succeeded)
            let output = try await git.succeed("git-commit", ["path": "src", "message": "one\n\ntwo"])
            let source = git.bench.path("src")
            #expect(output["commit"]?.stringValue == (try await git.git(["-C", source, "rev-parse", "HEAD"])))
            #expect(output["commit"] != before["commits"]?["src"])
            #expect(
                try await git.git(["-C", source, "show", "--name-status", "--format=%B|%an <%ae>|%cn <%ce>"])
                    == """
                    one

                    two
                    |Kargo <no-reply@kargo.io>|Kargo <no-reply@kargo.io>

                    M\ta/file
                    D\tb/file
                    A\tnew/dir/file
                    """
            )
        }
    }

    @Test func `is skipped if nothing has changed, and tells the commit`() async throws {
        try await GitBench.with { git async throws in
            let output = try await git.clone()
            try git.bench.makeDirectory("src/empty")
            let result = try await git.run("git-commit", ["path": "src", "message": "x"])
            #expect(result.status == .skipped)
            #expect(result.output?["commit"] == output["commits"]?["src"])
            #expect(result.failure == nil)
        }
    }

    @Test func `commits only what is in the directory`() async throws {
        try await GitBench.with { git async throws in
            try await git.clone()
            try git.bench.write("x", to: "src/a/new")
            #expect(try await git.run("git-commit", ["path": "src/b", "message": "x"]).status == .skipped)
            try git.bench.write("x", to: "src/b/new")
            try await git.succeed("git-commit", ["path": "src/b", "message": "x"])
            let names = try await git.git(["-C", git.bench.path("src"), "show", "--name-only", "--format="])
            #expect(names == "b/new")
            #expect(git.bench.contains("src/a/new"))
        }
    }

    @Test func `finds the work tree through a link`() async throws {
        try await GitBench.with { git async throws in
            try await git.clone([["path": "deep/src"]])
            try git.bench.link("link", to: "deep/src/a")
            try git.bench.write("x", to: "deep/src/a/new")
            try await git.succeed("git-commit", ["path": "link", "message": "x"])
            let status = try await git.git(["-C", git.bench.path("deep/src"), "status", "--porcelain"])
            #expect(status == "")
        }
    }

    @Test func `goes to the inner of two work trees`() async throws {
        try await GitBench.with { git async throws in
            try await git.inOrigin("branch", "other", "main")
            try await git.clone([["path": "src"], ["path": "src/inner", "branch": "other"]])
            try git.bench.write("x", to: "src/inner/new")
            try await git.succeed("git-commit", ["path": "src/inner", "message": "x"])
            try await git.succeed("git-push", ["path": "src/inner"])
            #expect(try await git.inOrigin("show", "other:new") == "x")
        }
    }

    @Test func `commits in another name`() async throws {
        try await GitBench.with { git async throws in
            try await git.clone()
            try git.bench.write("x", to: "src/new")
            let author: JSONValue = ["name": "Ünï", "email": "u@example.com"]
            try await git.succeed("git-commit", ["path": "src", "message": "x", "author": author])
            try await git.commit("newer", "x")
            let log = try await git.git(["-C", git.bench.path("src"), "log", "-2", "--format=%an|%ae|%cn|%ce"])
            #expect(log == "Kargo|no-reply@kargo.io|Kargo|no-reply@kargo.io\nÜnï|u@example.com|Ünï|u@example.com")
        }
    }

    @Test func `fails with a message of blanks`() async throws {
        try await GitBench.with { git async throws in
            try await git.clone()
            try git.bench.write("x", to: "src/new")
            let result = try await git.run("git-commit", ["path": "src", "message": " \n "])
            #expect(result.failure?.message.hasPrefix("error committing \"src\": git commit: ") == true, "\(result)")
        }
    }

    @Test(arguments: ["git-commit", "git-clear", "git-tag", "git-push"])
    func `knows only work trees of git-clone`(kind: String) async throws {
        try await GitBench.with { git async throws in
            try await git.clone()
            try await git.git(["init", "--quiet", git.bench.path("own")])
            try git.bench.link("out", to: git.origin)
            let more: [String: JSONValue] =
                switch kind {
                case "git-commit": ["message": "x"]
                case "git-tag": ["message": "x", "tag": "t"]
                default: [:]
                }
            for path in [".", "own", "own/.git", "none", "../origin.git", "out", "src/none", "src/README", "/"] {
                let result = try await git.run(kind, .object(more.merging(["path": .string(path)]) { $1 }))
                #expect(result.status == .errored, "\(path)")
                #expect(result.failure?.message.contains(git.outside.path) == false)
            }
        }
    }

    // MARK: git-clear

    @Test func `clears all that git knows`() async throws {
        try await GitBench.with(files: [".gitignore": "*.log\n", "a/b/c": "x", "ü 😀": "y"]) { git async throws in
            try await git.clone()
            try git.bench.write("x", to: "src/untracked/file")
            try git.bench.write("x", to: "src/kept.log")
            try await git.succeed("git-clear", ["path": "src"])
            #expect(try git.bench.tree() == ["src", "src/.git", "src/kept.log"])
            // A tree that is empty already.
            try await git.succeed("git-clear", ["path": "src"])
        }
    }

    @Test func `clears a directory, which stays`() async throws {
        try await GitBench.with { git async throws in
            try await git.clone()
            try await git.succeed("git-clear", ["path": "src/a"])
            #expect(try git.bench.tree() == ["src", "src/.git", "src/README", "src/a", "src/b", "src/b/file"])
        }
    }

    // MARK: git-tag

    @Test func `makes a tag with a message`() async throws {
        try await GitBench.with { git async throws in
            try await git.clone()
            let made = try await git.commit("new", "x")
            let message = "# Notes\n\nmore"
            let config: [String: JSONValue] = ["path": "src", "tag": "v1.0/ü", "message": .string(message)]
            let output = try await git.succeed("git-tag", .object(config))
            #expect(output == made)
            let source = git.bench.path("src")
            #expect(try await git.git(["-C", source, "tag", "--list", "--format=%(contents)", "v1.0/ü"]) == message)
            #expect(try await git.git(["-C", source, "cat-file", "-t", "v1.0/ü"]) == "tag")

            let again = try await git.run("git-tag", .object(config))
            #expect(again.failure == .retryable(again.failure?.message ?? ""))
            #expect(again.failure?.message.contains("already exists") == true)
            try await git.succeed("git-tag", .object(config.merging(["force": true, "unknown": 1]) { $1 }))
        }
    }
}
