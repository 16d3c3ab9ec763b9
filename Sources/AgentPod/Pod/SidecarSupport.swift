public import KubernetesClient

/// Whether a cluster has the init containers with `restartPolicy: Always` that plugins are.
public enum SidecarSupport {
    /// The cluster is too old.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        /// The version, and the one that is needed.
        public let description: String
    }

    /// The first version that has them without being asked; older ones drop the field, and the Pod never starts.
    package static let oldest = ServerVersion(1, 29)

    /// Checks a cluster; waits for one that can't be reached.
    ///
    /// A server that says no version is taken for new enough.
    ///
    /// - Parameters:
    ///   - api: The cluster.
    ///   - backoff: The pauses between attempts.
    /// - Throws: ``Failure``; `KubernetesError` for an answer that no waiting changes; `CancellationError`.
    public static func check(
        _ api: any KubernetesAPI,
        backoff: Backoff = Backoff(first: .milliseconds(100), longest: .seconds(10))
    ) async throws {
        var failures = 0
        while true {
            do {
                guard let version = try await api.serverVersion(), version < oldest else { return }
                throw Failure(
                    description:
                        "the cluster runs Kubernetes \(version), but plugins need \(oldest) or newer; upgrade it, "
                        + "or set STEP_PLUGINS_ENABLED=false"
                )
            } catch let error as KubernetesError where error.isTransient {
                try await backoff.pause(afterFailures: failures, of: error)
                failures += 1
            }
        }
    }
}
