import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The clones of a Promotion: git's own files where plugins may read them, records and secrets in the steps' private
/// directory.
///
/// Nobody who can only write to the work directory has a say in where a work tree's repository is, or how git is
/// configured for it.
struct GitStore: Sendable {
    /// What is asked of a new clone.
    struct Request: Sendable {
        var access: GitAccess
        var user: GitUser = .kargo
        var skipsTLSVerification = false
        var isBlobless = false
        /// The one branch to get, with its last commit alone; nil for everything.
        var shallowBranch: String?
    }

    let program: GitProgram
    let workDirectory: String
    let privateDirectory: String
    /// Where git's own files are, a directory for each clone.
    let repositories: String

    init(_ program: GitProgram, _ step: StepContext) {
        self.program = program
        workDirectory = step.workDir
        privateDirectory = step.privateDir
        repositories = step.gitDir ?? "\(step.privateDir)/repositories"
    }

    private var root: String { Self.root(privateDirectory) }

    private static func root(_ privateDirectory: String) -> String { "\(privateDirectory)/git" }

    // MARK: Clones

    /// Makes a clone.
    ///
    /// - Throws: ``GitError``, and then nothing is left of it; `CancellationError`.
    func clone(_ request: Request) async throws -> GitClone {
        let name = String(UUID().uuidString.prefix(8).lowercased())
        var clone = clone(
            name,
            GitClone.Record(
                url: request.access.url,
                skipsTLSVerification: request.skipsTLSVerification,
                isBlobless: request.isBlobless,
                name: request.user.name,
                email: request.user.email
            )
        )
        clone.access = request.access
        do {
            for directory in [clone.home, clone.nursery, repositories] { try makeDirectory(directory) }
            // Readable as the umask of the process says, for plugins.
            try FileManager.default.createDirectory(atPath: clone.repository, withIntermediateDirectories: false)
            try save(clone)
            if !request.user.signingKey.isEmpty {
                clone.record.signingKey = try await clone.keyring.add(request.user.signingKey)
                try save(clone)
            }
            var arguments = ["clone", "--bare", "--quiet"]
            if request.isBlobless { arguments.append("--filter=blob:none") }
            if let branch = request.shallowBranch { arguments += ["--no-tags", "--depth=1", "--branch=\(branch)"] }
            try await clone.run(
                arguments + ["--", request.access.address, clone.repository],
                in: GitProgram.Place.none,
                talking: true
            )
        } catch {
            await remove(clone)
            throw error
        }
        return clone
    }

