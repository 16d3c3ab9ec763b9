import KargoCore
public import KubernetesClient

/// What the environment of a controller says; the names are those of Kargo's controller where it has one.
public struct ControllerSettings: Sendable {
    /// A variable that can't be understood.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        /// The variable, its value and what it must be.
        public let description: String
    }

    /// How the controllers are set up: `SHARD_NAME`, `IS_DEFAULT_CONTROLLER`, `API_SERVER_BASE_URL` and
    /// `MAX_CONCURRENT_STAGE_RECONCILES`.
    public let controller: KargoController.Configuration
    /// Where the plugins for all Projects are: `SYSTEM_RESOURCES_NAMESPACE`.
    public let systemNamespace: String
    /// Where the Secrets and ConfigMaps for all Projects are: `SHARED_RESOURCES_NAMESPACE`.
    public let sharedNamespace: String
    /// Whether there are plugins at all: `STEP_PLUGINS_ENABLED`.
    public let pluginsEnabled: Bool
    /// How many steps run in the controller at a time: `MAX_CONCURRENT_PROMOTION_RECONCILES`.
    public let maximumStepConcurrency: Int
    /// The image of agents: `KARGO_AGENT_IMAGE`; nil if it is the controller's own.
    public let agentImage: String?
    /// When that is pulled: `KARGO_AGENT_IMAGE_PULL_POLICY`; nil if as the controller's own.
    public let agentImagePullPolicy: String?
    /// The file that says what agent Pods may and get: `KARGO_POD_POLICY_FILE`; nil without.
    public let podPolicyFile: String?
    /// How long an agent may take to answer, from the making of its Pod: `AGENT_POD_START_TIMEOUT`, a Go duration; nil
    /// if the Pod policy says.
    public let agentStartTimeout: Duration?
    /// How many Pods of a Promotion may be lost: `AGENT_POD_MAX_RESTARTS`.
    public let maximumAgentRestarts: Int64
    /// The file of the key from which agents' tokens are derived: `KARGO_AGENT_KEY_FILE`, or one in the data directory;
    /// nil where it belongs in a Secret, if there is one to be had.
    public let agentKeyFile: String?
    /// How agents are reached: `KARGO_AGENT_CONNECTION`.
    public let agentConnection: AgentConnection
    /// Where Promotions without plugins have their files: `KARGO_WORK_DIR`.
    public let workDirectory: String
    /// Where Argo CD is: `ARGOCD_…`; nil where the operator wants nothing to do with it.
    public let argoCD: ArgoCD?
    /// In whose name commits are made: `GITCLIENT_…`.
    public let gitClient: GitClient
    /// Where `/healthz`, `/readyz` and `/metrics` are served: `METRICS_BIND_ADDRESS`; nil for nowhere.
    public let metricsAddress: BindAddress?
    /// How several replicas agree on who works: `KARGO_LEADER_ELECTION`; nil where there is one only.
    public let election: Election?
    /// How fast the controller asks the API server: `KUBE_API_QPS` and `KUBE_API_BURST`; nil for as fast as it can,
    /// which is for a local cluster, whose only client it is.
    public let requestRate: RequestRate?

    /// Reads an environment; an empty variable is one that is not there.
    ///
    /// - Parameters:
    ///   - environment: The environment.
    ///   - dataDirectory: Where files are kept that no variable names a place for; nil if every place must be named.
    /// - Throws: ``Failure``.
    public init(environment: [String: String], dataDirectory: String? = nil) throws(Failure) {
        let reader = Reader(environment: environment)
        controller = KargoController.Configuration(
            shardName: reader.text("SHARD_NAME") ?? "",
            isDefault: try reader.flag("IS_DEFAULT_CONTROLLER") ?? (reader.text("SHARD_NAME") == nil),
            uiBaseURL: reader.text("API_SERVER_BASE_URL") ?? "",
            maximumStageConcurrency: try reader.count("MAX_CONCURRENT_STAGE_RECONCILES", atLeast: 1) ?? 4
        )
        systemNamespace = reader.text("SYSTEM_RESOURCES_NAMESPACE") ?? "kargo-system-resources"
        sharedNamespace = reader.text("SHARED_RESOURCES_NAMESPACE") ?? "kargo-shared-resources"
        pluginsEnabled = try reader.flag("STEP_PLUGINS_ENABLED") ?? true
        maximumStepConcurrency = try reader.count("MAX_CONCURRENT_PROMOTION_RECONCILES", atLeast: 1) ?? 4
        agentImage = reader.text("KARGO_AGENT_IMAGE")
        agentImagePullPolicy = reader.text("KARGO_AGENT_IMAGE_PULL_POLICY")
        if let policy = agentImagePullPolicy, !["Always", "IfNotPresent", "Never"].contains(policy) {
            throw reader.failure("KARGO_AGENT_IMAGE_PULL_POLICY", policy, "Always, IfNotPresent or Never")
        }
        podPolicyFile = reader.text("KARGO_POD_POLICY_FILE")
        agentStartTimeout = try reader.duration("AGENT_POD_START_TIMEOUT")
        maximumAgentRestarts = Int64(try reader.count("AGENT_POD_MAX_RESTARTS", atLeast: 0) ?? 2)
        guard let workDirectory = reader.text("KARGO_WORK_DIR") ?? dataDirectory.map({ "\($0)/work" }) else {
            throw Failure(description: "KARGO_WORK_DIR is not set; it must name a directory of the controller's own")
        }
        self.workDirectory = workDirectory
        if let text = reader.text("KARGO_AGENT_CONNECTION") {
            guard let connection = AgentConnection(rawValue: text) else {
                throw reader.failure("KARGO_AGENT_CONNECTION", text, "auto, direct or port-forward")
            }
            agentConnection = connection
        } else {
            agentConnection = .automatic
        }
        argoCD = try ArgoCD(reader)
        gitClient = try GitClient(reader)
        election = try Election(reader)
        if let text = reader.text("METRICS_BIND_ADDRESS"), text != "0" {
            guard let address = BindAddress(text) else {
                throw reader.failure("METRICS_BIND_ADDRESS", text, "an address and a port, like :9090, or 0 for none")
            }
            metricsAddress = address
        } else {
            metricsAddress = nil
        }
        let usual = RequestRate.kubernetes
        let (perSecond, burst) = (try reader.number("KUBE_API_QPS"), try reader.count("KUBE_API_BURST", atLeast: 1))
        requestRate =
            dataDirectory != nil && perSecond == nil && burst == nil
            ? nil : RequestRate(perSecond: perSecond ?? usual.perSecond, burst: burst ?? usual.burst)
        agentKeyFile = reader.text("KARGO_AGENT_KEY_FILE") ?? dataDirectory.map { "\($0)/agent.key" }
    }

    /// How agents are reached.
    public enum AgentConnection: String, Sendable, CaseIterable {
        /// Directly where that works, else by port-forward.
        case automatic = "auto"
        /// At the addresses of their Pods.
        case direct
        /// Through the API server.
        case portForward = "port-forward"
    }

    struct Reader {
        let environment: [String: String]

        func text(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

        /// A truth value as Go's `strconv.ParseBool` reads it.
        func flag(_ name: String) throws(Failure) -> Bool? {
            guard let text = text(name) else { return nil }
            guard let flag = GoNumber.parseBool(text) else { throw failure(name, text, "true or false") }
            return flag
        }

        func count(_ name: String, atLeast minimum: Int) throws(Failure) -> Int? {
            guard let text = text(name) else { return nil }
            guard let count = Int(text), count >= minimum else {
                throw failure(name, text, "a whole number, \(minimum) or more")
            }
            return count
        }

        func number(_ name: String) throws(Failure) -> Double? {
            guard let text = text(name) else { return nil }
            guard let number = Double(text), number > 0, number.isFinite else {
                throw failure(name, text, "a number greater than zero")
            }
            return number
        }

        func duration(_ name: String) throws(Failure) -> Duration? {
            guard let text = text(name) else { return nil }
            guard let duration = try? GoDuration(text), duration.nanoseconds > 0 else {
                throw failure(name, text, "a duration greater than zero, like 10m")
            }
            return .nanoseconds(duration.nanoseconds)
        }

        func failure(_ name: String, _ text: String, _ wanted: String) -> Failure {
            Failure(description: "\(name) is \"\(text)\"; it must be \(wanted)")
        }
    }
}
