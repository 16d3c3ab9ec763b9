#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How work trees are made.
extension GitStore {
    /// What is checked out.
    private enum Revision: Hashable {
        case branch(String)
        case detached(String)
    }

    /// Makes a work tree.
    ///
    /// - Parameters:
    ///   - checkout: What and where.
    ///   - submodules: What looks for the credentials of submodules; nil if they are not checked out.
    ///   - clone: The clone, in whose record the work tree gets.
    /// - Returns: The work tree.
    /// - Throws: ``GitError``, ``FileError``, `CancellationError`.
    func checkOut(
        _ checkout: GitCheckout,
        submodules: AccessLookup? = nil,
        of clone: inout GitClone
    ) async throws -> GitWorkTree {
        try checkout.checkSparse()
        let path = try freePath(checkout.path)
        let revision = try await revision(checkout, &clone)
        try forgetTrees(below: path)
        let record = GitClone.Record.Tree(path: path, name: String(UUID().uuidString.prefix(8).lowercased()))
        // Noted before it is there, so that it is taken away if this is interrupted.
        clone.record.trees.append(record)
        try save(clone)
        // git's part is made where nobody can lead it astray by links; then the work tree is given to it.
        let place = "\(clone.nursery)/\(record.name)"
        var arguments = ["worktree", "add", "--quiet", "--no-checkout"]
        switch revision {
        case .branch(let branch): arguments += ["--", place, branch]
        case .detached(let commit): arguments += ["--detach", "--", place, commit]
        }
        try await clone.run(arguments)
        var found: [Submodule] = []
        if let submodules {
            found = try await self.submodules(of: record, at: place, in: clone, access: submodules)
        }
        try FileManager.default.removeItem(atPath: place)
        let tree = try give(record, to: clone)
        if let directories = checkout.sparse {
            let lines = Array(directories.map { "\($0)\n" }.joined().utf8)
            let arguments = ["sparse-checkout", "set", "--cone", "--stdin"]
            try await tree.run(arguments, needing: [.files, .contents], input: lines)
        }
        try await tree.run(["reset", "--hard", "--quiet"], needing: [.files, .contents])
        for submodule in found { try await checkOut(submodule, in: tree) }
        return tree
    }

    /// Makes the directory of a work tree, whose repository is there.
    private func give(_ record: GitClone.Record.Tree, to clone: GitClone) throws -> GitWorkTree {
        let names = record.path.compactMap { FileName($0.utf8) }
        let directory = try WorkDirectory(workDirectory).locate(FilePath(names), links: .refused).makingDirectories()
        guard try directory.names().isEmpty else { throw Self.occupied }
        let tree = GitWorkTree(clone: clone, record: record, root: directory, directory: [])
        try Self.link(directory, to: tree.gitDirectory)
        let back = record.path.reduce(workDirectory) { "\($0)/\($1)" } + "/.git\n"
        try Data(back.utf8).write(to: URL(filePath: "\(tree.gitDirectory)/gitdir"))
        return tree
    }

    /// Lets others find the repository of a work tree; the steps themselves never look there.
    static func link(_ directory: Directory, to gitDirectory: String) throws {
        guard let name = FileName(".git".utf8) else { return }
        try directory.writeFile(name, text: "gitdir: \(gitDirectory)\n", permissions: .standard)
    }

    private static var occupied: GitError {
        GitError(.refused, "there is something already, and it is not an empty directory")
    }

    /// The way to where nothing is yet, or an empty directory.
    private func freePath(_ path: String) throws -> [String] {
        let location = try WorkDirectory(workDirectory).locate(path)
        let isFree =
            location.rest.isEmpty
            ? try location.directory.names().isEmpty
            : try location.rest.count > 1 || location.directory.status(ifPresent: location.rest[0]) == nil
        guard isFree else { throw Self.occupied }
        return location.path.names.map(\.description)
    }

    /// Forgets work trees of other clones that are gone, as something new takes their place.
    private func forgetTrees(below path: [String]) throws {
        for var clone in try clones() where clone.record.trees.contains(where: { $0.path.starts(with: path) }) {
            clone.record.trees.removeAll { $0.path.starts(with: path) }
            try save(clone)
        }
    }

    // MARK: Revisions

    private func revision(_ checkout: GitCheckout, _ clone: inout GitClone) async throws -> Revision {
        if let branch = checkout.branch.nonEmpty {
            let name = GitClone.name(ofBranch: branch)
            if try await clone.commit(GitClone.reference(ofBranch: name)) == nil {
                guard checkout.create == true else {
                    throw GitError(
                        .refused,
                        "the repository has no branch \"\(branch)\"; set create to true to have it made"
                    )
                }
                try await create(name, in: clone)
            }
            return .branch(name)
        }
        if let tag = checkout.tag.nonEmpty {
            guard let commit = try await clone.commit("refs/tags/\(tag)") else {
                throw GitError(.refused, "the repository has no tag \"\(tag)\"")
            }
            return .detached(commit)
        }
        if let id = checkout.commit.nonEmpty {
            guard let commit = try await clone.commit(id) else {
                throw GitError(.refused, "no branch or tag of the repository has a commit \"\(id)\"")
            }
            return .detached(commit)
        }
        let head = try await clone.run(["symbolic-ref", "--quiet", "HEAD"], accepting: [0, 1])
        guard let commit = try await clone.commit("HEAD") else {
            throw GitError(.refused, "the repository has no default branch, or nothing in it; name a branch")
        }
        return head.code == 0 ? .branch(GitClone.name(ofBranch: head.text)) : .detached(commit)
    }

    /// Makes a branch that has nothing in it, in the remote repository too.
    private func create(_ branch: String, in clone: GitClone) async throws {
        let reference = GitClone.reference(ofBranch: branch)
        let commit = try await clone.withKeyring { clone in
            let emptyTree = try await clone.run(["hash-object", "-t", "tree", "-w", "--stdin"]).text
            let arguments = ["commit-tree", "-m", "Initial commit"] + clone.signature + [emptyTree]
            return try await clone.run(arguments).text
        }
        do {
            try await clone.push(commit, to: reference)
            try await clone.run(["update-ref", reference, commit])
        } catch let error as GitError where error.code == .nonFastForward {
            // Somebody else was quicker to make it.
            guard let theirs = try await clone.fetch(branch) else { throw error }
            try await clone.run(["update-ref", reference, theirs])
        }
    }
}
