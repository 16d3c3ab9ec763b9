import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Remote git repositories", .tags(.integration), .timeLimit(.minutes(1)))
struct GitRemoteIntegrationTests {
    private static let known = RepositoryCredentials(
        username: GitHTTPServer.credentials.username,
        password: GitHTTPServer.credentials.password
    )

    private func with(_ body: (GitBench, GitHTTPServer) async throws -> Void) async throws {
        try await GitBench.with { git async throws in
            try await GitHTTPServer.with(git.outside) { server in try await body(git, server) }
        }
    }

    private func cloning(_ url: String) -> JSONValue { ["repoURL": .string(url), "checkout": [["path": "src"]]] }

    /// Whether any file below a directory holds a text.
    private func isWritten(_ text: String, below path: String) throws -> Bool {
        try FileManager.default.subpathsOfDirectory(atPath: path)
            .contains { name in
                let content = FileManager.default.contents(atPath: "\(path)/\(name)") ?? Data()
                return content.firstRange(of: Data(text.utf8)) != nil
            }
    }

    @Test func `are opened with the Project's credentials, which nobody else gets to see`() async throws {
        try await with { git, server in
            var git = git
            let credentials = FixedCredentials(Self.known)
            git.capabilities.credentials = credentials
            let url = "\(server.url)/origin.git"
            try await git.succeed("git-clone", cloning(url))
            try await git.commit("new", "x")
            try await git.pushAsOther("theirs", "y")
            let output = try await git.succeed("git-push", ["path": "src", "provider": "gitea"])
            let commit = try #require(output["commit"]?.stringValue)
            #expect(output["commitURL"] == .string("\(server.url)/origin/commit/\(commit)"))
            #expect(try await git.inOrigin("rev-parse", "main") == commit)
            #expect(try await git.inOrigin("show", "main:theirs") == "y")
            #expect(await credentials.asked == ["git \(url) project", "git \(url) project"])
            let requests = try server.requests()
            #expect(requests.contains { $0.hasSuffix("git-receive-pack password") })
            #expect(!requests.contains { $0.hasSuffix("LEAK") })
            #expect(try !isWritten(GitHTTPServer.credentials.password, below: git.outside.file("private")))
            #expect(try !isWritten(GitHTTPServer.credentials.password, below: git.bench.directory))
        }
    }

    @Test(arguments: ["origin.git/", "my%20repo.git", "Grüße/./x.git", "%6Frigin.git"])
    func `are opened by URLs of any form`(path: String) async throws {
        try await with { git, server in
            var git = git
            git.capabilities.credentials = FixedCredentials(Self.known)
            for name in ["my repo.git", "Grüße/x.git"] { try await git.makeRepository(name, files: ["f": "x"]) }
            try await git.succeed("git-clone", cloning("\(server.url)/\(path)"))
            #expect(try server.requests().contains { $0.hasSuffix(" password") })
        }
    }

    @Test func `have submodules with credentials of their own`() async throws {
        try await with { git, server in
            var git = git
            git.capabilities.credentials = FixedCredentials(Self.known)
            try await git.makeRepository("inner.git", files: ["inner": "1"])
            try await git.makeRepository("outer.git", files: ["outer": "2"])
            for (outer, inner) in [("outer.git", "inner.git"), ("origin.git", "outer.git")] {
                let source = git.outside.file("\(outer)-source")
                let url = git.outside.file(inner)
                let more = ["-c", "protocol.file.allow=always"]
                try await git.git(more + ["-C", source, "submodule", "--quiet", "add", url, "sub"])
                try await git.git(["-C", source, "config", "-f", ".gitmodules", "submodule.sub.url", "../\(inner)"])
                try await git.git(["-C", source, "commit", "--quiet", "-a", "-m", "sub"])
                try await git.git(["-C", source, "push", "--quiet", git.outside.file(outer), "main"])
            }
            let config: JSONValue = [
                "repoURL": .string("\(server.url)/origin.git"), "recurseSubmodules": true,
                "checkout": [["path": "src", "branch": "main"]],
            ]
            try await git.succeed("git-clone", config)
            #expect(try git.bench.read("src/sub/sub/inner") == "1")
            for name in ["origin.git", "outer.git", "inner.git"] {
                #expect(try server.requests().contains { $0.contains("/\(name)/") && $0.hasSuffix(" password") })
            }
            // Plugins find the repositories too.
            #expect(try await git.git(["-C", git.bench.path("src/sub/sub"), "status", "--porcelain"]) == "")
            try git.bench.write("3", to: "src/sub/sub/inner")
            #expect(try await git.run("git-commit", ["path": "src", "message": "x"]).status == .skipped)
        }
    }

