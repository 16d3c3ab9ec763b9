import KargoCore
public import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The image of agents, and when it is pulled.
public struct AgentImage: Sendable, Hashable {
    /// It is not known which image to take.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        /// What is missing, why and the remedy.
        public let description: String
    }

    /// The image where the controller runs in no Pod, and nothing is said: a local cluster, where it is only a name.
    private static let fallback = "kargo-agent"
    /// What the controller's container is called among others.
    private static let controllerContainer = "kargo-controller"

    /// The image.
    public var name: String
    /// `IfNotPresent`, `Always` or `Never`.
    public var pullPolicy: String

    /// Makes an image.
    public init(name: String, pullPolicy: String) {
        self.name = name
        self.pullPolicy = pullPolicy
    }

    /// Finds the image: the one that is named, else that of the controller's own Pod.
    ///
    /// - Parameters:
    ///   - name: What the operator says.
    ///   - pullPolicy: What the operator says; else that of the container whose image is taken.
    ///   - environment: The process's environment: `POD_NAME` and `POD_NAMESPACE`, else what Kubernetes sets.
    ///   - namespaceFile: Where Kubernetes says the namespace.
    ///   - api: The cluster.
    /// - Returns: The image.
    /// - Throws: ``Failure`` if the controller's Pod can't be read.
    public static func find(
        named name: String?,
        pullPolicy: String?,
        environment: [String: String],
        namespaceFile: String = "/var/run/secrets/kubernetes.io/serviceaccount/namespace",
        api: any KubernetesAPI
    ) async throws(Failure) -> AgentImage {
        if let name { return AgentImage(name: name, pullPolicy: pullPolicy ?? "IfNotPresent") }
        guard let (namespace, pod) = ownPod(environment, namespaceFile) else {
            return AgentImage(name: fallback, pullPolicy: pullPolicy ?? "IfNotPresent")
        }
        let containers: [Container]
        do {
            let value = try await api.get(.pods, namespace: namespace, name: pod)
            containers = try JSONValueDecoder().decode(Pod.self, from: value).spec.containers
        } catch {
            throw Failure(
                description:
                    "KARGO_AGENT_IMAGE is not set, and Pod \(namespace)/\(pod), whose image would be taken, can't "
                    + "be read: \(error); set it, or POD_NAME and POD_NAMESPACE to the controller's own Pod"
            )
        }
        guard let own = containers.first(where: { $0.name == controllerContainer }) ?? containers.first else {
            throw Failure(description: "KARGO_AGENT_IMAGE is not set, and Pod \(namespace)/\(pod) has no image; set it")
        }
        let usual = own.imagePullPolicy.isEmpty ? "IfNotPresent" : own.imagePullPolicy
        return AgentImage(name: own.image, pullPolicy: pullPolicy ?? usual)
    }

    private static func ownPod(_ environment: [String: String], _ namespaceFile: String) -> (String, String)? {
        func text(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        // Elsewhere the name of the host says nothing.
        let hostName = text("KUBERNETES_SERVICE_HOST").flatMap { _ in text("HOSTNAME") }
        guard let pod = text("POD_NAME") ?? hostName else { return nil }
        if let namespace = text("POD_NAMESPACE") { return (namespace, pod) }
        guard let data = try? Data(contentsOf: URL(filePath: namespaceFile)), !data.isEmpty else { return nil }
        return (String(decoding: data, as: UTF8.self), pod)
    }
}
