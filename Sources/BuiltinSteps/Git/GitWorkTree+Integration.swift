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
        case .rebase: try await bringTogether("rebase", ["--quiet", remote])
        case .merge: try await bringTogether("merge", ["--quiet", "-m", mergeMessage(branch), remote])
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

    private func bringTogether(_ command: String, _ arguments: [String]) async throws {
        do {
            try await run([command] + arguments, needing: [.files, .contents, .keyring])
        } catch let error as GitError {
            let files = try await conflictingFiles()
            guard isUnderWay(command) else { throw error }
            try await run([command, "--abort"], needing: [.files, .contents])
            let names = files.isEmpty ? "" : " in " + files.map { "\"\($0)\"" }.joined(separator: ", ")
            throw GitError(.conflict, "git \(command): merge conflict\(names)")
        }
    }

    private func isUnderWay(_ command: String) -> Bool {
        let names = command == "merge" ? ["MERGE_HEAD"] : ["rebase-merge", "rebase-apply"]
        return names.contains { FileManager.default.fileExists(atPath: "\(gitDirectory)/\($0)") }
    }

    private func conflictingFiles() async throws -> [Substring] {
        let output = try await run(["diff", "--name-only", "--diff-filter=U", "--no-ext-diff", "--no-textconv", "-z"])
        return output.text.split(separator: "\0").prefix(10).map { $0 }
    }
}
