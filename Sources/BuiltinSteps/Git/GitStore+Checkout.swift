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
    ///   - clone: The clone, in whose record the work tree gets.
    /// - Returns: The work tree.
    /// - Throws: ``GitError``, ``FileError``, `CancellationError`.
    func checkOut(_ checkout: GitCheckout, of clone: inout GitClone) async throws -> GitWorkTree {
        try checkout.checkSparse()
        let path = try freePath(checkout.path)
        let revision = try await revision(checkout, &clone)
        try forgetTrees(below: path)
        // Noted before it is there, so that it is taken away if this is interrupted.
        clone.record.trees.append(GitClone.Record.Tree(path: path, name: ""))
        try save(clone)
        let before = try treeNames(clone)
        var arguments = ["worktree", "add", "--quiet"]
        if checkout.sparse != nil { arguments.append("--no-checkout") }
        let absolute = path.reduce(workDirectory) { "\($0)/\($1)" }
        switch revision {
        case .branch(let branch): arguments += ["--", absolute, branch]
        case .detached(let commit): arguments += ["--detach", "--", absolute, commit]
        }
        try await clone.run(arguments)
        guard let name = try treeNames(clone).subtracting(before).first else {
            throw GitError(.refused, "git worktree: there is no work tree")
        }
        clone.record.trees[clone.record.trees.count - 1].name = name
        try save(clone)
        let record = GitClone.Record.Tree(path: path, name: name)
        let tree = GitWorkTree(clone: clone, record: record, directory: path)
        if let directories = checkout.sparse {
            let lines = Array(directories.map { "\($0)\n" }.joined().utf8)
            try await tree.run(["sparse-checkout", "set", "--cone", "--stdin"], input: lines)
            try await tree.run(["reset", "--hard", "--quiet"])
        }
        return tree
    }

    /// The way to where nothing is yet, or an empty directory.
    private func freePath(_ path: String) throws -> [String] {
        let location = try WorkDirectory(workDirectory).locate(path)
        let isFree =
            location.rest.isEmpty
            ? try location.directory.names().isEmpty
            : try location.rest.count > 1 || location.directory.status(ifPresent: location.rest[0]) == nil
        guard isFree else { throw GitError(.refused, "there is something already, and it is not an empty directory") }
        return location.path.names.map(\.description)
    }

    /// Forgets work trees of other clones that are gone, as something new takes their place.
    private func forgetTrees(below path: [String]) throws {
        for var clone in try clones() where clone.record.trees.contains(where: { $0.path.starts(with: path) }) {
            clone.record.trees.removeAll { $0.path.starts(with: path) }
            try save(clone)
        }
    }

    private func treeNames(_ clone: GitClone) throws -> Set<String> {
        let directory = "\(clone.repository)/worktrees"
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        return Set(try FileManager.default.contentsOfDirectory(atPath: directory))
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
            let signature = clone.record.signingKey.isEmpty ? [] : ["--gpg-sign=\(clone.record.signingKey)"]
            let arguments = ["commit-tree", "-m", "Initial commit"] + signature + [emptyTree]
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
