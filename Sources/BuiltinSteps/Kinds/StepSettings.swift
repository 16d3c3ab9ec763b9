/// The variables of a controller by which its agents' steps go, too.
public struct StepSettings: Sendable, Hashable {
    private static let plain = [
        "ALLOW_CREDENTIALS_OVER_HTTP", "GITHUB_PUSH_MAX_REVISIONS", "GITHUB_PUSH_VERIFY_UNTRUSTED_COMMITS",
        "GIT_PUSH_INTEGRATION_POLICY", "MAX_OCI_DOWNLOAD_SIZE", "MAX_OCI_PUSH_ARTIFACT_SIZE",
    ]
    private static let proxies = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"]

    /// The variables, none of which holds a secret.
    public let variables: [String: String]
    /// The names of the variables that hold a proxy's password, which agents are not given.
    public let withheld: [String]

    /// Takes what steps go by of an environment.
    ///
    /// - Parameter environment: The variables of the controller.
    public init(environment: [String: String]) {
        let names = Self.plain + Self.proxies
        var variables = environment.filter { names.contains($0.key) && !$0.value.isEmpty }
        withheld = Self.proxies.filter { variables[$0]?.contains("@") == true }.sorted()
        for name in withheld { variables[name] = nil }
        self.variables = variables
    }
}
