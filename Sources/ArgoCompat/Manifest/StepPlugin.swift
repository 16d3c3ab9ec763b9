public import KargoCore

/// A StepPlugin: a container that runs step kinds, as its author describes it in `plugin.yaml`.
///
/// The manifest is never stored as it is: ``configMap`` carries it to the cluster and ``init(configMap:)`` reads it
/// back. It is modelled on the executor plugins of Argo Workflows, whose one sidecar it has.
public struct StepPlugin: Sendable, Hashable, Codable {
    /// What stands in `apiVersion`.
    public static let groupVersion = "kargo-extended.code.org/v1alpha1"
    /// What stands in `kind`.
    public static let kind = "StepPlugin"

    /// `kargo-extended.code.org/v1alpha1`.
    @DefaultEmpty public var apiVersion = StepPlugin.groupVersion
    /// `StepPlugin`.
    @DefaultEmpty public var kind = StepPlugin.kind
    /// Name, namespace, labels and annotations.
    public var metadata = ObjectMeta()
    /// The container and its step kinds.
    public var spec = Spec()

    /// Makes an empty manifest.
    public init() {}

    /// The container and its step kinds.
    public struct Spec: Sendable, Hashable, Codable {
        /// The container.
        public var sidecar = Sidecar()
        /// The step kinds that it runs.
        @OmitEmpty public var steps: [Step] = []

        /// Makes an empty spec.
        public init() {}
    }

    /// The container that runs beside the agent.
    public struct Sidecar: Sendable, Hashable, Codable {
        /// Whether the container may call the Kubernetes API as the plugin's own service account.
        @OmitEmpty public var automountServiceAccountToken = false
        /// The container.
        public var container = Container()

        /// Makes an empty sidecar.
        public init() {}
    }

    /// A step kind.
    public struct Step: Sendable, Hashable, Codable {
        /// What a step names in `uses`.
        @DefaultEmpty public var kind = ""
        /// How long a step may take that does not say; zero is for ever.
        @DefaultEmpty public var defaultTimeout = GoDuration()
        /// How many attempts of a step may fail that does not say; zero is one.
        @OmitEmpty public var defaultErrorThreshold: Int64 = 0
        /// The JSON Schema (draft 2020-12) of its configuration; a step that does not fit fails without being asked.
        public var configSchema: JSONValue?
        /// Which outputs of earlier steps it is sent; nil leaves that to the operator.
        public var sharedState: SharedState?

        /// Makes a step kind.
        public init(kind: String = "") {
            self.kind = kind
        }
    }

    /// Which outputs of earlier steps a plugin is sent.
    public enum SharedState: String, Sendable, Hashable, Codable, CaseIterable {
        /// Those of all.
        case all
        /// Those of none; its configuration still holds what expressions took from them.
        case nothing = "none"
    }

    /// The name of a plugin; unique in its namespace.
    public var name: String { metadata.name }

    /// The port that the plugin listens on: the first that its container declares.
    public var port: Int32? { spec.sidecar.container.ports.first?.containerPort }

    /// A digest of everything that decides how the plugin runs, to notice that it was changed.
    public var digest: String {
        get throws {
            let text = try JSONValueEncoder().encode(spec).text(.sortedKeys)
            return "sha256:" + Digest.sha256(text.utf8).hexadecimal
        }
    }
}
