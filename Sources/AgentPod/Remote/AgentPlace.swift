import ExecutorRPC
import KargoCore

/// Where the agent of a Pod is, and what both ends prove themselves with.
struct AgentPlace: Sendable, Hashable {
    /// The Pod.
    var pod: ObjectKey
    /// The way to it.
    var route = AgentRoute.direct
    /// The address of the Pod.
    var address: String
    /// What the agent has to show.
    var pin: AgentPin
    /// What the controller shows.
    var token: String

    /// Finds the place in a Pod's status.
    ///
    /// - Parameters:
    ///   - pod: The Pod.
    ///   - keys: The controller's keys.
    /// - Throws: ``AgentFailure``, `unreachable`.
    init(_ pod: Pod, keys: AgentKeys) throws(AgentFailure) {
        guard !pod.status.podIP.isEmpty else { throw .unreachable("its Pod has no address") }
        self.pod = ObjectKey(pod.metadata)
        address = pod.status.podIP
        pin = try Self.pin(of: pod)
        token = keys.secret(of: pod).token
    }

    /// The certificate that the init container published when it last ended; it may be running anew.
    private static func pin(of pod: Pod) throws(AgentFailure) -> AgentPin {
        let status = pod.status.initContainerStatuses.first { $0.name == AgentPodTemplate.initContainer }
        let endings = [status?.state.terminated, status?.lastState.terminated].compactMap { $0 }
        guard let message = endings.first(where: { $0.exitCode == 0 })?.message, !message.isEmpty else {
            throw .unreachable("its init container has not published a certificate")
        }
        return try AgentPin(message: message)
    }
}
