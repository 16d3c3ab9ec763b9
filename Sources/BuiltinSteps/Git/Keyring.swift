#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The keys of a clone, in a home of GnuPG's.
struct Keyring: Sendable {
    /// Longer names of sockets than this don't fit into their addresses.
    private static let longestSocket = 100
    private static let longestSocketName = "/S.gpg-agent.browser"

    let path: ProgramPath
    let directory: String

    /// Whether there are keys.
    var exists: Bool { FileManager.default.fileExists(atPath: directory) }

    /// Takes in a private key, in ASCII armour, and trusts it.
    ///
    /// - Returns: The fingerprint of the key.
    /// - Throws: ``GitError``, `CancellationError`.
    func add(_ key: String) async throws -> String {
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        return try await use { keyring in
            let imported = try await keyring.gpg(["--status-fd", "1", "--import"], input: Array((key + "\n").utf8))
            let marker = "[GNUPG:] IMPORT_OK "
            let words = imported.split(separator: "\n").first { $0.hasPrefix(marker) }?.split(separator: " ") ?? []
            guard words.count == 4 else { throw GitError(.refused, "the signing key is no OpenPGP key") }
            let fingerprint = String(words[3])
            guard try await keyring.gpg(["--list-secret-keys", "--with-colons"]).contains(fingerprint) else {
                throw GitError(.refused, "the signing key is not a private key")
            }
            // Ultimate: what it has signed counts as good.
            _ = try await keyring.gpg(["--import-ownertrust"], input: Array("\(fingerprint):6:\n".utf8))
            return fingerprint
        }
    }

    /// Lets programs use a keyring with one private key that is gone after the body.
    func withTemporary<Result>(
        holding key: String,
        _ body: (Keyring, _ fingerprint: String) async throws -> Result
    ) async throws -> Result {
        let keyring = Keyring(path: path, directory: "\(directory)-\(UUID().uuidString.prefix(8))")
        let outcome: Swift.Result<Result, any Error>
        do {
            let fingerprint = try await keyring.add(key)
            outcome = .success(try await keyring.use { try await body($0, fingerprint) })
        } catch {
            outcome = .failure(error)
        }
        try FileManager.default.removeItem(atPath: keyring.directory)
        return try outcome.get()
    }

    /// Lets programs use the keys as long as the body lasts, and ends GnuPG's daemons after it.
    ///
    /// - Parameter body: Is given the keys in a place whose name is short enough for sockets.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    func use<Result>(_ body: (Keyring) async throws -> Result) async throws -> Result {
        guard exists else { return try await body(self) }
        try removeLocks()
        guard directory.utf8.count + Self.longestSocketName.utf8.count > Self.longestSocket else {
            return try await endingDaemons(body)
        }
        let place = try Self.shortDirectory()
        let short = Keyring(path: path, directory: "\(place)/k")
        let outcome: Swift.Result<Result, any Error>
        do {
            try FileManager.default.createSymbolicLink(atPath: short.directory, withDestinationPath: directory)
            outcome = .success(try await short.endingDaemons(body))
        } catch {
            outcome = .failure(error)
        }
        try FileManager.default.removeItem(atPath: place)
        return try outcome.get()
    }

    private func endingDaemons<Result>(_ body: (Keyring) async throws -> Result) async throws -> Result {
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await body(self)) } catch { outcome = .failure(error) }
        await endDaemons()
        return try outcome.get()
    }

    /// Ends GnuPG's daemons, also when the task was cancelled.
    private func endDaemons() async {
        guard let program = path.find("gpgconf") else { return }
        let process = process(program, ["--kill", "all"])
        // A task of its own, which is not cancelled. A daemon that stays ends by itself when its directory is gone.
        await Task { _ = try? await process.run() }.value
    }

    /// Removes what killed processes have left, perhaps on another host, and what would be waited for.
    private func removeLocks() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: directory)
        where name.hasPrefix(".#lk") || name.hasSuffix(".lock") || name.hasPrefix("S.") {
            try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
        }
    }

    private static func shortDirectory() throws -> String {
        for parent in [FileManager.default.temporaryDirectory.path(percentEncoded: false), "/tmp"]
        where parent.utf8.count < 60 {
            var template = Array("\(parent)/kargo-XXXXXX".utf8CString)
            if let made = mkdtemp(&template) { return String(cString: made) }
        }
        throw GitError(.refused, "can't make a temporary directory for GnuPG: \(SystemError.latest)")
    }

    private func gpg(_ arguments: [String], input: [UInt8] = []) async throws -> String {
        guard let program = path.find("gpg") else {
            throw GitError(.missingProgram, "gpg is not installed: no directory of PATH (\(path.value)) has it")
        }
        let outcome: ChildProcess.Outcome
        do {
            outcome = try await process(program, ["--batch", "--no-tty"] + arguments, input: input).run()
        } catch let failure as ProcessFailure {
            throw GitError(.refused, failure.description)
        }
        guard outcome.isSuccess else {
            let secrets = GitSecrets(directories: [directory])
            let lines = secrets.clean(outcome.diagnostics).split(separator: "\n").suffix(4)
            throw GitError(.refused, "gpg can't read the signing key: \(lines.joined(separator: "\n"))")
        }
        return String(decoding: outcome.output, as: UTF8.self)
    }

    private func process(_ program: String, _ arguments: [String], input: [UInt8] = []) -> ChildProcess {
        ChildProcess(
            program: program,
            arguments: arguments,
            environment: ["PATH": path.value, "HOME": directory, "GNUPGHOME": directory, "LC_ALL": "C"],
            directory: "/",
            input: input
        )
    }
}
