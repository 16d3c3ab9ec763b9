import KargoCore

/// Commits of a work tree as GitHub is to make them anew.
struct GitHubReplay: Sendable {
    /// The commits, the oldest first, each after its parents.
    let commits: [GitCommit]
    /// Whether GitHub is to vouch also for commits that nobody known has signed.
    let verifiesUntrusted: Bool

    /// What GitHub is told of a commit.
    ///
    /// Without an author it signs the commit in the name of whom the token belongs to.
    ///
    /// - Parameters:
    ///   - commit: The commit.
    ///   - made: What has become of the commits before it.
    /// - Returns: The fields.
    func fields(of commit: GitCommit, after made: [String: String]) -> [String: JSONValue] {
        var fields: [String: JSONValue] = [
            "tree": .string(commit.tree),
            "parents": .array(commit.parents.map { .string(made[$0] ?? $0) }),
        ]
        var message = String(commit.message.trimmingLineBreaks)
        if commit.trust == .trusted || verifiesUntrusted {
            let author = commit.author
            let name = "\(author.name) <\(author.email)>"
            if !author.name.isEmpty, !author.email.isEmpty, name != commit.signer {
                message += "\n\nCo-authored-by: \(name)"
            }
        } else {
            fields["author"] = Self.json(commit.author)
            fields["committer"] = Self.json(commit.committer)
        }
        fields["message"] = .string(message)
        return fields
    }

    /// Has the commits made.
    ///
    /// - Parameters:
    ///   - base: What the first of them is put on; the result if there are none.
    ///   - repository: Where.
    /// - Returns: The id of the last one.
    /// - Throws: ``APIFailure``, `CancellationError`.
    func replay(on base: String, in repository: GitHubRepository) async throws -> String {
        var made: [String: String] = [:]
        var last = base
        for commit in commits {
            last = try await repository.createCommit(fields(of: commit, after: made))
            made[commit.id] = last
        }
        return last
    }

    private static func json(_ signature: GitCommit.Signature) -> JSONValue {
        ["name": .string(signature.name), "email": .string(signature.email), "date": .string(signature.date)]
    }
}

extension String {
    fileprivate var trimmingLineBreaks: Substring {
        self[..<(lastIndex { $0 != "\n" }.map(index(after:)) ?? startIndex)]
    }
}
