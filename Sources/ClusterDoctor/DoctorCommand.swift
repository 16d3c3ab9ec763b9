import AgentPod
public import ArgumentParser
import KargoCommands

/// `kargo doctor`.
public struct DoctorCommand: AsyncParsableCommand {
    /// How the command describes itself.
    public static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check a cluster for what the controller needs.",
        discussion: """
            Looks at the version of the API server, Kargo's definitions, the controller's Deployment and its settings, \
            permissions, and plugins. Changes nothing. Prints a line for each thing: ok, warning or error, what it is \
            about, and the remedy.

            The exit code is 0 without errors, 1 with errors, and 2 if the cluster can't be reached.
            """
    )

    @OptionGroup var cluster: ClusterOptions

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "Whose permissions are looked at, such as system:serviceaccount:kargo:kargo-controller; default is the "
                + "caller's own.",
            valueName: "user"
        ),
        transform: { text in
            guard let account = Account(text) else {
                throw ValidationError("Name a user, or system:serviceaccount:NAMESPACE:NAME.")
            }
            return account
        }
    )
    var account: Account?

    @Option(help: "The namespace of the controller; default is that of the service account of --as, then kargo.")
    var controllerNamespace: String?

    @Option(
        name: [.customShort("p"), .customLong("project"), .customShort("n"), .customLong("namespace")],
        parsing: .singleValue,
        help: "Only this Project; may be repeated. Default is all of them."
    )
    var projects: [String] = []

    @Option(
        help: ArgumentHelp("The Pod policy, where the controller is not in the cluster.", valueName: "file"),
        completion: .file()
    )
    var podPolicy: String?

    @Option(name: .shortAndLong, help: "How to print.")
    var output = CheckupReport.Format.text

    /// Makes the command; the argument parser does so.
    public init() {}

    /// Looks, prints and ends with the exit code.
    public func run() async throws {
        let policy = try podPolicy.map(PodPolicy.load)
        let report = try await cluster.with { api, _ in
            var checkup = Checkup(api: api)
            checkup.account = account
            checkup.namespace = controllerNamespace ?? account?.namespace ?? checkup.namespace
            checkup.projects = projects
            checkup.policy = policy
            return try await checkup.run()
        }
        Console.write(report.text(output))
        if !report.isReachable { throw ExitCode(Kargo.ExitStatus.clusterIsUnreachable) }
        if report.count(.error) > 0 { throw ExitCode.failure }
    }
}

extension CheckupReport.Format: ExpressibleByArgument {}
