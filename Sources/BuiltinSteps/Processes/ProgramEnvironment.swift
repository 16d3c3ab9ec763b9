#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What programs get to see of this process, and a place of their own.
struct ProgramEnvironment: Sendable, Hashable {
    /// What programs need that go to the network.
    private static let inherited = [
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ]

    let path: ProgramPath
    private let passedOn: [String: String]

    /// Takes what programs may see of an environment.
    init(environment: [String: String]) {
        path = ProgramPath(environment: environment)
        passedOn = environment.filter { Self.inherited.contains($0.key) }
    }

    /// The variables of a program.
    ///
    /// - Parameter home: The directory in which it may leave things.
    /// - Returns: The variables by name.
    func variables(home: String) -> [String: String] {
        let own = [
            "PATH": path.value, "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", "XDG_CACHE_HOME": "\(home)/.cache",
            "XDG_CONFIG_HOME": "\(home)/.config", "XDG_DATA_HOME": "\(home)/.local/share", "KUBECONFIG": "/dev/null",
            // Those that a chart's author could bring along are programs.
            "HELM_PLUGINS": "\(home)/plugins",
        ]
        return passedOn.merging(own) { _, own in own }
    }
}

/// A directory for what a step needs while it runs.
struct ScratchDirectory: Sendable {
    let path: String

    /// Makes a directory in the step's private one, hands it over and removes it.
    ///
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; what keeps the directory from being made.
    static func with<Result>(
        in privateDirectory: String,
        _ body: (ScratchDirectory) async throws -> Result
    ) async throws -> Result {
        let path = "\(privateDirectory)/scratch-\(UUID().uuidString)"
        for name in ["home", "stage"] {
            try FileManager.default.createDirectory(
                atPath: "\(path)/\(name)",
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        // What can't be removed goes with the private directory.
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(ScratchDirectory(path: path))
    }

    /// The home of programs.
    var home: String { "\(path)/home" }
    /// What programs work on.
    var stage: String { "\(path)/stage" }
}
