import KargoCore
import KubernetesClient
import Logging
import Synchronization

/// All objects of a kind, as they are now, for tests that wait for how they shall be.
final class ObjectFeed<Object: KubernetesObject>: Sendable {
    private let informer: Informer<Object>
    private let changes = WaitList<Bool>()
    private let count: Count

    private final class Count: Sendable {
        let value = Atomic(0)
    }

    /// How often one of them has come, changed or gone.
    var changeCount: Int { count.value.load(ordering: .relaxed) }

    /// Makes a feed; it knows nothing until it runs.
    init(
        _ api: any KubernetesAPI,
        _ resource: APIResource,
        onChange: @escaping @Sendable (ObjectChange<Object>) -> Void = { _ in }
    ) {
        let changes = changes
        let count = Count()
        self.count = count
        informer = Informer(
            api: api,
            resource: resource,
            logger: Logger(label: "feed") { _ in SwiftLogNoOpLogHandler() }
        ) { change in
            onChange(change)
            count.value.add(1, ordering: .relaxed)
            changes.wakeAll()
        }
    }

    func run() async throws { try await informer.run() }

    func waitUntilSynced() async { await informer.store.waitUntilSynced() }

    /// All of them.
    var all: [Object] { informer.store.all }

    /// Waits until they are as they shall be.
    func wait(until isWanted: ([Object]) -> Bool) async throws {
        while !isWanted(all) {
            try Task.checkCancellation()
            await changes.wait(for: true) { isWanted(all) }
        }
    }

    /// Waits until one of them is as it shall be.
    @discardableResult
    func wait(for name: String, where isWanted: (Object) -> Bool) async throws -> Object {
        var found: Object?
        try await wait { objects in
            found = objects.first { $0.metadata.name == name && isWanted($0) }
            return found != nil
        }
        guard let found else { throw CancellationError() }
        return found
    }
}

/// The ends that Promotions have come to.
final class EndingLog: Sendable {
    private let endings = Mutex<[String: [PromotionPhase]]>([:])

    func note(_ change: ObjectChange<Promotion>) {
        guard case .updated(let old, let new) = change, let phase = new.status.phase, phase.isTerminal,
            old.status.phase != phase
        else { return }
        endings.withLock { $0[new.metadata.name, default: []].append(phase) }
    }

    /// The ends of each Promotion; one that ended once has one.
    var all: [String: [PromotionPhase]] { endings.withLock { $0 } }
}

/// What Promotions have said, in order.
final class MessageLog: Sendable {
    private let messages = Mutex<[String]>([])

    func note(_ change: ObjectChange<Promotion>) {
        messages.withLock { messages in
            let message = change.object.status.message
            if !message.isEmpty, messages.last != message { messages.append(message) }
        }
    }

    /// The first message like it, which is forgotten with those before it.
    func take(_ isWanted: (String) -> Bool) -> String? {
        messages.withLock { messages in
            guard let index = messages.firstIndex(where: isWanted) else { return nil }
            let message = messages[index]
            messages.removeFirst(index + 1)
            return message
        }
    }
}
