/// Something that the controller's account must be allowed; all of them are what the roles of `extended/deploy` and of its
/// components say.
struct ControllerPermission: Sendable, Hashable {
    /// Where it must be allowed.
    enum Scope: Sendable, CaseIterable {
        /// In the whole cluster.
        case cluster
        /// In the namespace of each Project.
        case project
        /// In the controller's own namespace, where it runs in a Pod.
        case own
        /// In the namespace of what Projects share.
        case shared
        /// In the namespace of what concerns the whole system.
        case system
        /// In the namespace of each Project, where agents are reached through the API server.
        case forwarding
        /// In the controller's own namespace, where replicas elect the one that works.
        case election

        /// The role of `extended/deploy` that grants it.
        var role: String {
            switch self {
            case .cluster: "ClusterRole kargo-controller"
            case .project: "ClusterRole kargo-controller-project"
            case .own: "Role kargo-controller"
            case .shared: "Role kargo-controller-shared"
            case .system: "Role kargo-controller-system"
            case .forwarding: "ClusterRole kargo-controller-project"
            case .election: "Role kargo-controller-lease"
            }
        }
    }

    var scope: Scope
    var group: String
    /// The kind, with a slash and the part of it where only that is meant.
    var resource: String
    /// The one object that is meant; empty for all.
    var name: String
    var verbs: [String]

    init(_ scope: Scope, _ group: String, _ resource: String, name: String = "", _ verbs: String...) {
        self.scope = scope
        self.group = group
        self.resource = resource
        self.name = name
        self.verbs = verbs
    }

    private static let kargo = "kargo.akuity.io"

    static let all = [
        ControllerPermission(.cluster, kargo, "promotions", "get", "list", "watch", "patch"),
        ControllerPermission(.cluster, kargo, "stages", "get", "list", "watch"),
        ControllerPermission(.cluster, kargo, "freights", "get", "list", "watch", "patch"),
        ControllerPermission(.cluster, kargo, "promotions/status", "patch"),
        ControllerPermission(.cluster, kargo, "stages/status", "patch"),
        ControllerPermission(.cluster, kargo, "freights/status", "patch"),
        ControllerPermission(.cluster, kargo, "warehouses", "get"),
        ControllerPermission(.cluster, kargo, "clusterconfigs", "get"),
        ControllerPermission(.cluster, kargo, "projects", "list", "watch", "patch", "delete"),
        ControllerPermission(.cluster, "", "namespaces", "list", "watch", "create", "patch", "delete"),
        ControllerPermission(.cluster, "", "configmaps", "list", "watch"),
        ControllerPermission(.cluster, "", "pods", "list", "watch"),

        ControllerPermission(.project, "", "pods", "create", "get", "delete"),
        ControllerPermission(.project, "", "pods/log", "get"),
        ControllerPermission(.project, "", "events", "create", "list"),
        ControllerPermission(.project, "", "serviceaccounts", "get"),
        ControllerPermission(.project, "", "secrets", "get", "list"),
        ControllerPermission(.project, "", "configmaps", "get", "create", "patch"),

        ControllerPermission(.own, "", "secrets", name: "kargo-agent-key", "get"),
        ControllerPermission(.own, "", "secrets", "create"),
        ControllerPermission(.own, "", "pods", "get"),

        ControllerPermission(.shared, "", "secrets", "get", "list"),
        ControllerPermission(.shared, "", "configmaps", "get"),

        ControllerPermission(.system, "", "secrets", "get"),

        ControllerPermission(.forwarding, "", "pods/portforward", "get", "create"),

        ControllerPermission(.election, "coordination.k8s.io", "leases", "create", "get", "update"),
    ]
}
