import AgentPod
import ArgumentParser
import AsyncHTTPClient
import BuiltinSteps
import ControlPlane
import ExecutorRPC
import KargoControllers
import KargoCore
import KubernetesClient
import LocalCluster
import Logging
import PromotionsBridge
import StepPluginRegistry

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `kargo-controller run`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run Kargo's controllers on the cluster that KUBECONFIG names, or the one it is in.",
        discussion: """
            It is configured by its environment, as Kargo's controller is. When it is ready it prints one line of \
            JSON: {"pid": …}, with the "address" of /healthz, /readyz and /metrics where they are served. Promotions \
            that are at work when it ends are taken up again by the next one.
            """
    )

    /// How long the end may take: less than the 30 seconds that Kubernetes gives.
    private static let gracePeriod = Duration.seconds(25)

    @OptionGroup var options: ProcessOptions

    func run() async throws {
        let claim: LocalInstallation.Claim?
        if let directory = options.dataDir {
            claim = try LocalInstallation(dataDirectory: directory).claim(.controller)
            if claim == nil {
                throw LocalClusterError("\(directory): another controller runs on it; stop that one first")
            }
        } else {
            claim = nil
        }
        defer { withExtendedLifetime(claim) {} }
        let environment = ProcessInfo.processInfo.environment
        let settings = try ControllerSettings(environment: environment, dataDirectory: options.dataDir)
        let configuration = try ClusterConfiguration.discover(environment: environment, prefersServiceAccount: true)
        let logger = try ProcessLife.makeLogger("kargo-controller")
        let life = ProcessLife(endsWithInput: options.untilStdinCloses)
        let credentials = try CredentialsSettings(environment: environment)
        let policy = try settings.podPolicyFile.map(PodPolicy.load) ?? PodPolicy()
        let operations = ControllerOperations()
        operations.add(ProcessMetrics(start: Date()))
        try await life.untilEnd(
            onEnd: {
                operations.note(.ending)
                ProcessLife.end(within: Self.gracePeriod)
            },
            {
                try await Self.withServer(of: operations, at: settings.metricsAddress, logger: logger) { address in
                    try await Self.serve(
                        settings,
                        policy,
                        credentials,
                        Home(configuration: configuration, operations: operations, address: address),
                        environment: environment,
                        logger: logger
                    )
                }
            }
        )
    }

    private static func serve(
        _ settings: ControllerSettings,
        _ policy: PodPolicy,
        _ credentials: CredentialsSettings,
        _ home: Home,
        environment: [String: String],
        logger: Logger
    ) async throws {
        let connection = ClusterConnection.Settings(rate: settings.requestRate)
        try await ClusterConnection.with(home.configuration, settings: connection) { api in
            home.operations.add(RequestMetrics(api.statistics))
            let template = try await Self.template(settings, policy, environment: environment, api: api, logger: logger)
            let argoCDCluster = try settings.argoCD?.cluster(environment: environment)
            try await Self.withArgoCD(argoCDCluster, settings: connection, of: api) { argoCD in
                try await HTTPCloudTransport.with(proxies: ProxyRules(environment: environment)) { transport in
                    let database = { (settings: CredentialsSettings) in
                        ClusterCredentials(api: api, settings: settings, transport: transport, logger: logger)
                    }
                    let capabilities = Self.capabilities(
                        settings,
                        credentials: database(credentials),
                        api: api,
                        argoCD: argoCD
                    )
                    let agentCapabilities =
                        switch policy.credentials {
                        case .all: capabilities
                        case .projectOnly: capabilities.projectOnly(credentials: database(credentials.projectOnly))
                        }
                    try await BuiltinStepKinds.withRegistry(capabilities: capabilities) { registry in
                        try await Self.run(
                            settings,
                            home,
                            api: api,
                            argoCD: argoCD,
                            agentCapabilities: agentCapabilities,
                            registry: registry,
                            template: template,
                            logger: logger
                        )
                    }
                }
            }
        }
    }

    /// What agent Pods are made with, on a cluster that is new enough for them.
    private static func template(
        _ settings: ControllerSettings,
        _ policy: PodPolicy,
        environment: [String: String],
        api: any KubernetesAPI,
        logger: Logger
    ) async throws -> AgentPodTemplate {
        if settings.pluginsEnabled { try await SidecarSupport.check(api) }
        let image = try await AgentImage.find(
            named: settings.agentImage,
            pullPolicy: settings.agentImagePullPolicy,
            environment: environment,
            api: api
        )
        let steps = StepSettings(environment: environment)
        if !steps.withheld.isEmpty {
            logger.warning("agents don't get \(steps.withheld.joined(separator: ", ")), which names a password")
        }
        return AgentPodTemplate(
            image: image.name,
            imagePullPolicy: image.pullPolicy,
            policy: policy,
            settings: steps.variables
        )
    }

    /// Connects to the cluster of Argo CD; without one of its own it is Kargo's.
    private static func withArgoCD(
        _ cluster: ClusterConfiguration?,
        settings: ClusterConnection.Settings,
        of api: ClusterConnection,
        _ body: (ClusterConnection) async throws -> Void
    ) async throws {
        guard let cluster else { return try await body(api) }
        try await ClusterConnection.with(cluster, settings: settings, body)
    }

    /// What builtin steps may ask for in this process.
    private static func capabilities(
        _ settings: ControllerSettings,
        credentials: any CredentialsDatabase,
        api: any KubernetesAPI,
        argoCD: any KubernetesAPI
    ) -> StepCapabilities {
        let applications: any ArgoCDApplications =
            if let settings = settings.argoCD {
                ClusterArgoCDApplications(api: argoCD, defaultNamespace: settings.namespace)
            } else {
                DisabledArgoCDApplications()
            }
        let client = settings.gitClient
        return StepCapabilities(
            credentials: credentials,
            gitIdentity: ClusterGitIdentity(
                api: api,
                systemNamespace: settings.systemNamespace,
                settings: ClusterGitIdentity.Settings(
                    name: client.name,
                    email: client.email,
                    signingKeyPath: client.signingKeyPath
                )
            ),
            controlPlane: ClusterControlPlaneAccess(api: api),
            argoCD: applications
        )
    }

    /// What the controller proves itself with to agents: in a file, or in a Secret where it runs in a cluster.
    private static func agentKeys(_ settings: ControllerSettings) async throws -> AgentKeys {
        let environment = ProcessInfo.processInfo.environment
        if settings.agentKeyFile == nil, environment["KUBERNETES_SERVICE_HOST"] != nil {
            let configuration = try ClusterConfiguration.inCluster(environment: environment)
            return try await ClusterConnection.with(configuration) { api in
                try await AgentKeys.load(api: api, namespace: configuration.namespace)
            }
        }
        let file = settings.agentKeyFile ?? "\(settings.workDirectory)/agent.key"
        return AgentKeys(current: try AgentKey.load(path: file))
    }

    /// What reaches agents through the API server; nil where nothing has to.
    private static func forwarding(
        _ connection: ControllerSettings.AgentConnection,
        _ api: ClusterConnection
    ) async throws -> AgentForwarding? {
        guard connection != .direct else { return nil }
        let proxy = try await PortForwardProxy(cluster: api)
        return AgentForwarding(
            proxy: proxy,
            client: AgentClient.makeHTTPClient(connectTimeout: .seconds(15), proxy: proxy.settings)
        )
    }

    /// What says how Stages are; it doesn't wait for a server, but looks again later.
    private static func checkers(
        _ settings: ControllerSettings.ArgoCD?,
        argoCD: any KubernetesAPI
    ) -> HealthCheckers {
        guard let settings else {
            return HealthCheckers([ArgoCDHealthChecker(applications: DisabledArgoCDApplications())])
        }
        let applications = ClusterArgoCDApplications(
            api: argoCD,
            defaultNamespace: settings.namespace,
            patience: nil
        )
        return HealthCheckers([ArgoCDHealthChecker(applications: applications)])
    }

    private static func run(
        _ settings: ControllerSettings,
        _ home: Home,
        api: ClusterConnection,
        argoCD: any KubernetesAPI,
        agentCapabilities: StepCapabilities,
        registry: StepRegistry,
        template: AgentPodTemplate,
        logger: Logger
    ) async throws {
        let keys = try await agentKeys(settings)
        let forwarding = try await forwarding(settings.agentConnection, api)
        let isAutomatic = settings.agentConnection == .automatic
        let client = AgentClient.makeHTTPClient(connectTimeout: .seconds(isAutomatic ? 2 : 5))
        let observer = PodObserver(api: api, logger: logger)
        let agents = KubernetesAgentRuntime(
            api: api,
            observer: observer,
            configuration: KubernetesAgentRuntime.Configuration(
                template: template,
                keys: keys,
                routing: AgentRouting(rawValue: settings.agentConnection.rawValue) ?? .automatic,
                startTimeout: settings.agentStartTimeout
                    ?? template.policy.startTimeout.map { Duration.nanoseconds($0.nanoseconds) } ?? .seconds(600),
                maximumLosses: settings.maximumAgentRestarts
            ),
            client: client,
            forwarding: forwarding,
            logger: logger
        )
        let isBuiltin: @Sendable (String) -> Bool = { registry.kind($0) != nil }
        let source = ConfigMapPluginSource(
            api: api,
            systemNamespace: settings.systemNamespace,
            isBuiltin: isBuiltin,
            logger: logger
        )
        let engine = PluginAwareEngine(
            local: LocalEngine(
                root: settings.workDirectory,
                registry: registry,
                maximumConcurrency: settings.maximumStepConcurrency
            ),
            registry: registry,
            plugins: settings.pluginsEnabled ? source : NoPlugins(isBuiltin: isBuiltin),
            agents: agents,
            keys: keys,
            broker: CapabilityBroker(
                capabilities: agentCapabilities,
                access: { registry.access($0) },
                logger: logger
            ),
            data: ClusterExpressionData(
                api: api,
                sharedNamespace: settings.sharedNamespace,
                patience: Backoff(first: .milliseconds(100), longest: .seconds(10))
            )
        )
        let controller = KargoController(
            api: api,
            engine: engine,
            configuration: settings.controller,
            checkers: checkers(settings.argoCD, argoCD: argoCD),
            applications: settings.argoCD.map { settings in
                ApplicationFeed(api: argoCD, namespace: settings.watchesNamespaceOnly ? settings.namespace : nil)
            },
            operations: home.operations,
            logger: logger
        )
        tell(home.operations, of: observer, settings.pluginsEnabled ? source : nil)
        let outcome: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await observer.run() }
                if let forwarding { group.addTask { try await forwarding.proxy.run() } }
                if settings.pluginsEnabled { group.addTask { try await source.run() } }
                group.addTask { try await work(controller, settings.election, home, logger: logger) }
                defer { group.cancelAll() }
                try await group.next()
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await client.shutdown()
        try await forwarding?.client.shutdown()
        try outcome.get()
    }
}
