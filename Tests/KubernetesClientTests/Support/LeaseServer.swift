import KargoCore
import KubernetesClient
import Synchronization

/// A server that keeps one Lease, and can be made to fail.
final class LeaseServer: KubernetesAPI {
    enum Mood: Sendable { case well, failing, silent }

    private struct State {
        var lease: JSONValue?
        var version = 0
        var mood = Mood.well
    }

    private let state = Mutex(State())

    /// The specification of the Lease.
    var spec: JSONValue? { state.withLock { $0.lease?["spec"] } }

    func become(_ mood: Mood) { state.withLock { $0.mood = mood } }

    /// Changes the Lease as somebody else would.
    func write(_ change: (inout JSONValue) -> Void) {
        state.withLock { state in
            var spec = state.lease?["spec"] ?? [:]
            change(&spec)
            state.lease?["spec"] = spec
            state.version += 1
            state.lease?[path: "metadata", "resourceVersion"] = .string("\(state.version)")
        }
    }

    func send(_ request: APIRequest) async throws -> APIResponse {
        switch state.withLock(\.mood) {
        case .well: break
        case .failing: throw KubernetesError(.unreachable, "gone")
        case .silent:
            for await _ in AsyncStream<Never>.makeStream().stream {}
            throw CancellationError()
        }
        return try state.withLock { state in
            switch (request.method, state.lease) {
            case (.get, nil), (.put, nil): return refusal(404, "NotFound")
            case (.post, _?): return refusal(409, "AlreadyExists")
            case (.get, let lease?): return APIResponse(status: 200, body: lease.serialized())
            case (.put, let lease?):
                let new = try JSONValue(parsing: request.body ?? [])
                let version = [new, lease].map { $0[path: "metadata", "resourceVersion"] }
                guard version[0] == version[1] else { return refusal(409, "Conflict") }
                return store(new, &state)
            case (.post, nil): return store(try JSONValue(parsing: request.body ?? []), &state)
            default: return refusal(405, "MethodNotAllowed")
            }
        }
    }

    private func store(_ lease: JSONValue, _ state: inout State) -> APIResponse {
        state.version += 1
        var lease = lease
        lease[path: "metadata", "resourceVersion"] = .string("\(state.version)")
        state.lease = lease
        return APIResponse(status: 200, body: lease.serialized())
    }

    private func refusal(_ status: Int, _ reason: String) -> APIResponse {
        let value: JSONValue = ["kind": "Status", "reason": .string(reason), "message": .string(reason)]
        return APIResponse(status: status, body: value.serialized())
    }

    func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {}
}
