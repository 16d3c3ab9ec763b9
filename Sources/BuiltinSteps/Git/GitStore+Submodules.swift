import KargoCore

/// How submodules are checked out.
///
/// git looks for the repository of a submodule in the work tree, where others could put one of their own. So submodules
/// are fetched in a work tree that nobody else sees; what the others get to see is checked out without looking.
extension GitStore {
    /// A submodule that has been fetched.
    struct Submodule: Sendable {
        /// The way from the work tree.
        var path: [FileName]
        /// Its repository, in that of the clone.
        var repository: String
    }

    /// Looks for the credentials of a repository.
    typealias AccessLookup = @Sendable (_ url: String) async throws -> GitAccess

    private static let deepestSubmodule = 32

    /// Fetches the submodules of a work tree, and theirs.
    ///
    /// - Parameters:
    ///   - tree: The work tree, as it is recorded.
    ///   - place: Where it is now, out of reach of others, with nothing in it.
    ///   - clone: The clone.
    ///   - access: Looks for the credentials of a submodule.
    /// - Returns: The submodules, those that others are part of first.
    /// - Throws: ``GitError``, `CancellationError`.
    func submodules(
        of tree: GitClone.Record.Tree,
        at place: String,
        in clone: GitClone,
        access: AccessLookup
    ) async throws -> [Submodule] {
        let root = try WorkDirectory(place).root
        let hidden = GitWorkTree(clone: clone, record: tree, root: root, directory: [])
        let here = GitProgram.Place.workTree(root, gitDirectory: hidden.gitDirectory, .hidden)
        try await clone.run(["reset", "--hard", "--quiet"], in: here, talking: clone.record.isBlobless)
        return try await submodules(at: place, [], hidden.gitDirectory, clone, access)
    }

    private func submodules(
        at place: String,
        _ path: [FileName],
        _ gitDirectory: String,
        _ clone: GitClone,
        _ access: AccessLookup
    ) async throws -> [Submodule] {
        guard path.count < Self.deepestSubmodule * 8 else {
            throw GitError(.refused, "submodules are nested too deep")
        }
        let here = GitProgram.Place.workTree(try WorkDirectory(place).root, gitDirectory: gitDirectory, .hidden)
        try await clone.run(["submodule", "--quiet", "init"], in: here)
        let pattern = #"^submodule\..*\.url$"#
        let settings = try await clone.run(["config", "-z", "--get-regexp", pattern], in: here, accepting: [0, 1])
        var known: [GitAccess] = []
        for setting in settings.words {
            guard let url = setting.split(separator: "\n", maxSplits: 1).last else { continue }
            known.append(try await access(String(url)))
        }
        try await clone.run(["submodule", "--quiet", "update"], in: here, talking: true, others: known)
        let command = #"printf '%s\0%s\0' "$displaypath" "$(git rev-parse --absolute-git-dir)""#
        let words = try await clone.run(["submodule", "--quiet", "foreach", command], in: here).words
        var found: [Submodule] = []
        for index in stride(from: 0, to: words.count - 1, by: 2) {
            let inner = words[index].split(separator: "/").compactMap { FileName($0.utf8) }
            found.append(Submodule(path: path + inner, repository: words[index + 1]))
            found += try await submodules(
                at: "\(place)/\(words[index])",
                path + inner,
                words[index + 1],
                clone,
                access
            )
        }
        return found
    }

    /// Checks out a submodule in a work tree that has been checked out.
    ///
    /// - Throws: ``GitError``, ``FileError``, `CancellationError`.
    func checkOut(_ submodule: Submodule, in tree: GitWorkTree) async throws {
        let path = tree.record.path.compactMap { FileName($0.utf8) } + submodule.path
        let directory = try WorkDirectory(workDirectory).locate(FilePath(path), links: .refused).makingDirectories()
        try Self.link(directory, to: submodule.repository)
        let absolute = path.reduce(workDirectory) { "\($0)/\($1)" }
        // Where it was fetched there is nothing any more, so that git would not begin in the repository itself.
        let file = "\(submodule.repository)/config"
        try await tree.clone.run(["config", "--file", file, "core.worktree", absolute])
        let place = GitProgram.Place.workTree(directory, gitDirectory: submodule.repository, .files)
        try await tree.clone.run(["reset", "--hard", "--quiet"], in: place)
    }
}
