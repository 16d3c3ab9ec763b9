import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("git-open-pr", .tags(.integration))
struct GitOpenPRIntegrationTests {
    private let config: [String: JSONValue] = [
        "provider": "github", "sourceBranch": "feature/x", "targetBranch": "main",
    ]

    private func with(_ body: (GitHubServer) async throws -> Void) async throws {
        try await GitHubServer.with { server async throws in
            try await server.clone()
            try await server.commit("one", "title\n\nfirst\n\nsecond")
            try await server.succeed("git-push", ["path": "src", "targetBranch": "feature/x"])
            try await body(server)
        }
    }

    private func open(_ server: GitHubServer, _ more: [String: JSONValue] = [:]) async throws -> StepResult {
        try await server.run(
            "git-open-pr",
            .object(config.merging(["repoURL": server.url]) { $1 }.merging(more) { $1 })
        )
    }

    private let output: [String: JSONValue] = ["pr": ["id": 1, "url": "https://github.test/acme/app/pull/1"]]

    @Test func `opens one, and adopts it later`() async throws {
        try await with { server async throws in
            var server = server
            server.uiBaseURL = "https://kargo.test"
            #expect(try await open(server, ["labels": ["kargo"]]) == .succeeded(output: output))
            let pull = try #require(try await server.state().pulls.first)
            #expect(
                pull.title == "title" && pull.head == "feature/x" && pull.base == "main" && pull.labels == ["kargo"]
            )
            let link = "[View in Kargo UI](https://kargo.test/project/demo/stage/test)"
            #expect(pull.body == "first\n\nsecond\n\n\(link)")
            #expect(try await open(server) == .succeeded(output: output))
            #expect(try await server.state().pulls.count == 1)
            // The clone that it needs is gone; that of git-clone stays.
            #expect(try FileManager.default.contentsOfDirectory(atPath: server.clones).count == 1)
        }
    }

    @Test func `asks nobody when an earlier attempt has opened one`() async throws {
        try await with { server async throws in
            var server = server
            server.output = .object(output)
            #expect(try await open(server) == .succeeded(output: output))
            #expect(try await server.state().log.isEmpty)
        }
    }

    @Test func `skips branches with the same files`() async throws {
        try await with { server async throws in
            try await server.succeed("git-push", ["path": "src"])
            let result = try await open(server)
            #expect(result.status == .skipped && result.output == nil)
            #expect(try await server.state().pulls.isEmpty)
        }
    }

    @Test(arguments: ["sourceBranch", "targetBranch"])
    func `needs both branches`(field: String) async throws {
        try await with { server async throws in
            let result = try await open(server, [field: "nobody"])
            #expect(result.status == .errored)
            #expect(result.failure == .retryable(result.message))
            #expect(result.message.contains("nobody") && !result.message.contains(GitHubServer.token))
            #expect(try await server.state().pulls.isEmpty)
        }
    }

    @Test(
        arguments: [
            (nil, nil, "title\n\nfirst\n", nil, "title", "first\n"), (nil, nil, "title", nil, "title", ""),
            (nil, "D", "title\n\nfirst", nil, "title", "D"), ("T", nil, "title\n\nfirst", nil, "T", "title\n\nfirst"),
            ("T", "D", "title", "F", "T", "D\n\nF"), ("", "", "title", "F", "title", "F"), (nil, nil, "", nil, "", ""),
        ] as [(String?, String?, String, String?, String, String)]
    )
    func `says what the commit says`(
        title: String?,
        description: String?,
        message: String,
        footer: String?,
        expectedTitle: String,
        expectedDescription: String
    ) {
        let config = GitOpenPRStep.Config(
            repoURL: "",
            sourceBranch: "a",
            targetBranch: "b",
            title: title,
            description: description
        )
        let request = GitOpenPRStep.request(config, message: message, footer: footer)
        #expect(request.title == expectedTitle && request.description == expectedDescription)
    }
}
