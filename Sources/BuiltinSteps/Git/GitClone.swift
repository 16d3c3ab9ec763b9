import KargoCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A bare clone, out of reach of those who may only write to the work directory.
struct GitClone: Sendable {
    /// What is kept of a clone for later steps.
    struct Record: Sendable, Hashable, Codable {
        /// A work tree.
        struct Tree: Sendable, Hashable, Codable {
            /// The way from the work directory.
            var path: [String]
            /// Its name in the clone.
            var name: String
        }

        /// The repository, as the user has written it.
        var url: String
        var skipsTLSVerification = false
        /// Whether contents are fetched when they are needed.
        var isBlobless = false
        var name: String
        var email: String
        /// The fingerprint of the key that signs; empty for none.
        var signingKey = ""
        var trees: [Tree] = []
        /// Whether the step has ended that makes the clone; else it was killed.
        var isComplete = false
        /// What ``GitClone/configuration`` was when the step had ended.
        var configuration: [String: String]?
    }

    let program: GitProgram
    /// Its name among the clones of the Promotion.
    let name: String
    /// The steps' private directory, where the record is, and what is secret.
    let privateDirectory: String
    /// Where git's own files are, which plugins may read.
    let repository: String
    var record: Record
    /// The work directory, which is not to be told.
    let workDirectory: String
    var access: GitAccess
    /// Another name of the keyring's directory, while it is used.
    var keyringDirectory: String?

    /// What is kept of the clone where no plugin sees it: little, as it may be in memory.
    var directory: String { "\(privateDirectory)/git/\(name)" }
    var home: String { "\(directory)/home" }
    /// Where work trees are made.
    var nursery: String { "\(privateDirectory)/git-trees/\(name)" }
    var keyring: Keyring { Keyring(path: program.path, directory: "\(home)/.gnupg") }

    /// Runs git in the clone.
    ///
    /// - Parameters:
    ///   - arguments: The arguments, beginning with the command.
    ///   - place: Where; the clone itself if nothing is said.
    ///   - talks: Whether the command talks to the remote repository.
    ///   - others: Other repositories that it talks to.
    ///   - input: What git reads.
    ///   - codes: The codes with which it may end.
    /// - Returns: What git has written.
    /// - Throws: ``GitError``, `CancellationError`.
    @discardableResult
    func run(
        _ arguments: [String],
        in place: GitProgram.Place? = nil,
        talking talks: Bool = false,
        others: [GitAccess] = [],
        input: [UInt8] = [],
        accepting codes: Set<Int32> = [0]
    ) async throws -> GitOutput {
        try checkConfiguration()
        let place = place ?? .repository(repository)
        guard talks else {
            return try await program.run(arguments, in: place, surroundings, input: input, accepting: codes)
        }
        return try await GitSecretFiles(home: home)
            .with([access] + others) { settings in
                var surroundings = surroundings
                surroundings.settings += settings
                surroundings.secrets = surroundings.secrets.hiding(others.flatMap(\.secrets))
                return try await program.run(
                    arguments,
                    in: place,
                    surroundings,
                    access: access,
                    input: input,
                    accepting: codes
                )
            }
    }

    private var surroundings: GitProgram.Surroundings {
        var result = GitProgram.Surroundings(home: home)
        result.directories = [repository, directory, nursery]
        result.workDirectory = workDirectory
        let signs = record.signingKey.isEmpty ? "false" : "true"
        result.settings = [
            GitSetting("user.name", record.name),
            GitSetting("user.email", record.email),
            GitSetting("user.signingKey", record.signingKey),
            GitSetting("commit.gpgSign", signs),
            GitSetting("tag.gpgSign", signs),
        ]
        if record.skipsTLSVerification { result.settings.append(GitSetting("http.sslVerify", "false")) }
        result.keyring = keyringDirectory ?? keyring.directory
        result.secrets = GitSecrets(
            directories: [workDirectory, repository, directory, nursery] + [workDirectory].compactMap(Self.resolved)
        )
        return result
    }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
