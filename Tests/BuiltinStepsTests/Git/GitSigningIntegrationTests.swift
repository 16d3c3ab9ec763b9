import KargoCore
import KargoTestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Signed commits", .tags(.integration), .timeLimit(.minutes(1)))
struct GitSigningIntegrationTests {
    private func with(_ body: (GitBench, SigningKey) async throws -> Void) async throws {
        try await SigningKey.with { key in try await GitBench.with { try await body($0, key) } }
    }

    private func author(_ key: SigningKey, name: String = "Signer", email: String = "signer@example.com") -> JSONValue {
        ["name": .string(name), "email": .string(email), "signingKey": .string(key.text)]
    }

    /// The letters by which git tells how commits are signed, the newest first.
    private func trust(_ git: GitBench, _ key: SigningKey, _ revision: String = "main") async throws -> [Substring] {
        let arguments = ["--git-dir", git.origin, "log", "--topo-order", "--format=%G?", revision]
        return try await git.git(arguments, environment: ["GNUPGHOME": key.keyring]).split(separator: "\n")
    }

    private func agents(of git: GitBench) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }
            .compactMap { try? Data(contentsOf: URL(filePath: "/proc/\($0)/cmdline")) }
            .map { String(decoding: $0, as: UTF8.self) }
            .filter { $0.contains("gpg-agent") && $0.contains(git.outside.path) }
    }

    @Test(arguments: ["private", "private/" + String(repeating: "long-name/", count: 12) + "ü"])
    func `are made with the key of git-clone, and so are tags`(privateName: String) async throws {
        try await with { git, key async throws in
            var git = git
            git.privateName = privateName
            try await git.clone([["path": "src", "branch": "signed", "create": true]], ["author": author(key)])
            try await git.commit("new", "x")
            try await git.succeed("git-tag", ["path": "src", "tag": "v1", "message": "m"])
            try await git.succeed("git-push", ["path": "src"])
            try await git.succeed("git-push", ["path": "src", "tag": "v1"])
            #expect(try await trust(git, key, "signed") == ["G", "G"])
            let verification = ["--git-dir", git.origin, "verify-tag", "v1"]
            try await git.git(verification, environment: ["GNUPGHOME": key.keyring])
            #expect(try agents(of: git).isEmpty)
        }
    }

    @Test func `are made with the operator's key, whatever its name`() async throws {
        try await with { git, key async throws in
            var git = git
            let user = GitUser(name: "Somebody", email: "else@example.com", signingKey: key.text)
            git.capabilities.gitIdentity = FixedIdentity(user: user)
            try await git.clone()
            try await git.commit("new", "x")
            try await git.succeed("git-push", ["path": "src"])
            #expect(try await trust(git, key) == ["G", "N"])
        }
    }

    @Test func `are left alone by a commit in another name`() async throws {
        try await with { git, key async throws in
            try await git.clone([["path": "src"]], ["author": author(key)])
            let plain: JSONValue = ["name": "Plain", "email": "plain@example.com"]
            for (file, author) in [("one", plain), ("two", author(key, name: "Other"))] {
                try git.bench.write("x", to: "src/\(file)")
                let config: JSONValue = ["path": "src", "message": .string(file), "author": author]
                try await git.succeed("git-commit", config)
            }
            try await git.commit("three", "x")
            try await git.succeed("git-push", ["path": "src"])
            #expect(try await trust(git, key) == ["G", "G", "N", "N"])
            #expect(try await git.inOrigin("log", "--format=%an", "main") == "Signer\nOther\nPlain\nOther")
            #expect(try agents(of: git).isEmpty)
        }
    }

    @Test(
        arguments: [
            ("AlwaysRebase", true, ["G", "N", "N"]), ("AlwaysRebase", false, ["G", "N", "N"]),
            ("RebaseOrMerge", true, ["G", "N", "N"]), ("RebaseOrMerge", false, ["G", "N", "N", "N"]),
            ("RebaseOrFail", true, ["G", "N", "N"]), ("RebaseOrFail", false, []),
        ] as [(String, Bool, [Substring])]
    )
    func `are kept by the policy`(policy: String, signed: Bool, letters: [Substring]) async throws {
        try await with { git, key async throws in
            var git = git
            git.environment["GIT_PUSH_INTEGRATION_POLICY"] = policy
            try await git.clone([["path": "src"]], ["author": author(key)])
            if signed {
                try await git.commit("new", "x")
            } else {
                let plain: JSONValue = ["name": "Plain", "email": "plain@example.com"]
                try git.bench.write("x", to: "src/new")
                try await git.succeed("git-commit", ["path": "src", "message": "new", "author": plain])
            }
            try await git.pushAsOther("theirs", "y")
            let result = try await git.run("git-push", ["path": "src"])
            if letters.isEmpty {
                #expect(result.status == .failed)
                #expect(result.failure == .terminal(result.failure?.message ?? ""))
                #expect(result.failure?.message.contains("signatures") == true)
            } else {
                #expect(result.status == .succeeded, "\(result)")
                #expect(try await trust(git, key) == letters)
            }
        }
    }

    @Test(arguments: [
        "nonsense", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nSECRETSECRET\n-----END PGP PRIVATE KEY BLOCK-----",
    ])
    func `need a key that is one`(text: String) async throws {
        try await GitBench.with { git async throws in
            let author: JSONValue = ["name": "A", "email": "a@example.com", "signingKey": .string(text)]
            let result = try await git.run(
                "git-clone",
                ["repoURL": git.url, "author": author, "checkout": [["path": "src"]]]
            )
            #expect(result.status == .errored)
            #expect(result.failure?.message.contains("signing key") == true, "\(result)")
            #expect(result.failure?.message.contains("SECRET") == false)
            #expect(try git.clones() == [])
        }
    }
}
