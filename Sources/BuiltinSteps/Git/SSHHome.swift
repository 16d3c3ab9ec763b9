#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What ssh reads of a clone's `HOME`, where the user's own configuration is not looked at.
struct SSHHome: Sendable {
    let home: String

    private var directory: String { "\(home)/.ssh" }
    private var key: String { "\(directory)/id" }

    /// The command that git calls.
    var command: String { "ssh -F '\("\(directory)/config".replacing("'", with: #"'\''"#))'" }

    /// Writes the configuration.
    ///
    /// Host keys are not looked at, as in Kargo: nobody says what they should be.
    func make() throws {
        let privately: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: privately
        )
        let text = """
            Host *
              BatchMode yes
              StrictHostKeyChecking no
              UserKnownHostsFile /dev/null
              IdentitiesOnly yes
              IdentityFile "\(key)"
              LogLevel ERROR

            """
        try Data(text.utf8).write(to: URL(filePath: "\(directory)/config"), options: .atomic)
    }

    /// Has a private key at hand as long as the body lasts.
    func withKey<Result>(_ text: String, _ body: () async throws -> Result) async throws -> Result {
        guard !text.isEmpty else { return try await body() }
        let ended = text.hasSuffix("\n") ? text : text + "\n"
        guard
            FileManager.default.createFile(
                atPath: key,
                contents: Data(ended.utf8),
                attributes: [.posixPermissions: 0o600]
            )
        else { throw GitError(.refused, "can't write the private key for ssh") }
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        try FileManager.default.removeItem(atPath: key)
        return try outcome.get()
    }
}
