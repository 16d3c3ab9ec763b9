import ExecutorRPC
import KargoCore
import KubernetesClient

/// The agent of one Pod, wherever it is now.
///
/// Its address changes when its sandbox is made anew, and its certificate when its memory was lost.
struct PinnedAgent: AgentConnection {
    let api: any KubernetesAPI
    let observer: PodObserver
    let key: ObjectKey
    /// The UID of the only Pod of that name that is trusted.
    let uid: String
    /// What the bearer token is derived with.
    let keys: AgentKeys
    let routes: AgentRoutes
    let connect: @Sendable (AgentPlace) -> any AgentConnection
    /// Says more of a failure than the connection can.
    let explain: @Sendable (AgentPlace) -> String?

    func start(_ start: ExecutionStart) async throws -> ExecutionReport { try await ask { try await $0.start(start) } }

    func wait(for id: String, limit: Duration) async throws -> ExecutionReport? {
        try await ask { try await $0.wait(for: id, limit: limit) }
    }

    /// An answer is for the agent that asked: one with another certificate gets none before it was looked at.
    func answer(_ id: String, _ answers: ExecutionAnswers) async throws -> ExecutionReport? {
        try await ask { agent in
            do {
                return try await agent.answer(id, answers)
            } catch AgentFailure.untrusted {
                throw AgentFailure.unreachable("\(AgentFailure.untrusted)")
            }
        }
    }

    func cancel(_ id: String) async throws { try await ask { try await $0.cancel(id) } }

    func list() async throws -> ExecutionList { try await ask { try await $0.list() } }

    private func ask<Answer>(_ body: (any AgentConnection) async throws -> Answer) async throws -> Answer {
        var place = try place(observer.pod(key))
        var reasons: [String] = []
        for route in routes.candidates(uid) {
            place.route = route
            do {
                let answer = try await ask(place, body)
                routes.remember(route, uid)
                return answer
            } catch AgentFailure.unreachable(let reason) {
                reasons.append(explain(place) ?? reason)
            }
        }
        throw AgentFailure.unreachable(reasons.joined(separator: "; by port-forward: "))
    }

    private func ask<Answer>(
        _ known: AgentPlace,
        _ body: (any AgentConnection) async throws -> Answer
    ) async throws -> Answer {
        do {
            return try await body(connect(known))
        } catch AgentFailure.untrusted {
            // The watch may be behind what the init container has published since.
            var current = try place(await read())
            current.route = known.route
            guard current != known else { throw AgentFailure.unreachable("\(AgentFailure.untrusted)") }
            do {
                return try await body(connect(current))
            } catch AgentFailure.untrusted {
                throw AgentFailure.unreachable("\(AgentFailure.untrusted)")
            }
        }
    }

    private func place(_ pod: Pod?) throws(AgentFailure) -> AgentPlace {
        guard let pod, pod.metadata.uid == uid else { throw .unreachable("its Pod is not there") }
        return try AgentPlace(pod, keys: keys)
    }

    private func read() async throws -> Pod {
        do {
            let value = try await api.get(.pods, namespace: key.namespace, name: key.name)
            return try JSONValueDecoder().decode(Pod.self, from: value)
        } catch let error as KubernetesError {
            throw AgentFailure.unreachable("its Pod can't be read: \(error.message)")
        }
    }
}
