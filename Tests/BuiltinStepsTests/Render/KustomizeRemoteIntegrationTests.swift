import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("kustomize-build: addresses", .tags(.integration))
struct KustomizeRemoteIntegrationTests {
    private static let path = ProgramPath(environment: ProcessInfo.processInfo.environment)
    private static let hasPrograms = ["git", "python3", "kubectl"].allSatisfy { path.find($0) != nil }

    /// Serves repositories over HTTP as Git's own program for that does.
    private static let server = """
        import http.server, os, sys
        root, pipe = sys.argv[1:]
        class Handler(http.server.CGIHTTPRequestHandler):
            have_fork = True
            def is_cgi(self):
                self.cgi_info = '', 'git-http-backend/' + self.path.lstrip('/')
                return True
            def translate_path(self, path):
                return os.popen('git --exec-path').read().strip() + '/git-http-backend'
            def log_message(self, *arguments): pass
        os.environ.update(GIT_PROJECT_ROOT=root, GIT_HTTP_EXPORT_ALL='1', GIT_CONFIG_NOSYSTEM='1', HOME=root,
            GIT_CONFIG_COUNT='1', GIT_CONFIG_KEY_0='safe.directory', GIT_CONFIG_VALUE_0='*')
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        with open(pipe, 'w') as file: print(server.server_port, file=file)
        server.serve_forever()
        """

    private static func configMap(_ name: String) -> String {
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \(name)\n"
    }

    private func withRepository(
        _ files: [String: String],
        _ body: @escaping @Sendable (StepBench, _ url: String) async throws -> Void
    ) async throws {
        try await StepBench.with { bench in
            let outside = bench.outside
            for (name, text) in files { try outside.write(text, to: "git/org/repo/\(name)") }
            let git = "git -c user.name=a -c user.email=a@example.com -c init.defaultBranch=main"
            let made = try await ChildProcess(
                program: "/bin/sh",
                arguments: ["-c", "\(git) init -q && \(git) add . && \(git) commit -qm x && \(git) tag v1"],
                environment: ["PATH": Self.path.value, "HOME": outside.path],
                directory: outside.file("git/org/repo")
            )
            .run()
            #expect(made.isSuccess, "\(made.diagnostics)")
            let pipe = try Pipe(in: outside)
            let server = ChildProcess(
                program: try #require(Self.path.find("python3")),
                arguments: ["-c", Self.server, outside.file("git"), pipe.path],
                environment: ["PATH": Self.path.value, "HOME": outside.path],
                directory: "/"
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await server.run() }
                try await pipe.read { port, _ in
                    let number = port.filter(\.isNumber)
                    try await body(bench, "http://127.0.0.1:\(number)/org/repo")
                }
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
        }
    }

