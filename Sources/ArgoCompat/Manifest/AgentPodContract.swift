/// What an agent Pod has already, and what a sidecar may use of it.
public enum AgentPodContract {
    /// The name of the agent's container.
    public static let agentContainer = "promotion-agent"
    /// The name of the init container.
    public static let initContainer = "step-plugin-token-init"
    /// The port that the agent listens on; all containers of a Pod share their ports.
    public static let agentPort = 9764
    /// The volume with the work directory.
    public static let workDirectoryVolume = "kargo-workdir"
    /// The volume with the tokens of all sidecars.
    public static let tokenVolume = "kargo-step-plugin-auth"
    /// Where a sidecar sees the work directory.
    public static let workspace = "/workspace"
    /// Where a sidecar sees its token.
    public static let tokens = "/var/run/kargo"
    /// The one capability that the Pod Security Standard `restricted` lets a container add.
    public static let allowedCapability = "NET_BIND_SERVICE"
}
