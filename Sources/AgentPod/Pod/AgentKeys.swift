import ExecutorRPC
import KargoCore

/// The keys from which the controller derives what it proves itself with to agents.
public struct AgentKeys: Sendable, Hashable {
    /// The key for Pods that are made now.
    public var current: [UInt8]
    /// The key before, of Pods that were made with it and still run; nil if there was none.
    public var previous: [UInt8]?

    /// Makes keys.
    public init(current: [UInt8], previous: [UInt8]? = nil) {
        self.current = current
        self.previous = previous
    }

    /// The secret of a Pod: by the key whose token the Pod knows the digest of.
    ///
    /// - Parameter pod: The Pod.
    /// - Returns: The secret; by the current key if the Pod knows neither.
    func secret(of pod: Pod) -> AgentSecret {
        let agent = pod.spec.containers.first { $0.name == AgentPodTemplate.agentContainer }
        let digest = agent?.env.first { $0.name == AgentLayout.Variable.tokenDigest }?.value
        let secrets = [current, previous].compactMap { $0 }
            .map { key in
                AgentSecret(
                    key: key,
                    namespace: pod.metadata.namespace,
                    pod: pod.metadata.name,
                    nonce: pod.metadata.annotations[KargoAPI.Annotation.agentNonce] ?? ""
                )
            }
        return secrets.first { $0.digest == digest } ?? secrets[0]
    }
}
