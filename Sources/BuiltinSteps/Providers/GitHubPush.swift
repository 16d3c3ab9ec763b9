import KargoCore

/// One push of a work tree to a branch, through GitHub's API.
struct GitHubPush: Sendable {
    /// Something that no other attempt would do better.
    struct Refusal: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    let tree: GitWorkTree
    let repository: GitHubRepository
    let branch: String
    let force: Bool
    let staging: GitHubStagingReference
    let policy: PushIntegrationPolicy
    let rules: GitHubPushRules

    /// Makes one attempt.
    ///
    /// - Returns: The last commit of the branch then.
    /// - Throws: ``GitError``, with ``GitError/Code/nonFastForward`` if others have pushed meanwhile; ``APIFailure``;
    ///   ``Refusal``; `CancellationError`.
    func attempt() async throws -> String {
        if !force { try await tree.withKeyring { try await $0.integrate(branch, by: policy) } }
        let head = try await tree.head()
        try await staging.push(head, of: tree.clone)
        let old = try await repository.head(ofBranch: branch)
        let base = if let old { old } else { try await startingPoint() }
        let comparison = try await repository.compare(base, head)
        try check(comparison)
        let replay = GitHubReplay(
            commits: try await commits(comparison, head),
            verifiesUntrusted: rules.verifiesUntrusted
        )
        let new = try await replay.replay(on: comparison.mergeBase.sha, in: repository)
        try await move(from: old, to: new)
        // The files are the same, so that only the branch has to follow.
        if new != head {
            _ = try await tree.clone.fetch(branch)
            guard let commit = try await tree.clone.commit(new) else {
                throw GitError(.refused, "the branch \(branch) has lost what was pushed to it")
            }
            try await tree.run(["reset", "--soft", "--quiet", commit, "--"])
        }
        return new
    }

    /// What a new branch is compared with: the one that is checked out, or else the default one.
    private func startingPoint() async throws -> String {
        if let current = try await tree.branch(), let head = try await repository.head(ofBranch: current) {
            return head
        }
        let name = try await repository.defaultBranch()
        guard let head = try await repository.head(ofBranch: name) else {
            throw Refusal(description: "the repository has no branch from which \(branch) could have been made")
        }
        return head
    }

    private func check(_ comparison: GitHubComparison) throws {
        switch comparison.status {
        case "identical", "ahead": break
        case "behind" where force, "diverged" where force: break
        case "behind": throw GitError(.nonFastForward, "the branch \(branch) has commits that the work tree has not")
        case "diverged": throw GitError(.nonFastForward, "the branch \(branch) and the work tree have diverged")
        default: throw Refusal(description: "GitHub compares the commits as \"\(comparison.status)\", which is unknown")
        }
        guard comparison.count <= Int64(rules.mostCommits) else {
            throw Refusal(
                description: "there are \(comparison.count) commits to push, and no more than \(rules.mostCommits) "
                    + "are allowed (GITHUB_PUSH_MAX_REVISIONS)"
            )
        }
    }

    /// The commits that GitHub has named, as they are here: here a signature can be checked.
    private func commits(_ comparison: GitHubComparison, _ head: String) async throws -> [GitCommit] {
        let wanted = Set(comparison.commits.map(\.sha))
        if wanted.isEmpty { return [] }
        let commits =
            try await tree.withKeyring { tree in
                try await tree.clone.commits(in: head, notIn: comparison.mergeBase.sha)
            }
            .filter { wanted.contains($0.id) }
        guard commits.count == wanted.count else {
            throw GitError(.refused, "GitHub names commits that are not in the work tree's clone")
        }
        return commits
    }

    private func move(from old: String?, to new: String) async throws {
        if old == new { return }
        do {
            if old == nil {
                try await repository.createBranch(branch, at: new)
            } else {
                try await repository.moveBranch(branch, to: new, force: force)
            }
        } catch let failure as APIFailure where failure.status == 422 {
            throw GitError(.nonFastForward, failure.description)
        }
    }
}