    /// Makes a shallow clone that is gone when the body is done.
    ///
    /// - Parameters:
    ///   - branch: The branch, of which there is the last commit alone.
    ///   - access: The repository, and how to get in.
    ///   - skipsTLSVerification: Whether any certificate is trusted.
    ///   - body: Uses the clone.
    /// - Returns: What the body returns.
    /// - Throws: ``GitError``, `CancellationError`, what the body throws.
    func withShallowClone<Result>(
        of branch: String,
        access: GitAccess,
        skipsTLSVerification: Bool,
        _ body: (GitClone) async throws -> Result
    ) async throws -> Result {
        let clone = try await clone(
            Request(access: access, skipsTLSVerification: skipsTLSVerification, shallowBranch: branch)
        )
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await body(clone)) } catch { outcome = .failure(error) }
        await remove(clone)
        return try outcome.get()
    }

    /// Removes a clone and its work trees, also when the task was cancelled.
    func remove(_ clone: GitClone) async {
        // Errors are not told: the next clone removes what is left, and the Promotion's end everything.
        let clone = (try? load(clone.name)) ?? clone
        // A task of its own, which is not cancelled.
        await Task {
            try? await Cancellation.blocking { cancellation in
                for tree in clone.record.trees { try remove(tree, cancellation) }
                for directory in [clone.repository, clone.nursery, clone.directory]
                where FileManager.default.fileExists(atPath: directory) {
                    try FileManager.default.removeItem(atPath: directory)
                }
            }
        }
        .value
    }

    /// Removes what steps have left that were killed while they made a clone.
    func removeUnfinished() async throws {
        for clone in try clones() where !clone.record.isComplete { await remove(clone) }
    }

    /// Removes what opens remote repositories and was left by a process that was killed while it talked to one.
    ///
    /// - Parameter privateDirectory: The private directory of steps, of which none is at work.
    /// - Throws: What can't be removed.
    static func removeSecrets(below privateDirectory: String) throws {
        let root = root(privateDirectory)
        guard FileManager.default.fileExists(atPath: root) else { return }
        for name in try FileManager.default.contentsOfDirectory(atPath: root) {
            let directory = SSHHome(home: "\(root)/\(name)/home").directory
            // It is made anew for the next command.
            if FileManager.default.fileExists(atPath: directory) {
                try FileManager.default.removeItem(atPath: directory)
            }
        }
    }

    private func remove(_ tree: GitClone.Record.Tree, _ cancellation: Cancellation) throws {
        let directory = try WorkDirectory(workDirectory)
        let names = tree.path.compactMap { FileName($0.utf8) }
        if let last = names.last {
            let location = try directory.locate(FilePath(Array(names.dropLast())), links: .refused)
            guard location.rest.isEmpty else { return }
            try location.directory.removeTree(last, cancellation)
        } else {
            for name in try directory.root.names() { try directory.root.removeTree(name, cancellation) }
        }
    }

    private func makeDirectory(_ directory: String) throws {
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    private func clone(_ name: String, _ record: GitClone.Record) -> GitClone {
        GitClone(
            program: program,
            name: name,
            privateDirectory: privateDirectory,
            repository: "\(repositories)/\(name)",
            record: record,
            workDirectory: workDirectory,
            access: GitAccess(anonymous: record.url)
        )
    }

    // MARK: Records

    func save(_ clone: GitClone) throws {
        let text = try JSONValueEncoder().encode(clone.record).text()
        try Data(text.utf8).write(to: URL(filePath: "\(clone.directory)/clone.json"), options: .atomic)
    }

    private func load(_ name: String) throws -> GitClone? {
        let file = "\(root)/\(name)/clone.json"
        guard FileManager.default.fileExists(atPath: file) else { return nil }
        let text = try Data(contentsOf: URL(filePath: file))
        let record = try JSONValueDecoder().decode(GitClone.Record.self, from: JSONValue(parsing: Array(text)))
        return clone(name, record)
    }

    func clones() throws -> [GitClone] {
        guard FileManager.default.fileExists(atPath: root) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: root).sorted()
            .compactMap(load)
    }

    // MARK: Work trees

    /// Whether a work tree has not been taken away, with its `.git`.
    private func isThere(_ tree: GitClone.Record.Tree) -> Bool {
        FileManager.default.fileExists(atPath: tree.path.reduce(workDirectory) { "\($0)/\($1)" } + "/.git")
    }

    /// Finds the work tree that a path leads into.
    ///
    /// - Parameter path: A work tree or a directory in it, as the user has written it.
    /// - Returns: The work tree.
    /// - Throws: ``GitError`` if `git-clone` has not made such a work tree; ``FileError``.
    func workTree(_ path: String) throws -> GitWorkTree {
        let location = try WorkDirectory(workDirectory).locate(path)
        guard location.rest.isEmpty else { throw try location.missing("open") }
        let names = location.directory.path.names.map(\.description)
        let found = try clones().filter(\.record.isComplete)
            .flatMap { clone in clone.record.trees.map { (clone, $0) } }
            .filter { names.starts(with: $0.1.path) && isThere($0.1) }
            .max { $0.1.path.count < $1.1.path.count }
        guard let (clone, tree) = found else {
            throw GitError(.refused, "\"\(path)\" is not in a work tree that git-clone has made in this Promotion")
        }
        return try workTree(tree, of: clone, directory: Array(names.dropFirst(tree.path.count)))
    }

    /// Opens a work tree.
    ///
    /// - Parameters:
    ///   - tree: The work tree.
    ///   - clone: Its clone.
    ///   - directory: Where in it.
    /// - Returns: The work tree.
    /// - Throws: ``FileError`` if it is not there, or there is a link on the way.
    func workTree(
        _ tree: GitClone.Record.Tree,
        of clone: GitClone,
        directory: [String] = []
    ) throws -> GitWorkTree {
        let names = tree.path.compactMap { FileName($0.utf8) }
        let location = try WorkDirectory(workDirectory).locate(FilePath(names), links: .refused)
        guard location.rest.isEmpty else { throw try location.missing("open") }
        return GitWorkTree(clone: clone, record: tree, root: location.directory, directory: directory)
    }
}