    @Test func `say so without credentials, and with wrong ones`() async throws {
        try await with { git, server in
            let url = "\(server.url)/origin.git"
            let result = try await git.run("git-clone", cloning(url))
            #expect(result.status == .errored)
            #expect(result.failure?.message.contains("could not read Username") == true, "\(result)")
            var git = git
            let wrong = RepositoryCredentials(username: "user", password: "wrong-password")
            git.capabilities.credentials = FixedCredentials(wrong)
            let refused = try await git.run("git-clone", cloning(url))
            #expect(refused.failure?.message.contains("Authentication failed") == true, "\(refused)")
            #expect(refused.failure?.message.contains("wrong-password") == false)
            let inURL = try await git.run("git-clone", cloning("http://user:hunter2@127.0.0.1:\(server.port)/none.git"))
            #expect(inURL.failure?.message.contains("hunter2") == false, "\(inURL)")
            #expect(inURL.failure?.message.contains("Authentication failed") == true, "\(inURL)")
        }
    }

    @Test func `are not looked for elsewhere`() async throws {
        try await with { git, server in
            var git = git
            git.capabilities.credentials = FixedCredentials(Self.known)
            let result = try await git.run("git-clone", cloning("\(server.url)/moved/origin.git"))
            #expect(result.status == .errored)
            #expect(result.failure?.message.contains("has moved") == true, "\(result)")
            let requests = try server.requests()
            #expect(requests == ["GET 127.0.0.1 /moved/origin.git/info/refs none"])
        }
    }

    @Test func `may have a password in the URL, which stays out of git's files and arguments`() async throws {
        try await with { git, server in
            let text = "pa%20ss%27w%22%C3%B6%2F%25%24rd"
            let url = server.url.replacing("://", with: "://user%40example.com:\(text)@") + "/origin.git"
            try await git.succeed("git-clone", cloning(url))
            try await git.commit("new", "x")
            try await git.succeed("git-push", ["path": "src"])
            #expect(try await git.inOrigin("show", "main:new") == "x")
            #expect(try !server.requests().contains { $0.hasSuffix("LEAK") })
            for secret in [text, GitHTTPServer.credentials.password] {
                #expect(try !isWritten(secret, below: git.outside.file("private/repositories")))
                #expect(try !isWritten(secret, below: git.bench.directory))
            }
        }
    }

    @Test func `are opened with a key by ssh, which is gone afterwards`() async throws {
        try await GitBench.with { git async throws in
            // There is no server for ssh, so a script takes its place.
            let script = """
                #!/bin/sh
                echo "$@" >>'\(git.outside.file("ssh.log"))'
                cat "$HOME/.ssh/id" >>'\(git.outside.file("ssh.log"))'
                for last; do :; done
                exec sh -c "$last"

                """
            try git.outside.write(script, to: "bin/ssh")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: git.outside.file("bin/ssh"))
            var git = git
            let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
            git.environment = ["PATH": "\(git.outside.file("bin")):\(path)"]
            git.privateName = "it's private"
            git.capabilities.credentials = FixedCredentials(RepositoryCredentials(sshPrivateKey: "PRIVATE KEY"))
            try await git.succeed("git-clone", cloning("git@example.com:\(git.origin)"))
            try await git.commit("new", "x")
            try await git.succeed("git-push", ["path": "src"])
            #expect(try await git.inOrigin("show", "main:new") == "x")
            let log = try git.outside.read("ssh.log")
            #expect(log.contains("git@example.com git-receive-pack"))
            #expect(log.split(separator: "\n").count(where: { $0 == "PRIVATE KEY" }) == 2)
            #expect(try !isWritten("PRIVATE KEY", below: git.outside.file(git.privateName)))
        }
    }

    @Test func `are left at once when the task is cancelled`() async throws {
        try await GitBench.with { git async throws in
            let pipe = try Pipe(in: git.outside)
            try await GitHTTPServer.with(git.outside, pipe: pipe.path) { server in
                let config = cloning("\(server.url)/slow/origin.git")
                let task = Task { try await git.run("git-clone", config) }
                try await pipe.read { first, end in
                    #expect(first == "asked")
                    task.cancel()
                    await #expect(throws: CancellationError.self) { try await task.value }
                    try await end()
                }
                #expect(try git.bench.tree() == [])
                #expect(try git.clones() == [])
            }
        }
    }
}

