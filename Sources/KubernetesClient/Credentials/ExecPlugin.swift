public import KargoCore

/// A program that hands out credentials: the `exec` entry of a kubeconfig's user (`client.authentication.k8s.io`).
public struct ExecPlugin: Sendable, Hashable {
    /// Whether the program may ask the person at the terminal.
    public enum InteractiveMode: String, Sendable, Hashable {
        /// It never reads standard input.
        case never = "Never"
        /// It gets standard input if that is a terminal.
        case ifAvailable = "IfAvailable"
        /// It can't do without.
        case always = "Always"
    }

    /// The version that input and output have: `client.authentication.k8s.io/v1` or `…/v1beta1`.
    public var apiVersion: String
    /// The program: a name that is looked up in `PATH`, or a path.
    public var command: String
    /// What it is started with.
    public var arguments: [String]
    /// All its variables; `KUBERNETES_EXEC_INFO` is added.
    public var environment: [String: String]
    /// What to say where the program is missing.
    public var installHint: String
    /// Whether it may ask a person.
    public var interactiveMode: InteractiveMode
    /// What it is told of the cluster; nil if it did not ask.
    public var cluster: JSONValue?
    /// The file and the user whose entry it is, for the messages of errors.
    public var source: String

    /// Makes a description.
    public init(
        apiVersion: String,
        command: String,
        arguments: [String] = [],
        environment: [String: String] = [:],
        installHint: String = "",
        interactiveMode: InteractiveMode = .ifAvailable,
        cluster: JSONValue? = nil,
        source: String
    ) {
        self.apiVersion = apiVersion
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.installHint = installHint
        self.interactiveMode = interactiveMode
        self.cluster = cluster
        self.source = source
    }

    /// The versions that are understood.
    static let apiVersions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]

    /// What the program reads from `KUBERNETES_EXEC_INFO`.
    func input(isInteractive: Bool) -> JSONValue {
        var spec: [String: JSONValue] = ["interactive": .bool(isInteractive)]
        if let cluster { spec["cluster"] = cluster }
        return ["kind": "ExecCredential", "apiVersion": .string(apiVersion), "spec": .object(spec)]
    }
}
