import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("A plugin between the steps about git", .tags(.integration), .timeLimit(.minutes(2)))
struct GitAttackIntegrationTests {
    private static let files = GitBench.files.merging(["x.a": "a", "x.bin": "b", "x.d": "d", "x.t": "t"]) { $1 }

    private func with(_ body: (GitBench, GitHTTPServer, GitAttacker) async throws -> Void) async throws {
        try await GitBench.with(files: Self.files) { git async throws in
            try await GitHTTPServer.with(git.outside) { server in
                var git = git
                git.capabilities.credentials = FixedCredentials(
                    RepositoryCredentials(
                        username: GitHTTPServer.credentials.username,
                        password: GitHTTPServer.credentials.password
                    )
                )
                let attacker = try GitAttacker(
                    git,
                    url: "\(server.url)/origin.git",
                    otherHost: "http://localhost:\(server.port)"
                )
                let config: JSONValue = [
                    "repoURL": .string("\(server.url)/origin.git"),
                    "checkout": [["path": "src", "branch": "main"]],
                ]
                try await git.succeed("git-clone", config)
                try await body(git, server, attacker)
            }
        }
    }

    /// All steps that run git in a work tree, with something to do for each.
    private func runSteps(_ git: GitBench) async throws {
        let stamp = UUID().uuidString
        for name in ["x.a", "x.bin", "x.d", "x.t", "README", "a/file"] {
            try git.bench.write("\(name) \(stamp)", to: "src/\(name)")
        }
        try await git.succeed("git-commit", ["path": "src", "message": .string(stamp)])
        try await git.succeed("git-tag", ["path": "src", "tag": .string(stamp), "message": "m"])
        // A rebase, a merge driver and a checkout of files, if git would.
        try await git.pushAsOther("theirs-\(stamp)", stamp)
        try await git.succeed("git-push", ["path": "src"])
        try await git.succeed("git-push", ["path": "src", "tag": .string(stamp)])
        #expect(try await git.inOrigin("show", "main:x.a") == "x.a \(stamp)")
        #expect(try await git.inOrigin("show", "main:theirs-\(stamp)") == stamp)
        #expect(try git.bench.read("src/theirs-\(stamp)") == stamp)
    }

    /// That the attacker's host was not asked, and nobody has seen the password.
    private func expectNoLeak(_ server: GitHTTPServer) throws {
        let requests = try server.requests()
        #expect(requests.contains { $0.hasSuffix("/origin.git/git-receive-pack password") })
        #expect(!requests.contains { $0.contains(" localhost ") }, "\(requests)")
        #expect(!requests.contains { $0.hasSuffix("LEAK") })
    }

