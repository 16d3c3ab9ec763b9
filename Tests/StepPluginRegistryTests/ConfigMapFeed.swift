import KargoCore
import KubernetesClient
import Synchronization

/// A cluster that has nothing but ConfigMaps, and answers when the test lets it.
final class ConfigMapFeed: KubernetesAPI {
    private struct State {
        var selector: String?
        var list: [ConfigMap]?
        var isAsked = false
    }

    private let state = Mutex(State())
    private let changes = WaitList<Bool>()
    private let events: AsyncStream<[UInt8]>
    private let event: AsyncStream<[UInt8]>.Continuation

    init() {
        (events, event) = AsyncStream.makeStream()
    }

    /// Which ConfigMaps were asked for.
    var selector: String? { state.withLock(\.selector) }

    /// Answers the request for a list, the one that waits or the next.
    func list(_ maps: ConfigMap...) {
        state.withLock { $0.list = maps }
        changes.wakeAll()
    }

    /// Tells of a change.
    func tell(_ type: String, _ map: ConfigMap) throws {
        let line: JSONValue = ["type": .string(type), "object": try JSONValueEncoder().encode(map)]
        event.yield(line.serialized() + [UInt8(ascii: "\n")])
    }

    /// Waits until somebody asks for a list.
    func waitUntilAsked() async {
        while state.withLock({ !$0.isAsked }) {
            await changes.wait(for: true) { state.withLock(\.isAsked) }
        }
    }

    func send(_ request: APIRequest) async throws -> APIResponse {
        let selector = request.query.first { $0.name == "labelSelector" }?.value
        state.withLock { state in
            state.isAsked = true
            state.selector = selector
        }
        changes.wakeAll()
        while true {
            try Task.checkCancellation()
            if let maps = state.withLock(\.list) {
                let items = try maps.map { try JSONValueEncoder().encode($0) }
                let list: JSONValue = ["metadata": ["resourceVersion": "1"], "items": .array(items)]
                return APIResponse(status: 200, body: list.serialized())
            }
            await changes.wait(for: true) { state.withLock { $0.list != nil } }
        }
    }

    func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
        for await line in events { guard try await body(line) else { return } }
        try Task.checkCancellation()
    }
}
