import KargoCore

/// What talks to the remote repository.
///
/// All functions throw ``GitError`` and `CancellationError`.
extension GitClone {
    /// Gets a branch.
    ///
    /// - Parameters:
    ///   - branch: The branch.
    ///   - depth: How many commits of it; nil for all.
    /// - Returns: The reference under which it is now; nil if the remote repository has no such branch.
    /// - Throws: ``GitError``, `CancellationError`.
    func fetch(_ branch: String, depth: Int? = nil) async throws -> String? {
        let reference = Self.reference(ofBranch: branch)
        let target = "refs/remotes/origin/\(Self.name(ofBranch: branch))"
        var arguments = ["fetch", "--quiet", "--no-tags"]
        if let depth { arguments.append("--depth=\(depth)") }
        arguments += ["--", access.address, "+\(reference):\(target)"]
        let output = try await run(arguments, talking: true, accepting: [0, 128])
        if output.code == 0 { return target }
        guard output.diagnostics.contains("couldn't find remote ref") else {
            throw GitError(.exit(output.code), "git fetch: \(output.reason ?? "it ended with code \(output.code)")")
        }
        return nil
    }

    /// Pushes a commit or a tag.
    ///
    /// - Parameters:
    ///   - source: What; empty to delete the reference.
    ///   - reference: Under which name, in full, as `refs/heads/main`.
    ///   - force: Whether commits of others may be lost.
    /// - Throws: ``GitError``, with ``GitError/Code/nonFastForward`` if others have pushed meanwhile.
    func push(_ source: String, to reference: String, force: Bool = false) async throws {
        let arguments = ["push", "--porcelain", "--no-verify"] + (force ? ["--force"] : [])
        let output = try await run(
            arguments + ["--", access.address, "\(source):\(reference)"],
            talking: true,
            accepting: [0, 1, 128]
        )
        guard output.code != 0 else { return }
        let rejection = output.lines.first { $0.hasPrefix("!\t") }?.split(separator: "\t").last.map(String.init)
        let reason = [rejection, output.reason].compactMap(\.self).joined(separator: "\n")
        throw GitError(
            Self.isRaceLost(rejection ?? "", output.diagnostics) ? .nonFastForward : .exit(output.code),
            "git push: \(output.clean(reason))"
        )
    }

    /// Whether a reference was refused because others have pushed meanwhile.
    ///
    /// - Parameters:
    ///   - rejection: What git says of the reference, such as `[rejected] (fetch first)`.
    ///   - diagnostics: What it says besides, and the remote repository.
    /// - Returns: Whether another attempt could do better.
    static func isRaceLost(_ rejection: String, _ diagnostics: String) -> Bool {
        guard rejection.hasPrefix("[rejected]") || rejection.hasPrefix("[remote rejected]"),
            let opening = rejection.firstIndex(of: "(")
        else { return false }
        let reason = rejection[rejection.index(after: opening)...]
        if reason.hasPrefix("failed to update ref") { return diagnostics.contains("cannot lock ref") }
        return ["non-fast-forward", "fetch first", "cannot lock ref", "incorrect old value"]
            .contains(where: reason.hasPrefix)
    }

    /// The full name of a branch.
    static func reference(ofBranch branch: String) -> String { "refs/heads/\(name(ofBranch: branch))" }

    /// The short name of a branch.
    static func name(ofBranch branch: String) -> String {
        let prefix = "refs/heads/"
        return branch.hasPrefix(prefix) ? String(branch.dropFirst(prefix.count)) : branch
    }
}
