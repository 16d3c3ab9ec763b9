/// What is in the clone.
extension GitClone {
    /// Lets git sign, and check signatures, as long as the body lasts.
    func withKeyring<Result>(_ body: (GitClone) async throws -> Result) async throws -> Result {
        try await keyring.use { keyring in
            var clone = self
            clone.keyringDirectory = keyring.directory
            return try await body(clone)
        }
    }

    /// What tells `git commit-tree` to sign, which looks at no configuration.
    var signature: [String] { record.signingKey.isEmpty ? [] : ["--gpg-sign=\(record.signingKey)"] }

    /// The id of the commit that a revision names; nil if there is none.
    func commit(_ revision: String) async throws -> String? {
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", "\(revision)^{commit}"]
        let output = try await run(arguments, accepting: [0, 1, 128])
        return output.code == 0 ? output.text : nil
    }

    /// Whether two revisions have different files.
    func differ(_ first: String, _ second: String) async throws -> Bool {
        let arguments = ["diff", "--quiet", "--no-ext-diff", "--no-textconv", "--end-of-options", first, second, "--"]
        return try await run(arguments, talking: record.isBlobless, accepting: [0, 1]).code == 1
    }

    /// The message of the commit that a revision names.
    func message(of revision: String) async throws -> String {
        try await run(["log", "-1", "--format=%B", "--end-of-options", revision]).text
    }

    /// The commits that a revision has and another one has not, the oldest first.
    func commits(in revision: String, notIn base: String) async throws -> [GitCommit] {
        let format = "--format=%H%x00%T%x00%P%x00%G?%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%GS%x00%B%x00%x01"
        let arguments = ["log", "-z", "--reverse", "--topo-order", format, "--end-of-options", "\(base)..\(revision)"]
        return GitCommit.list(try await run(arguments).bytes)
    }

    /// Whether a revision has all commits of another one.
    func contains(_ base: String, in revision: String) async throws -> Bool {
        try await run(["merge-base", "--is-ancestor", base, revision], accepting: [0, 1]).code == 0
    }
}
