#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The part of a clone's `HOME` that opens remote repositories: what ssh reads, where the user's own configuration is
/// not looked at, and the answers of credential helpers.
struct SSHHome: Sendable {
    let home: String

    var directory: String { "\(home)/.ssh" }
    /// Where the private key is, while a command talks to the repository.
    var key: String { "\(directory)/id" }

    /// The command that git calls.
    var command: String { "ssh -F '\("\(directory)/config".replacing("'", with: #"'\''"#))'" }

    /// Writes the configuration.
    ///
    /// Host keys are not looked at, as in Kargo: nobody says what they should be.
    ///
    /// - Parameter host: The one host that the private key is shown to; nil for none.
    /// - Throws: What keeps it from being written.
    func make(keyFor host: String?) throws {
        let privately: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: privately
        )
        let identity = host.map { host in
            """
            Host \(host) \(host.lowercased())
              IdentityFile "\(key)"

            """
        }
        let text = """
            \(identity ?? "")Host *
              BatchMode yes
              StrictHostKeyChecking no
              UserKnownHostsFile /dev/null
              IdentitiesOnly yes
              IdentityAgent none
              IdentityFile none
              LogLevel ERROR

            """
        try Data(text.utf8).write(to: URL(filePath: "\(directory)/config"), options: .atomic)
    }
}