    @Test(arguments: ["a directory", "a link to a directory", "a file that leads elsewhere"])
    func `runs nothing by a repository in place of the work tree's`(kind: String) async throws {
        try await with { git, server, attacker in
            let tree = git.bench.path("src")
            try await attacker.arm(tree)
            try await attacker.shell(#"git config url."$OTHER/".insteadOf "${URL%origin.git}""#, in: tree)
            switch kind {
            case "a link to a directory":
                try await attacker.shell(#"mv .git "$EVIL/repository" && ln -s "$EVIL/repository" .git"#, in: tree)
            case "a file that leads elsewhere":
                let script = """
                    mv .git "$EVIL/repository" && echo "gitdir: $EVIL/repository" >.git && git config core.worktree "$PWD"
                    echo "gitdir: $EVIL/repository/modules/module" >module/.git
                    git config -f "$EVIL/repository/modules/module/config" core.worktree "$PWD/module"
                    """
                try await attacker.shell(script, in: tree)
            default: break
            }
            try await runSteps(git)
            #expect(try attacker.ran() == [])
            try expectNoLeak(server)
            // Each of them would have harmed somebody else.
            #expect(try await attacker.harmful(in: tree) == Set(GitAttacker.weapons.map(\.name)))
            #expect(try await attacker.shell(#"git ls-remote --get-url "$URL""#, in: tree).contains("localhost"))
            try await git.succeed("git-clear", ["path": "src"])
            #expect(try attacker.ran() == [])
        }
    }

    @Test(arguments: [(false, "AlwaysRebase"), (true, "AlwaysRebase"), (true, "AlwaysMerge")])
    func `runs nothing by a repository in the work tree`(isTracked: Bool, policy: String) async throws {
        try await with { git, server, attacker in
            var git = git
            git.environment["GIT_PUSH_INTEGRATION_POLICY"] = policy
            let tree = git.bench.path("src")
            try await attacker.plantNested("nested", in: tree)
            if isTracked { try await attacker.showNested("nested", in: tree) }
            // git knows the directory as a submodule, and looks whether it has changed.
            if isTracked { try await git.succeed("git-commit", ["path": "src", "message": "nested"]) }
            try await attacker.shell("cd nested && date >file && date >another", in: tree)
            _ = try attacker.ran()
            try await runSteps(git)
            #expect(try attacker.ran() == [])
            try expectNoLeak(server)
            if isTracked {
                #expect(try await git.git(["-C", tree, "ls-files", "--stage", "nested"]).hasPrefix("160000 "))
            }
            try await attacker.shell("git add nested; date >nested/file; git status; git diff", in: tree)
            #expect(try attacker.ran() == ["nested"])
            try await git.succeed("git-clear", ["path": "src"])
            #expect(try attacker.ran() == [])
            #expect(!git.bench.contains("src/nested"))
        }
    }

    @Test(arguments: ["AlwaysRebase", "AlwaysMerge"])
    func `runs nothing by a repository in the work tree where a decision is needed`(policy: String) async throws {
        try await with { git, server, attacker in
            var git = git
            git.environment["GIT_PUSH_INTEGRATION_POLICY"] = policy
            let tree = git.bench.path("src")
            try await attacker.plantNested("nested", in: tree)
            try await attacker.showNested("nested", in: tree)
            try git.bench.write("ours", to: "src/README")
            try await git.succeed("git-commit", ["path": "src", "message": "ours"])
            try await git.pushAsOther("README", "theirs")
            try await attacker.shell("date >nested/file", in: tree)
            _ = try attacker.ran()
            let result = try await git.run("git-push", ["path": "src"])
            #expect(result.failure?.message.hasSuffix("merge conflict in \"README\"") == true, "\(result)")
            #expect(try attacker.ran() == [])
            #expect(try git.bench.read("src/README") == "ours")
            #expect(try !server.requests().contains { $0.contains(" localhost ") })
            try await attacker.shell("date >nested/file; git diff --name-only", in: tree)
            #expect(try attacker.ran() == ["nested"])
        }
    }

    @Test func `gets nothing from outside by links and other files`() async throws {
        try await with { git, server, attacker in
            try git.outside.write("TOP SECRET", to: "secret/file")
            let tree = git.bench.path("src")
            let script = """
                rm -rf a b && ln -s '\(git.outside.file("secret"))' a && ln -s '\(git.outside.file("secret/file"))' b
                ln -s '\(git.outside.file("secret/file"))' .mailmap
                printf '[lfs]\\n url = %s/lfs\\n' "$OTHER" >.lfsconfig
                printf '[submodule "b"]\\n path = b\\n url = %s/origin.git\\n update = !touch x\\n' "$OTHER" >.gitmodules
                mkfifo pipe
                """
            try await attacker.shell(script, in: tree)
            try git.bench.write("x", to: "src/new")
            try await git.succeed("git-commit", ["path": "src", "message": "links"])
            try await git.succeed("git-push", ["path": "src"])
            try expectNoLeak(server)
            #expect(try await git.inOrigin("show", "main:a") == git.outside.file("secret"))
            #expect(try await git.inOrigin("show", "main:new") == "x")
            #expect(try await !holds("TOP SECRET", git))
            try await git.succeed("git-clear", ["path": "src"])
            #expect(try git.outside.read("secret/file") == "TOP SECRET")
            // A work tree's place, and a directory on the way to it.
            for path in ["src", "src/a"] {
                try await attacker.shell("rm -rf src && ln -s ../secret src", in: git.bench.directory)
                for (kind, more) in [
                    ("git-commit", ["message": "m"]), ("git-clear", [:]), ("git-push", [:]),
                    ("git-tag", ["tag": "t", "message": "m"]),
                ] as [(String, [String: JSONValue])] {
                    let config = more.merging(["path": .string(path)]) { $1 }
                    let result = try? await git.run(kind, .object(config))
                    #expect(result == nil || result?.status == .errored, "\(kind)")
                }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: git.outside.file("secret")) == ["file"])
        }
    }

    @Test(arguments: [(".", "config"), ("worktrees/*", "commondir"), ("worktrees/*", "config.worktree")])
    func `is not heard if git was led to write its own configuration`(place: String, file: String) async throws {
        try await with { git, _, attacker in
            let stores = git.outside.file("private/repositories")
            let script = #"""
                printf '[filter "a"]\n clean = "%s"\n' "$EVIL/clean" >more
                for directory in */\#(place); do cat more >>"$directory/\#(file)"; done
                """#
            try await attacker.shell(script, in: stores)
            try git.bench.write("* filter=a\n", to: "src/.gitattributes")
            let result = try await git.run("git-commit", ["path": "src", "message": "x"])
            #expect(result.failure?.message.contains("not the one it was made with") == true, "\(result)")
            #expect(try attacker.ran() == [])
        }
    }

    /// Whether a text is in any object of the clones.
    private func holds(_ text: String, _ git: GitBench) async throws -> Bool {
        for clone in try git.clones() {
            let arguments = ["--git-dir", git.outside.file("private/repositories/\(clone)")]
            let objects = try await git.git(arguments + ["cat-file", "--batch-all-objects", "--batch"])
            if objects.contains(text) { return true }
        }
        return false
    }
}