    @Test(.enabled(if: hasPrograms))
    func `builds on a repository, and what that builds on`() async throws {
        try await withRepository([
            "base/kustomization.yaml": "resources: [../common, c.yaml]", "base/c.yaml": Self.configMap("c"),
            "common/kustomization.yaml": "resources: [d.yaml]", "common/d.yaml": Self.configMap("d"),
        ]) { bench, url in
            for reference in ["\(url)//base?ref=v1", "\(url)/base"] {
                try bench.write("resources: ['\(reference)']\nnamePrefix: x-\n", to: "app/kustomization.yaml")
                let result = try await bench.run(
                    "kustomize-build",
                    ["path": "app", "outPath": "out"],
                    environment: ["PATH": Self.path.value]
                )
                #expect(result == .succeeded())
                #expect(
                    try bench.tree().filter { $0.hasPrefix("out/") } == [
                        "out/configmap-x-c.yaml", "out/configmap-x-d.yaml",
                    ]
                )
            }
        }
    }

    @Test(
        .enabled(if: hasPrograms),
        arguments: [
            ("resources: ['https://example.com/a/b?ref=--upload-pack=x']", "begins with \"-\""),
            ("configMapGenerator: [{name: a, files: [/etc/passwd]}]", "leads out of"),
            ("configMapGenerator: [{name: a, files: [../../../../etc/passwd]}]", "leads out of"),
            ("resources: ['file:///etc']", "scheme other than"),
        ]
    )
    func `trusts a repository as little as the work directory`(kustomization: String, problem: String) async throws {
        try await withRepository(["base/kustomization.yaml": kustomization]) { bench, url in
            try bench.write("resources: ['\(url)//base']\n", to: "app/kustomization.yaml")
            let result = try await bench.run(
                "kustomize-build",
                ["path": "app", "outPath": "out"],
                environment: ["PATH": Self.path.value]
            )
            #expect(result.status == .errored)
            #expect(result.message.contains(problem), "\(result.message)")
        }
    }

    @Test(.enabled(if: hasPrograms))
    func `follows no link out of a repository`() async throws {
        try await withRepository(["base/kustomization.yaml": "resources: [../link]"]) { bench, url in
            try bench.link("../git/org/repo/link", to: "/etc/hostname")
            let made = try await ChildProcess(
                program: "/bin/sh",
                arguments: ["-c", "git add . && git -c user.name=a -c user.email=a@example.com commit -qm x"],
                environment: ["PATH": Self.path.value, "HOME": bench.outside.path],
                directory: bench.outside.file("git/org/repo")
            )
            .run()
            #expect(made.isSuccess, "\(made.diagnostics)")
            try bench.write("resources: ['\(url)//base']\n", to: "app/kustomization.yaml")
            let result = try await bench.run(
                "kustomize-build",
                ["path": "app", "outPath": "out"],
                environment: ["PATH": Self.path.value]
            )
            #expect(result.status == .errored)
            #expect(!bench.contains("out"))
        }
    }

    @Test(.enabled(if: hasPrograms))
    func `says that there is no such revision`() async throws {
        try await withRepository(["kustomization.yaml": "{}"]) { bench, url in
            try bench.write("resources: ['\(url)?ref=nope']\n", to: "app/kustomization.yaml")
            let result = try await bench.run(
                "kustomize-build",
                ["path": "app", "outPath": "out"],
                environment: ["PATH": Self.path.value]
            )
            #expect(result.status == .errored)
            #expect(result.message.contains("nope"))
        }
    }

    @Test(.enabled(if: hasPrograms))
    func `takes a file from a server`() async throws {
        try await StepBench.with { bench in
            try await StubServer.with(answer: .always(.text(Self.configMap("far")))) { server in
                try bench.write("resources: ['\(server.url("/a/b/c.yaml"))']\n", to: "kustomization.yaml")
                let result = try await bench.run(
                    "kustomize-build",
                    ["path": ".", "outPath": "o.yaml"],
                    environment: ["PATH": Self.path.value]
                )
                #expect(result == .succeeded())
                #expect(try bench.read("o.yaml") == Self.configMap("far"))
                #expect(server.requests.map(\.uri) == ["/a/b/c.yaml"])
            }
        }
    }

    @Test(.enabled(if: hasPrograms))
    func `follows no server to another one`() async throws {
        try await withRepository(["kustomization.yaml": "resources: []"]) { bench, url in
            let answer = StubServer.Answer.by { .redirect(to: url + $0.uri.replacing("/org/repo.git", with: "")) }
            try await StubServer.with(answer: answer) { server in
                try bench.write("resources: ['\(server.url("/org/repo.git"))']\n", to: "app/kustomization.yaml")
                let result = try await bench.run(
                    "kustomize-build",
                    ["path": "app", "outPath": "out"],
                    environment: ["PATH": Self.path.value]
                )
                #expect(result.message.contains("the repository has moved"), "\(result)")
            }
        }
    }

    @Test func `asks no link-local address`() async throws {
        try await StepBench.with { bench in
            try bench.write("resources: ['http://169.254.169.254/latest/meta-data']\n", to: "kustomization.yaml")
            let result = try await bench.run(
                "kustomize-build",
                ["path": ".", "outPath": "o.yaml"],
                environment: ["PATH": Self.path.value]
            )
            // Neither as a file nor by git.
            #expect(result.failure?.message.components(separatedBy: "link-local").count == 3, "\(result)")
        }
    }
}
