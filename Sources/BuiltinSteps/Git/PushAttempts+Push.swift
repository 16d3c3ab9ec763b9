extension PushAttempts {
    /// Pushes what is checked out, and gets commits of others into it where that is needed.
    ///
    /// - Parameters:
    ///   - tree: The work tree.
    ///   - branch: Where to.
    ///   - force: Whether commits of others may be lost.
    ///   - most: How often at most.
    /// - Throws: ``GitError``, `CancellationError`.
    func push(_ tree: GitWorkTree, to branch: String, force: Bool, atMost most: Int) async throws {
        let url = tree.clone.record.url
        let reference = GitClone.reference(ofBranch: branch)
        try await attempt(atMost: most, on: branch, of: url) { earlier in
            if force {
                try await tree.clone.push(try await tree.head(), to: reference, force: true)
                return
            }
            if earlier == 0 {
                do {
                    try await tree.clone.push(try await tree.head(), to: reference)
                    return
                } catch let error as GitError where error.code == .nonFastForward && policy != .none {
                    // Others were here before, which is what the policy is for.
                }
            }
            try await tree.withKeyring { try await $0.integrate(branch, by: policy) }
            try await tree.clone.push(try await tree.head(), to: reference)
        }
    }
}
