import KargoCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A bare clone in the step's private directory.
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
    }

    let program: GitProgram
    /// Where the clone is, with its `HOME`.
    let directory: String
    var record: Record
    /// The work directory, which is not to be told.
    let workDirectory: String
    var access: GitAccess
    /// Another name of the keyring's directory, while it is used.
    var keyringDirectory: String?

    var repository: String { "\(directory)/repo" }
    var home: String { "\(directory)/home" }
    var keyring: Keyring { Keyring(path: program.path, directory: "\(home)/.gnupg") }

    /// Runs git in the clone.
    ///
    /// - Parameters:
    ///   - arguments: The arguments, beginning with the command.
    ///   - place: Where; the clone itself if nothing is said.
    ///   - talks: Whether the command talks to the remote repository.
    ///   - input: What git reads.
    ///   - codes: The codes with which it may end.
    /// - Returns: What git has written.
    /// - Throws: ``GitError``, `CancellationError`.
    @discardableResult
    func run(
        _ arguments: [String],
        in place: GitProgram.Place? = nil,
        talking talks: Bool = false,
        input: [UInt8] = [],
        accepting codes: Set<Int32> = [0]
    ) async throws -> GitOutput {
        let access = talks || record.isBlobless ? access : nil
        return try await SSHHome(home: home)
            .withKey(access?.credentials?.sshPrivateKey ?? "") {
                try await program.run(
                    arguments,
                    in: place ?? .repository(repository),
                    surroundings,
                    access: access,
                    input: input,
                    accepting: codes
                )
            }
    }

    private var surroundings: GitProgram.Surroundings {
        var result = GitProgram.Surroundings(home: home)
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
            directories: [workDirectory, repository, directory] + [workDirectory].compactMap(Self.resolved)
        )
        return result
    }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