@Suite("git that is cancelled", .tags(.integration), .timeLimit(.minutes(1)))
struct GitCancellationIntegrationTests {
    @Test func `is killed if it does not listen, and what it has begun is taken away`() async throws {
        try await GitBench.with { git async throws in
            let pipe = try Pipe(in: git.outside)
            let program = try #require(ProgramPath(environment: ProcessInfo.processInfo.environment).find("git"))
            // It takes git's place, gets stuck while it checks out, and a child of it too.
            let script = """
                #!/bin/sh
                case "$*" in *"worktree add"*)
                    trap '' TERM
                    mkdir -p '\(git.bench.path("src"))'
                    echo half >'\(git.bench.path("src/half"))'
                    exec 3>'\(pipe.path)'
                    echo started >&3
                    while :; do sleep 1; done
                esac
                exec '\(program)' "$@"

                """
            try git.outside.write(script, to: "bin/git")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: git.outside.file("bin/git"))
            var git = git
            git.environment = ["PATH": "\(git.outside.file("bin")):/usr/bin:/bin"]
            let config: JSONValue = ["repoURL": git.url, "checkout": [["path": "src"]]]
            let task = Task { [git] in try await git.run("git-clone", config) }
            try await pipe.read { _, end in
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                try await end()
            }
            #expect(try git.bench.tree() == [])
            #expect(try git.clones() == [])
        }
    }

    @Test func `does not begin`() async throws {
        try await GitBench.with { git async throws in
            try await git.clone()
            for (kind, more) in [
                ("git-clone", ["repoURL": git.url, "checkout": [["path": "x"]]]), ("git-clear", ["path": "src"]),
                ("git-commit", ["path": "src", "message": "m"]), ("git-push", ["path": "src"]),
                ("git-tag", ["path": "src", "tag": "t", "message": "m"]),
            ] as [(String, JSONValue)] {
                let task = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await git.run(kind, more)
                }
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            #expect(!git.bench.contains("x"))
            #expect(try git.clones().count == 1)
        }
    }
}

@Suite("What others write into work trees", .tags(.integration), .timeLimit(.minutes(1)))
struct HostileWorkTreeIntegrationTests {
    @Test func `runs nothing, and leads git nowhere`() async throws {
        try await GitBench.with { git async throws in
            try await git.clone()
            let marker = git.outside.file("ran")
            // A repository of their own in the place of the link to the clone, with programs for every occasion.
            try FileManager.default.removeItem(atPath: git.bench.path("src/.git"))
            for repository in ["src", "src/nested"] {
                try await git.git(["init", "--quiet", git.bench.path(repository)])
                for key in ["core.fsmonitor", "filter.f.clean", "filter.f.process", "diff.external", "gpg.program"] {
                    let path = git.bench.path(repository)
                    try await git.git(["-C", path, "config", key, "touch '\(marker)'; false"])
                }
                for hook in ["pre-commit", "post-commit", "pre-push", "post-index-change", "reference-transaction"] {
                    let path = "\(repository)/.git/hooks/\(hook)"
                    try git.bench.write("#!/bin/sh\ntouch '\(marker)'\n", to: path)
                    try git.bench.setMode(0o755, of: path)
                }
            }
            try git.bench.write("* filter=f diff=f\n", to: "src/.gitattributes")
            try git.bench.write("x", to: "src/new")
            try git.bench.write("x", to: "src/nested/file")
            try await git.git([
                "-C", git.bench.path("src/nested"), "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false",
                "commit", "--quiet", "--allow-empty", "-m", "nested",
            ])
            try await git.succeed("git-commit", ["path": "src", "message": "mine"])
            try git.bench.write("y", to: "src/nested/file")
            #expect(try await git.run("git-commit", ["path": "src", "message": "none"]).status == .skipped)
            try await git.succeed("git-tag", ["path": "src", "tag": "t", "message": "m"])
            try await git.pushAsOther("theirs", "y")
            try await git.succeed("git-push", ["path": "src"])
            try await git.succeed("delete", ["path": "src/nested"])
            try await git.succeed("git-clear", ["path": "src"])
            #expect(try await git.inOrigin("log", "-1", "--format=%s", "main") == "mine")
            #expect(try await git.inOrigin("show", "main:new") == "x")
            #expect(!git.outside.contains("ran"))
        }
    }
}
