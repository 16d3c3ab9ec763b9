import Synchronization

/// The ways by which a controller may reach agents.
public enum AgentRouting: String, Sendable, CaseIterable {
    /// Directly where that works, else by port-forward; which of them is found out for each Pod.
    case automatic = "auto"
    /// At the address of the Pod.
    case direct
    /// Through the API server, for a controller outside the network of the Pods.
    case portForward = "port-forward"
}

/// A way to an agent.
enum AgentRoute: Sendable, Hashable {
    case direct
    case portForward
}

/// Which way leads to which Pod.
final class AgentRoutes: Sendable {
    private let routing: AgentRouting
    private let known = Mutex<[String: AgentRoute]>([:])

    init(_ routing: AgentRouting) {
        self.routing = routing
    }

    /// The ways to try, in order.
    ///
    /// - Parameter uid: The UID of the Pod.
    /// - Returns: The ways.
    func candidates(_ uid: String) -> [AgentRoute] {
        switch routing {
        case .direct: [.direct]
        case .portForward: [.portForward]
        case .automatic: known.withLock { $0[uid] }.map { [$0] } ?? [.direct, .portForward]
        }
    }

    /// Takes note of a way that has led to an agent.
    func remember(_ route: AgentRoute, _ uid: String) { known.withLock { $0[uid] = route } }

    /// Forgets a Pod that is no more.
    func forget(_ uid: String) { known.withLock { _ = $0.removeValue(forKey: uid) } }
}
