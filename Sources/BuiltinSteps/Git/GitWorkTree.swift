import KargoCore

/// A work tree of a clone, seen from one of its directories.
struct GitWorkTree: Sendable {
    var clone: GitClone
    let record: GitClone.Record.Tree
    /// The work tree itself, opened once, so that nothing can take its place while git runs.
    let root: Directory
    /// The directory, seen from the work tree.
    let directory: [String]

    var gitDirectory: String { "\(clone.repository)/worktrees/\(record.name)" }
    /// The directory, as git's commands are told what to work on.
    private var pathspec: String { directory.isEmpty ? "." : ":(top,literal)\(directory.joined(separator: "/"))" }

    /// Runs git in the work tree.
    ///
    /// - Parameters:
    ///   - arguments: The arguments, beginning with the command.
    ///   - needs: What the command needs besides the clone and reading the work tree.
    ///   - input: What git reads.
    ///   - codes: The codes with which it may end.
    /// - Returns: What git has written.
    /// - Throws: ``GitError``, `CancellationError`.
    @discardableResult
    func run(
        _ arguments: [String],
        needing needs: GitProgram.Needs = [],
        input: [UInt8] = [],
        accepting codes: Set<Int32> = [0]
    ) async throws -> GitOutput {
        try await clone.run(
            arguments,
            in: .workTree(root, gitDirectory: gitDirectory, needs),
            talking: needs.contains(.contents) && clone.record.isBlobless,
            input: input,
            accepting: codes
        )
    }

    /// The same, with what opens the remote repository.
    func with(_ access: GitAccess) -> GitWorkTree {
        var result = self
        result.clone.access = access
        return result
    }

    /// Lets git sign, and check signatures, as long as the body lasts.
    func withKeyring<Result>(_ body: (GitWorkTree) async throws -> Result) async throws -> Result {
        try await clone.withKeyring { clone in
            var tree = self
            tree.clone = clone
            return try await body(tree)
        }
    }

    /// Lets git commit in somebody else's name, with their key or without any, as long as the body lasts.
    func withUser<Result>(_ user: GitUser, _ body: (GitWorkTree) async throws -> Result) async throws -> Result {
        var tree = self
        tree.clone.record.name = user.name
        tree.clone.record.email = user.email
        tree.clone.record.signingKey = ""
        guard !user.signingKey.isEmpty else { return try await body(tree) }
        return try await tree.clone.keyring.withTemporary(holding: user.signingKey) { keyring, fingerprint in
            tree.clone.keyringDirectory = keyring.directory
            tree.clone.record.signingKey = fingerprint
            return try await body(tree)
        }
    }

    // MARK: What is

    /// The id of the commit that is checked out.
    func head() async throws -> String { try await run(["rev-parse", "HEAD"]).text }

    /// The branch that is checked out; nil if it is a commit or a tag.
    func branch() async throws -> String? {
        let output = try await run(["symbolic-ref", "--quiet", "--short", "HEAD"], accepting: [0, 1])
        return output.code == 0 ? output.text : nil
    }

    // MARK: Changes

    /// Puts everything in the directory into the index.
    ///
    /// What is a submodule already stays what it is: to see whether it has changed git would run another git in it, by
    /// the submodule's own configuration.
    func stage() async throws { try await add(passingOver: submodules()) }

    private func add(passingOver submodules: [[UInt8]]) async throws {
        try await run(["add"] + Self.pathspecs, input: pathspecs(passingOver: submodules))
    }

    /// Takes everything in the directory away, from the index too; what git ignores stays.
    func clear() async throws {
        try await add(passingOver: submodules())
        let submodules = try await submodules()
        let remove = ["rm", "-r", "-f", "--quiet", "--ignore-unmatch"]
        try await run(remove + Self.pathspecs, needing: .files, input: pathspecs(passingOver: submodules))
        if !submodules.isEmpty {
            // git would work in them, too.
            let own = submodules.reduce(into: [UInt8]()) { $0 += Array(":(top,literal)".utf8) + $1 + [0] }
            try await run(remove + ["--cached"] + Self.pathspecs, input: own)
            try await Cancellation.blocking { [root] cancellation in
                for path in submodules { try Self.remove(path, below: root, cancellation) }
            }
        }
        // git takes directories away that have become empty.
        _ = try Location(directory: root, rest: directory.compactMap { FileName($0.utf8) }).makingDirectories()
    }

    /// The paths of submodules in the directory, from the top of the work tree.
    private func submodules() async throws -> [[UInt8]] {
        try await run(["ls-files", "--stage", "--full-name", "-z", "--", pathspec]).bytes
            .split(separator: 0)
            .filter { $0.starts(with: "160000 ".utf8) }
            .map { Array($0.drop { $0 != UInt8(ascii: "\t") }.dropFirst()) }
    }

    /// What lets git read patterns of paths from its input, where paths need not be UTF-8.
    private static let pathspecs = ["--pathspec-from-file=-", "--pathspec-file-nul"]

    private func pathspecs(passingOver submodules: [[UInt8]]) -> [UInt8] {
        submodules.reduce(into: Array(pathspec.utf8) + [0]) { $0 += Array(":(exclude,top,literal)".utf8) + $1 + [0] }
    }

    private static func remove(_ path: [UInt8], below root: Directory, _ cancellation: Cancellation) throws {
        let names = path.split(separator: UInt8(ascii: "/")).compactMap { FileName($0) }
        guard let last = names.last else { return }
        var parent = root
        for name in names.dropLast() {
            // Behind a link there is nothing of this work tree.
            guard let next = try? parent.openDirectory(name) else { return }
            parent = next
        }
        try parent.removeTree(last, cancellation)
    }

    /// Whether the index differs from the commit that is checked out.
    func hasStagedChanges() async throws -> Bool {
        try await run(["diff-index", "--cached", "--quiet", "HEAD", "--"], accepting: [0, 1]).code == 1
    }

    /// Commits the index, which is known to differ, though git would not say so of submodules.
    func commit(_ message: String) async throws {
        try await run(
            ["commit", "--quiet", "--allow-empty", "--file=-"],
            needing: .keyring,
            input: Array(message.utf8)
        )
    }

    /// Makes an annotated tag of the commit that is checked out.
    func tag(_ name: String, message: String, force: Bool) async throws {
        let arguments =
            ["tag", "--annotate", "--cleanup=whitespace", "--file=-"] + (force ? ["--force"] : []) + ["--", name]
        try await run(arguments, needing: .keyring, input: Array(message.utf8))
    }
}
