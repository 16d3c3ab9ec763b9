import KargoCore

/// A kind of object as the API serves it.
public struct APIResource: Sendable, Hashable {
    /// The API group; empty for the core group.
    public var group: String
    /// The version.
    public var version: String
    /// The name in paths, such as `pods`.
    public var plural: String
    /// The kind, such as `Pod`.
    public var kind: String
    /// Whether objects live in namespaces.
    public var isNamespaced: Bool

    /// Makes a description.
    public init(group: String = "", version: String = "v1", plural: String, kind: String, isNamespaced: Bool = true) {
        self.group = group
        self.version = version
        self.plural = plural
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    /// What stands in `apiVersion` of an object.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// The path of the collection, or of an object in it.
    ///
    /// - Parameters:
    ///   - namespace: The namespace; nil for all of them, or for a kind that has none.
    ///   - name: The object; nil for the collection.
    ///   - subresource: A part of the object, such as `status`.
    /// - Returns: The path, percent-encoded.
    public func path(namespace: String? = nil, name: String? = nil, subresource: String? = nil) -> String {
        var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
        if isNamespaced, let namespace { path += "/namespaces/\(namespace.percentEncoded)" }
        path += "/\(plural)"
        if let name { path += "/\(name.percentEncoded)" }
        if let subresource { path += "/\(subresource)" }
        return path
    }
}

extension APIResource {
    /// Namespaces.
    public static let namespaces = APIResource(plural: "namespaces", kind: "Namespace", isNamespaced: false)
    /// ConfigMaps.
    public static let configMaps = APIResource(plural: "configmaps", kind: "ConfigMap")
    /// Secrets.
    public static let secrets = APIResource(plural: "secrets", kind: "Secret")
    /// ServiceAccounts.
    public static let serviceAccounts = APIResource(plural: "serviceaccounts", kind: "ServiceAccount")
    /// Pods.
    public static let pods = APIResource(plural: "pods", kind: "Pod")
    /// Events.
    public static let events = APIResource(plural: "events", kind: "Event")
    /// Leases.
    public static let leases = APIResource(
        group: "coordination.k8s.io",
        version: "v1",
        plural: "leases",
        kind: "Lease"
    )
    /// Argo CD's Applications.
    public static let applications = APIResource(
        group: "argoproj.io",
        version: "v1alpha1",
        plural: "applications",
        kind: "Application"
    )
    /// The configuration of Kargo for all Projects.
    public static let clusterConfigs = kargo("clusterconfigs", "ClusterConfig", isNamespaced: false)
    /// Projects.
    public static let projects = kargo("projects", "Project", isNamespaced: false)
    /// Warehouses.
    public static let warehouses = kargo("warehouses", "Warehouse")
    /// Freight.
    public static let freights = kargo("freights", "Freight")
    /// Stages.
    public static let stages = kargo("stages", "Stage")
    /// Promotions.
    public static let promotions = kargo("promotions", "Promotion")
    /// Tasks of a Project.
    public static let promotionTasks = kargo("promotiontasks", "PromotionTask")
    /// Tasks for all Projects.
    public static let clusterPromotionTasks = kargo(
        "clusterpromotiontasks",
        "ClusterPromotionTask",
        isNamespaced: false
    )

    private static func kargo(_ plural: String, _ kind: String, isNamespaced: Bool = true) -> APIResource {
        APIResource(
            group: "kargo.akuity.io",
            version: "v1alpha1",
            plural: plural,
            kind: kind,
            isNamespaced: isNamespaced
        )
    }
}
