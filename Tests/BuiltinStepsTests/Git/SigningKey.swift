import KargoTestSupport
import Subprocess

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A new OpenPGP key of somebody who signs commits, with a keyring in which it is trusted.
struct SigningKey: Sendable {
    let fingerprint: String
    /// The private key in ASCII armour.
    let text: String
    let keyring: String

    static func with(_ body: (SigningKey) async throws -> Void) async throws {
        try await ScopedDirectory.with { directory in
            let keyring = directory.file("k")
            try FileManager.default.createDirectory(
                atPath: keyring,
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700]
            )
            let name = "Signer <signer@example.com>"
            try await run(
                "gpg",
                ["--batch", "--passphrase", "", "--quick-gen-key", name, "ed25519", "sign", "0"],
                keyring
            )
            let listing = try await run("gpg", ["--batch", "--list-keys", "--with-colons"], keyring)
            let line = listing.split(separator: "\n").first { $0.hasPrefix("fpr:") }
            let text = try await run("gpg", ["--batch", "--armor", "--export-secret-keys"], keyring)
            let fingerprint = line?.split(separator: ":").last.map(String.init) ?? ""
            let outcome: Swift.Result<Void, any Error>
            do {
                outcome = .success(
                    try await body(SigningKey(fingerprint: fingerprint, text: text, keyring: keyring))
                )
            } catch {
                outcome = .failure(error)
            }
            try await run("gpgconf", ["--kill", "all"], keyring)
            try outcome.get()
        }
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: [String], _ keyring: String) async throws -> String {
        let outcome = try await Subprocess.run(
            .name(program),
            arguments: Arguments(arguments),
            environment: .inherit.updating(["GNUPGHOME": keyring]),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        guard outcome.terminationStatus.isSuccess else {
            throw GitBench.Failure(description: "\(program): \(outcome.standardError)")
        }
        return outcome.standardOutput
    }
}
