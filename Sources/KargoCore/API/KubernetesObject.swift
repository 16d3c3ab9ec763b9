/// An object of a Kubernetes API, decoded as far as somebody needs it.
public protocol KubernetesObject: Decodable, Sendable {
    /// Name, namespace, version and so on.
    var metadata: ObjectMeta { get }
}

extension ConfigMap: KubernetesObject {}
extension Namespace: KubernetesObject {}
extension Pod: KubernetesObject {}
extension Freight: KubernetesObject {}
extension Promotion: KubernetesObject {}
extension Stage: KubernetesObject {}

/// An object of which nothing but the metadata matters.
public struct PartialObject: KubernetesObject, Hashable {
    /// Name, namespace, version and so on.
    public var metadata = ObjectMeta()

    /// Makes an empty object.
    public init() {}
}

/// What tells the objects of one kind apart.
public struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The namespace; empty for a kind that has none.
    public var namespace: String
    /// The name.
    public var name: String

    /// Makes a key.
    public init(namespace: String = "", name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// The key of an object.
    public init(_ metadata: ObjectMeta) {
        self.init(namespace: metadata.namespace, name: metadata.name)
    }

    /// By namespace, then by name.
    public static func < (first: ObjectKey, second: ObjectKey) -> Bool {
        (first.namespace, first.name) < (second.namespace, second.name)
    }

    /// `NAMESPACE/NAME`.
    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}
