import ArgoCompat

/// Paths and environment variables that the controller writes into a Pod and the agent finds there.
public enum AgentLayout {
    /// The directory that all steps of a Promotion share.
    public static let workspace = AgentPodContract.workspace
    /// The clones of git repositories and what belongs to their work trees; sidecars see it read-only, so that nothing
    /// secret is there.
    public static let gitStore = "/var/lib/kargo/git"
    /// The agent's own directory.
    public static let privateDirectory = "/tmp"
    /// The part of it with the secrets that git needs in files, which is in memory.
    public static let gitSecrets = "/tmp/git"
    /// Where the agent sees the tokens of all sidecars, each in a directory of the container's name, and a sidecar its
    /// own.
    public static let tokens = AgentPodContract.tokens
    /// Where the init container sees the volume of the work directory.
    public static let initVolume = "/vol"
    /// Where the init container sees the volume of the tokens.
    public static let initTokens = "/auth"
    /// Where the agent's key and certificate are, for the init container and the agent alone.
    public static let identity = "/run/kargo-agent"
    /// Where a container leaves its last words, which Kubernetes puts into the status of the Pod.
    public static let terminationLog = "/dev/termination-log"
    /// The directory of the volume of the work directory where each sidecar has one of its name for temporary files.
    public static let sidecarTemporaryDirectories = "sidecar-tmp"
    /// The name of a token's file.
    public static let tokenFile = "token"

    /// Environment variables.
    public enum Variable {
        /// Names of the sidecars, with commas between them.
        public static let sidecars = "KARGO_SIDECARS"
        /// The SHA-256 of the agent's bearer token in hexadecimal digits.
        public static let tokenDigest = "KARGO_AGENT_TOKEN_SHA256"
        /// The plugins by kind of step, as JSON: `{"KIND": {"address": …, "containerName": …, "runAsUser": …}}`.
        public static let targets = "KARGO_STEP_PLUGIN_TARGETS"
        /// The user as which the Pod wants the agent to run.
        ///
        /// An agent that runs as another one, as where all containers have one user, takes the users of plugins for
        /// not given either.
        public static let user = "KARGO_AGENT_USER"
        /// The address of the Pod.
        ///
        /// The agent listens on all addresses, because a port-forward comes in on loopback; unless this one is a
        /// loopback address itself, as where Pods share a network.
        public static let listen = "KARGO_AGENT_LISTEN"
    }
}
