import KargoCore

/// The finalizers that the cluster itself sets and removes.
enum Finalizer {
    /// The object goes after everything that belongs to it and blocks its end.
    static let foreground: JSONValue = "foregroundDeletion"
    /// The object goes when nothing names it as its owner any more.
    static let orphan: JSONValue = "orphan"
    /// A CustomResourceDefinition goes after its objects.
    static let instances: JSONValue = "customresourcecleanup.apiextensions.k8s.io"

    static func isOfCollection(_ finalizer: JSONValue) -> Bool { finalizer == foreground || finalizer == orphan }
}

/// What becomes of the objects that belong to a deleted one.
enum PropagationPolicy: String, Sendable {
    /// They go after it.
    case background = "Background"
    /// They go before it.
    case foreground = "Foreground"
    /// They stay.
    case orphan = "Orphan"
}

extension DeleteOptions {
    /// The policy; nil where the object's own finalizers say it.
    var policy: PropagationPolicy? {
        if let orphanDependents { return orphanDependents ? .orphan : .background }
        return propagationPolicy.flatMap(PropagationPolicy.init(rawValue:))
    }
}

extension ResourceDefinition {
    /// Whether the answer to a deletion is the object, even where nothing holds it.
    var returnsDeleted: Bool {
        resource.group.isEmpty && ["pods", "serviceaccounts"].contains(resource.plural)
    }
}
