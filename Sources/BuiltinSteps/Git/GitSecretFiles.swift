import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Files that hold what opens a remote repository while a command talks to it.
struct GitSecretFiles: Sendable {
    /// git's `HOME`, which nobody else sees.
    let home: String

    /// Has the secrets at hand as long as the body lasts.
    ///
    /// - Parameters:
    ///   - access: The repository, and how to get in.
    ///   - body: Is given what git has to be configured with.
    /// - Returns: What the body returns.
    /// - Throws: ``GitError``, what the body throws.
    func with<Result>(_ access: GitAccess, _ body: ([GitSetting]) async throws -> Result) async throws -> Result {
        let answer = "\(home)/credentials-\(UUID().uuidString)"
        return try await withFile(access.credentials?.sshPrivateKey ?? "", at: SSHHome(home: home).key) {
            try await withFile(access.answer ?? "", at: answer) {
                try await body(access.answer == nil ? [] : access.configuration(answer: answer))
            }
        }
    }

    private func withFile<Result>(
        _ text: String,
        at path: String,
        _ body: () async throws -> Result
    ) async throws -> Result {
        guard !text.isEmpty else { return try await body() }
        let ended = text.hasSuffix("\n") ? text : text + "\n"
        guard
            FileManager.default.createFile(
                atPath: path,
                contents: Data(ended.utf8),
                attributes: [.posixPermissions: 0o600]
            )
        else { throw GitError(.refused, "can't write the credentials of the repository for git") }
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        try FileManager.default.removeItem(atPath: path)
        return try outcome.get()
    }
}
