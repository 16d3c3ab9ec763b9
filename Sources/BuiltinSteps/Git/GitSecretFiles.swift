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
    ///   - accesses: Repositories, and how to get in. Of keys for SSH only the first is used.
    ///   - body: Is given what git has to be configured with.
    /// - Returns: What the body returns.
    /// - Throws: ``GitError``, what the body throws.
    func with<Result>(_ accesses: [GitAccess], _ body: ([GitSetting]) async throws -> Result) async throws -> Result {
        let holder = accesses.first { $0.credentials?.sshPrivateKey.isEmpty == false && $0.sshHost != nil }
        let ssh = SSHHome(home: home)
        try ssh.make(keyFor: holder?.sshHost)
        return try await withFile(holder?.credentials?.sshPrivateKey ?? "", at: ssh.key) {
            try await with(accesses[...], [], body)
        }
    }

    private func with<Result>(
        _ accesses: ArraySlice<GitAccess>,
        _ settings: [GitSetting],
        _ body: ([GitSetting]) async throws -> Result
    ) async throws -> Result {
        guard let access = accesses.first else { return try await body(settings) }
        guard let text = access.answer else { return try await with(accesses.dropFirst(), settings, body) }
        let answer = "\(SSHHome(home: home).directory)/answer-\(UUID().uuidString)"
        return try await withFile(text, at: answer) {
            try await with(accesses.dropFirst(), settings + access.configuration(answer: answer), body)
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
