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
    init(environment: [String: String], isolation: ProgramIsolation? = nil) {
        path = ProgramPath(environment: environment, isolation: isolation)
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
