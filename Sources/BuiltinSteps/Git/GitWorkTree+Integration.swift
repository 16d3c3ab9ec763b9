#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How commits of others get into the work tree.
///
/// All functions throw ``GitError`` and `CancellationError`.
extension GitWorkTree {
    /// Gets the commits of a branch that others have pushed into what is checked out.
    ///
    /// - Parameters:
    ///   - branch: The branch; if the remote repository has none of that name there is nothing to do.
    ///   - policy: How.
    /// - Throws: ``GitError``, with ``GitError/Code/conflict`` if that can't be done without a decision; then the work
    ///   tree is as it was. With ``GitError/Code/unsafeRebase`` if the policy forbids it.
    func integrate(_ branch: String, by policy: PushIntegrationPolicy) async throws {
        guard policy != .none, let remote = try await clone.fetch(branch) else { return }
        let head = try await head()
        if try await clone.contains(remote, in: head) { return }
        var isSafe = true
        if policy.asksForSafety {
            let commits = try await clone.commits(in: head, notIn: remote)
            isSafe = PushIntegrationPolicy.isRebaseSafe(
                commits.map(\.trust),
                signing: !clone.record.signingKey.isEmpty
            )
        }
        switch policy.action(isRebaseSafe: isSafe) {
        case .nothing: return
        case .rebase: try await rebase(on: remote)
        case .merge: try await merge(remote, into: head, mergeMessage(branch))
        case .fail:
            throw GitError(
                .unsafeRebase,
                "the commits can't be rebased on \(branch), as that would take away or add signatures, "
                    + "and GIT_PUSH_INTEGRATION_POLICY is \(policy.rawValue)"
            )
        }
    }

    private func mergeMessage(_ branch: String) -> String {
        "Merge branch '\(GitClone.name(ofBranch: branch))' of \(GitSecrets.withoutPasswords(clone.record.url))"
    }

    private func rebase(on remote: String) async throws {
        do {
            try await run(["rebase", "--quiet", remote], needing: [.files, .contents, .keyring])
        } catch let error as GitError {
            guard isRebasing else { throw error }
            let files = try await unmergedFiles()
            try await run(["rebase", "--abort"], needing: [.files, .contents])
            throw Self.conflict("rebase", files)
        }
    }

    private var isRebasing: Bool {
        ["rebase-merge", "rebase-apply"].contains { FileManager.default.fileExists(atPath: "\(gitDirectory)/\($0)") }
    }

    /// Merges step by step.
    ///
    /// `git merge` would first look whether repositories inside of the work tree have changed, by their own
    /// configuration, if `.gitmodules` says so.
    private func merge(_ remote: String, into head: String, _ message: String) async throws {
        var result = remote
        if try await !clone.contains(head, in: remote) {
            let arguments = ["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", head, remote]
            let output = try await run(arguments, needing: .contents, accepting: [0, 1])
            let words = output.words
            guard output.code == 0, let tree = words.first else {
                throw Self.conflict("merge", Array(words.dropFirst()))
            }
            let parents = ["-p", head, "-p", remote, tree]
            result = try await clone.run(["commit-tree", "-m", message] + clone.signature + parents).text
        }
        // What was touched only is not to count as changed.
        try await run(["update-index", "-q", "--refresh"], accepting: [0, 1])
        try await run(["read-tree", "-m", "-u", head, result], needing: [.files, .contents])
        try await run(["update-ref", "-m", "merge", "HEAD", result, head])
    }

    private static func conflict(_ command: String, _ files: [String]) -> GitError {
        let names = files.isEmpty ? "" : " in " + files.prefix(10).map { "\"\($0)\"" }.joined(separator: ", ")
        return GitError(.conflict, "git \(command): merge conflict\(names)")
    }

    /// The files with conflicts, each once; `git diff` would look into repositories inside of the work tree, too.
    private func unmergedFiles() async throws -> [String] {
        var files: [String] = []
        for entry in try await run(["ls-files", "--unmerged", "--full-name", "-z", "--", ":(top)"]).words {
            guard let tab = entry.firstIndex(of: "\t") else { continue }
            let file = String(entry[entry.index(after: tab)...])
            if files.last != file { files.append(file) }
        }
        return files
    }
}
