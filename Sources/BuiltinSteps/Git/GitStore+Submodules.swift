/// How submodules are checked out.
///
/// git looks for the repository of a submodule in the work tree, where others could put one of their own. So submodules
/// are fetched in a work tree that nobody else sees; what the others get to see is checked out without looking.
extension GitStore {
    /// A submodule that has been fetched.
    struct Submodule: Sendable, Hashable {
        /// The way from the work tree.
        var path: [FileName]
        /// Its repository, in that of the clone.
        var repository: String
    }

    /// Fetches the submodules of a work tree, and theirs.
    ///
    /// - Parameters:
    ///   - tree: The work tree, as it is recorded.
    ///   - place: Where it is now, out of reach of others, with nothing in it.
    ///   - clone: The clone.
    /// - Returns: The submodules, those of which others are part first.
    /// - Throws: ``GitError``, `CancellationError`.
    func submodules(
        of tree: GitClone.Record.Tree,
        at place: String,
        in clone: GitClone
    ) async throws -> [Submodule] {
        let root = try WorkDirectory(place).root
        let hidden = GitWorkTree(clone: clone, record: tree, root: root, directory: [])
        try await hidden.run(["reset", "--hard", "--quiet"], needing: [.files, .contents])
        let here = GitProgram.Place.workTree(root, gitDirectory: hidden.gitDirectory, [.files, .contents])
        try await clone.run(
            ["submodule", "--quiet", "update", "--init", "--recursive"],
            in: here,
            talking: true
        )
        let command = #"printf '%s\0%s\0' "$displaypath" "$(git rev-parse --absolute-git-dir)""#
        let output = try await clone.run(["submodule", "--quiet", "foreach", "--recursive", command], in: here)
        let words = output.bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return stride(from: 0, to: words.count - 1, by: 2)
            .map { index in
                Submodule(
                    path: words[index].split(separator: "/").compactMap { FileName($0.utf8) },
                    repository: words[index + 1]
                )
            }
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
