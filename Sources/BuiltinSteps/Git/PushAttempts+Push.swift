extension PushAttempts {
    /// Pushes what is checked out, and gets commits of others into it where that is needed.
    ///
    /// - Parameters:
    ///   - tree: The work tree.
    ///   - branch: Where to.
    ///   - force: Whether commits of others may be lost.
    ///   - most: How often at most.
    /// - Returns: The commit that was pushed.
    /// - Throws: ``GitError``, `CancellationError`.
    func push(_ tree: GitWorkTree, to branch: String, force: Bool, atMost most: Int) async throws -> String {
        let url = tree.clone.record.url
        let reference = GitClone.reference(ofBranch: branch)
        return try await attempt(atMost: most, on: branch, of: url) { earlier in
            let head = try await tree.head()
            if force || earlier == 0 {
                do {
                    try await tree.clone.push(head, to: reference, force: force)
                    return head
                } catch let error as GitError where error.code == .nonFastForward && !force && policy != .none {
                    // Others were here before, which is what the policy is for.
                }
            }
            try await tree.withKeyring { try await $0.integrate(branch, by: policy) }
            let integrated = try await tree.head()
            try await tree.clone.push(integrated, to: reference)
            return integrated
        }
    }
}
