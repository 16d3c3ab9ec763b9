import KargoCore
import KargoTestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("git-clone", .tags(.integration), .timeLimit(.minutes(1)))
struct GitCloneIntegrationTests {
    @Test func `checks out a branch, a tag, a commit and the default branch`() async throws {
        try await GitBench.with { git async throws in
            let first = try await git.inOrigin("rev-parse", "main")
            try await git.inOrigin("tag", "v1", "main")
            try await git.pushAsOther("new", "x")
            let second = try await git.inOrigin("rev-parse", "main")
            let output = try await git.clone([
                ["path": "b", "branch": "main"], ["path": "t", "tag": "v1", "as": "tagged"],
                ["path": "deep/c", "commit": .string(String(first.prefix(10)))],
            ])
            #expect(
                output == [
                    "commits": ["b": .string(second), "tagged": .string(first), "deep/c": .string(first)]
                ]
            )
            #expect(try git.bench.read("b/new") == "x")
            #expect(!git.bench.contains("t/new"))
            #expect(try git.bench.read("deep/c/README") == "top\n")
            #expect(try git.clones().count == 1)
        }
    }

    @Test func `takes the default branch of the repository, whatever its name`() async throws {
        try await GitBench.with { git async throws in
            try await git.inOrigin("branch", "trunk", "main")
            try await git.inOrigin("symbolic-ref", "HEAD", "refs/heads/trunk")
            try await git.clone([["path": "src"]])
            try await git.commit("new", "x")
            try await git.succeed("git-push", ["path": "src"])
            #expect(try await git.inOrigin("show", "trunk:new") == "x")
        }
    }

    @Test func `leaves nothing in the work directory but the work tree`() async throws {
        try await GitBench.with { git async throws in
            try await git.clone()
            #expect(
                try git.bench.tree() == ["src", "src/.git", "src/README", "src/a", "src/a/file", "src/b", "src/b/file"]
            )
        }
    }

    @Test func `checks out into an empty directory, and the work directory itself`() async throws {
        try await GitBench.with { git async throws in
            try git.bench.makeDirectory("empty/inner")
            try await git.clone([["path": "empty/inner"]])
            #expect(try git.bench.read("empty/inner/README") == "top\n")
        }
        try await GitBench.with { git async throws in
            try await git.clone([["path": "."]])
            #expect(try git.bench.read("README") == "top\n")
        }
    }

    @Test func `makes a branch without history if there is none, once`() async throws {
        try await GitBench.with { git async throws in
            let checkout: [JSONValue] = [["path": "out", "branch": "stage/test", "create": true]]
            let output = try await git.clone(checkout)
            #expect(try git.bench.tree() == ["out", "out/.git"])
            #expect(
                try await git.inOrigin("log", "--format=%s|%an|%ae", "stage/test")
                    == "Initial commit|Kargo|no-reply@kargo.io"
            )
            #expect(try await git.inOrigin("ls-tree", "stage/test") == "")
            let commit = try await git.inOrigin("rev-parse", "stage/test")
            #expect(output["commits"]?["out"] == .string(commit))
            try await git.clone([["path": "again", "branch": "stage/test", "create": true]])
            #expect(try await git.inOrigin("rev-parse", "stage/test") == commit)
        }
    }

    @Test func `makes a branch of an empty repository`() async throws {
        try await GitBench.with(files: [:]) { git async throws in
            let config: JSONValue = ["repoURL": git.url, "checkout": [["path": "src"]]]
            let result = try await git.run("git-clone", config)
            #expect(result.failure?.message.contains("no default branch") == true)
            try await git.clone([["path": "src", "branch": "main", "create": true]])
            #expect(try await git.inOrigin("log", "--format=%s", "main") == "Initial commit")
        }
    }

    @Test func `checks out only some directories`() async throws {
        try await GitBench.with { git async throws in
            try await git.clone([["path": "s", "sparse": ["a"]], ["path": "whole", "commit": "main"]])
            #expect(try git.bench.tree().filter { $0.hasPrefix("s/") } == ["s/.git", "s/README", "s/a", "s/a/file"])
            #expect(git.bench.contains("whole/b/file"))
            try git.bench.write("new", to: "s/a/file")
            try await git.succeed("git-commit", ["path": "s", "message": "sparse"])
            try await git.succeed("git-push", ["path": "s"])
            #expect(try await git.inOrigin("show", "main:a/file") == "new")
            #expect(try await git.inOrigin("show", "main:b/file") == "b")
        }
    }

    @Test(arguments: ["/a", "../a", "a/../../b", "a*", "[a]", "a?"])
    func `refuses what is no directory of the repository`(pattern: String) async throws {
        try await GitBench.with { git async throws in
            let result = try await git.run(
                "git-clone",
                ["repoURL": git.url, "checkout": [["path": "src", "sparse": [.string(pattern)]]]]
            )
            #expect(result.status == .errored)
            #expect(result.failure?.message.contains(pattern) == true)
            #expect(try git.bench.tree() == [])
            #expect(try git.clones() == [])
        }
    }

    @Test func `checks out submodules of submodules`() async throws {
        try await GitBench.with { git async throws in
            try await git.makeRepository("inner.git", files: ["inner": "i"])
            try await git.makeRepository("middle.git", files: ["middle": "m"])
            for (outer, inner) in [("middle.git", "inner.git"), ("origin.git", "middle.git")] {
                let source = git.outside.file("\(outer)-source")
                try await git.git(["-C", source, "submodule", "--quiet", "add", git.outside.file(inner), "sub"])
                try await git.git(["-C", source, "commit", "--quiet", "-m", "submodule"])
                try await git.git(["-C", source, "push", "--quiet", git.outside.file(outer), "main"])
            }
            try await git.clone([["path": "without"]])
            #expect(try git.bench.tree().contains("without/sub"))
            #expect(!git.bench.contains("without/sub/middle"))
            try await git.clone([["path": "src"]], ["recurseSubmodules": true])
            #expect(try git.bench.read("src/sub/middle") == "m")
            #expect(try git.bench.read("src/sub/sub/inner") == "i")
            #expect(try await git.run("git-commit", ["path": "src", "message": "x"]).status == .skipped)
        }
    }

    @Test(
        arguments: [
            (["path": "src", "branch": "none"], "no branch \"none\""),
            (["path": "src", "tag": "none"], "no tag \"none\""),
            (["path": "src", "commit": "0123456789"], "\"0123456789\""),
            (["path": "src", "commit": "--help"], "\"--help\""),
            (["path": "taken"], "not an empty directory"), (["path": "taken/file"], "not an empty directory"),
            (["path": .string(String(repeating: "x", count: 300)), "commit": "main"], "file name too long"),
        ] as [(JSONValue, String)]
    )
    func `says what it can't check out, and leaves nothing`(checkout: JSONValue, reason: String) async throws {
        try await GitBench.with { git async throws in
            try git.bench.write("x", to: "taken/file")
            let config: JSONValue = ["repoURL": git.url, "checkout": [["path": "first", "commit": "main"], checkout]]
            let result = try await git.run("git-clone", config)
            #expect(result.status == .errored)
            #expect(result.failure?.message.contains(reason) == true, "\(result)")
            #expect(result.failure?.message.contains("\(git.bench.directory)") == false)
            #expect(try git.bench.tree() == ["taken", "taken/file"])
            #expect(try git.clones() == [])
        }
    }

    @Test func `does not check out a branch twice`() async throws {
        try await GitBench.with { git async throws in
            let config: JSONValue = [
                "repoURL": git.url, "checkout": [["path": "x"], ["path": "y", "branch": "main"]],
            ]
            let result = try await git.run("git-clone", config)
            #expect(result.failure?.message.hasSuffix("'main' is already checked out at 'x'") == true, "\(result)")
            #expect(try git.bench.tree() == [])
        }
    }

    @Test(arguments: ["/nowhere.git", "file:///nowhere.git", "ext::sh -c 'touch /tmp/kargo-never'", "--upload-pack=x"])
    func `can't clone what is no repository`(url: String) async throws {
        try await GitBench.with { git async throws in
            let config: JSONValue = ["repoURL": .string(url), "checkout": [["path": "src"]]]
            let result = try await git.run("git-clone", config)
            guard case .retryable(let message) = result.failure else {
                Issue.record("\(result)")
                return
            }
            #expect(message.hasPrefix("error cloning \(url): git clone: "))
            #expect(!message.contains(git.outside.path))
            #expect(try git.clones() == [])
        }
    }

    @Test func `fails for good on names that are used twice`() async throws {
        try await GitBench.with { git async throws in
            let config: JSONValue = [
                "repoURL": git.url, "checkout": [["path": "x", "as": "n"], ["path": "y", "tag": "t", "as": "n"]],
            ]
            #expect(try await git.run("git-clone", config) == .failed("duplicate checkout alias \"n\""))
        }
    }

    @Test func `needs an author where there is no operator's`() async throws {
        try await GitBench.with { git async throws in
            var git = git
            git.capabilities.gitIdentity = nil
            let config: [String: JSONValue] = ["repoURL": git.url, "checkout": [["path": "src"]]]
            let result = try await git.run("git-clone", .object(config))
            #expect(result.status == .errored)
            guard case .terminal(let message) = result.failure else {
                Issue.record("\(result)")
                return
            }
            #expect(message.contains("author"))
            #expect(try git.clones() == [])
            let author: JSONValue = ["name": "A", "email": "a@example.com"]
            try await git.clone([["path": "src"]], ["author": author])
            try await git.commit("x", "x")
            #expect(
                try await git.git(["-C", git.bench.path("src"), "log", "-1", "--format=%an|%ce"]) == "A|a@example.com"
            )
        }
    }

    @Test func `fails for good without git`() async throws {
        try await GitBench.with { git async throws in
            var git = git
            git.environment = ["PATH": "/nonexistent"]
            let result = try await git.run("git-clone", ["repoURL": git.url, "checkout": [["path": "src"]]])
            guard case .terminal(let message) = result.failure else {
                Issue.record("\(result)")
                return
            }
            #expect(message.contains("git is not installed"))
        }
    }

    @Test(arguments: [
        ("ünï 😀/x y'z\"", "ünï 😀/x y'z\""), ("../../src", "src"), ("/src", "src"), ("link/src", "real/src"),
        ("-src", "-src"),
    ])
    func `stays in the work directory`(path: String, real: String) async throws {
        try await GitBench.with { git async throws in
            try git.bench.makeDirectory("real")
            try git.bench.link("link", to: "/real")
            try await git.clone([["path": .string(path), "branch": "main"]])
            try git.bench.write("x", to: "\(real)/new")
            let message = "ünï 😀\n\n# no comment"
            try await git.succeed("git-commit", ["path": .string(path), "message": .string(message)])
            try await git.succeed("git-push", ["path": .string(path)])
            #expect(try await git.inOrigin("log", "-1", "--format=%B", "main") == message)
            #expect(!git.outside.contains("src"))
        }
    }

    @Test func `takes the place of a work tree that is gone`() async throws {
        try await GitBench.with { git async throws in
            try await git.inOrigin("branch", "other", "main")
            try await git.clone([["path": "src"]])
            try await git.succeed("delete", ["path": "src"])
            try await git.clone([["path": "src", "branch": "other"]])
            try await git.commit("new", "x")
            #expect(try await git.succeed("git-push", ["path": "src"])["branch"] == "other")
            try await git.succeed("delete", ["path": "src"])
            try await git.clone([["path": "src/inner"]])
            #expect(try await git.run("git-commit", ["path": "src", "message": "x"]).status == .errored)
        }
    }

    @Test func `tells git all that counts, and nothing of its own environment`() async throws {
        try await GitBench.with { git async throws in
            // It takes git's place and shows what it is told.
            let script = "#!/bin/sh\nenv >'\(git.outside.file("environment"))'\nexit 3\n"
            try git.outside.write(script, to: "bin/git")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: git.outside.file("bin/git"))
            var git = git
            git.environment = [
                "PATH": "\(git.outside.file("bin")):/usr/bin:/bin", "SECRET": "x", "GIT_SSH": "x",
                "HTTPS_PROXY": "http://p",
            ]
            let config: JSONValue = [
                "repoURL": "https://h/p", "insecureSkipTLSVerify": true, "checkout": [["path": "p"]],
            ]
            let result = try await git.run("git-clone", config)
            #expect(result.failure?.message == "error cloning https://h/p: git clone: it ended with code 3")
            let lines = try git.outside.read("environment").split(separator: "\n").map(String.init)
            let names = Set(lines.map { $0.prefix { $0 != "=" } })
            #expect(names.isDisjoint(with: ["SECRET", "GIT_SSH", "HTTPS_PROXY", "GIT_DIR", "KARGO_GIT_PASSWORD"]))
            #expect(lines.contains("https_proxy=http://p"))
            #expect(lines.contains("GIT_TERMINAL_PROMPT=0"))
            let number = lines.first { $0.hasSuffix("=http.sslVerify") }?.split(separator: "=")[0].split(separator: "_")
                .last
            #expect(lines.contains("GIT_CONFIG_VALUE_\(number ?? "")=false"))
        }
    }

    @Test func `begins anew where it was killed`() async throws {
        try await GitBench.with { git async throws in
            let record =
                #"{"url": "x", "name": "n", "email": "e", "isComplete": false, "skipsTLSVerification": false, "#
                + #""isBlobless": false, "signingKey": "", "trees": [{"path": ["src"], "name": ""}]}"#
            try git.outside.write(record, to: "private/git/dead/clone.json")
            try git.bench.write("half", to: "src/half")
            try await git.clone()
            #expect(!git.bench.contains("src/half"))
            #expect(try git.clones() != ["dead"])
            #expect(try git.clones().count == 1)
        }
    }

    @Test func `clones without contents, which come when they are needed`() async throws {
        try await GitBench.with { git async throws in
            try await git.inOrigin("config", "uploadpack.allowFilter", "true")
            let config: JSONValue = [
                "repoURL": .string("file://\(git.origin)"), "blobless": true,
                "checkout": [["path": "src", "branch": "main", "sparse": ["a"]]],
            ]
            try await git.succeed("git-clone", config)
            #expect(try git.bench.read("src/a/file") == "a\n")
            try git.bench.write("new", to: "src/a/file")
            try await git.succeed("git-commit", ["path": "src", "message": "x"])
            try await git.pushAsOther("b/file", "theirs")
            try await git.succeed("git-push", ["path": "src"])
            #expect(try await git.inOrigin("show", "main:a/file") == "new")
            #expect(try await git.inOrigin("show", "main:b/file") == "theirs")
        }
    }
}
