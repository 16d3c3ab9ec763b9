import KargoCore
import Synchronization

/// Kargo's objects in memory, as far as steps write them.
final class InMemoryControlPlane: ControlPlaneAccess {
    struct State {
        var metadata: [MetadataTarget: [String: JSONValue]] = [:]
        var aliases: [String: String] = [:]
        var events: [Event] = []
        var failure: String?
    }

    private let state: Mutex<State>

    init(_ state: State = State()) { self.state = Mutex(state) }

    var value: State { state.withLock { $0 } }

    private func changing<Result: Sendable>(_ body: (inout sending State) throws -> sending Result) throws -> Result {
        try state.withLock { state in
            if let failure = state.failure { throw ControlPlaneFailure(failure) }
            return try body(&state)
        }
    }

    func warehouse(_ name: String, project: String) async throws -> Warehouse? { nil }

    func setMetadata(_ values: [String: JSONValue], of target: MetadataTarget, project: String) async throws {
        try changing { $0.metadata[target, default: [:]].merge(values) { $1 } }
    }

    func setFreightAlias(_ alias: String, of freight: String, project: String) async throws -> String {
        try changing { state in
            guard let old = state.aliases[freight] else { throw ControlPlaneFailure("there is no Freight \(freight)") }
            state.aliases[freight] = alias
            return old
        }
    }

    func recordEvent(_ event: Event) async throws {
        try changing { state in
            guard !state.events.contains(where: { $0.metadata.name == event.metadata.name }) else { return }
            state.events.append(event)
        }
    }
}

/// What expressions read of it.
extension InMemoryControlPlane: ExpressionData {
    func configMap(_ name: String, in space: ExpressionSpace) async throws -> ConfigMap? { nil }

    func secret(_ name: String, in space: ExpressionSpace) async throws -> Secret? { nil }

    func freight(_ name: String, project: String) async throws -> Freight? {
        guard let alias = value.aliases[name] else { return nil }
        var freight = Freight()
        freight.metadata.name = name
        freight.alias = alias
        freight.status.metadata = value.metadata[.freight(name)].map(JSONValue.object)
        return freight
    }

    func stage(_ name: String, project: String) async throws -> Stage? {
        var stage = Stage()
        stage.metadata.name = name
        stage.status.metadata = value.metadata[.stage(name)].map(JSONValue.object)
        return stage
    }
}
