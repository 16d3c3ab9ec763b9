import KargoCore
import Synchronization

/// All objects of the cluster: read from memory, written to disk before anyone is told.
///
/// ## Guarantees
/// Resource versions are one sequence over all kinds. A write that returned is on disk. Watches see every change, in
/// order. Writes that wait while another is on its way to the disk go there together.
final class ClusterStore: Sendable {
    /// What a writer wants.
    enum Change: Sendable {
        /// A new object.
        case create(ResourceID, JSONValue)
        /// A new state of an object that has this version.
        case update(StoredObject, JSONValue)
        /// The end of an object that has this version.
        case delete(StoredObject)
    }

    /// Why a change was not made.
    enum Refusal: Error, Hashable {
        /// There is an object of that name.
        case exists
        /// The object has another version by now, or is gone.
        case changed
        /// The cluster is shutting down.
        case closed
    }

    fileprivate struct Pending {
        var change: Change
        var draft: StoredObject.Draft
        var continuation: CheckedContinuation<StoredObject, any Error>
    }

    fileprivate struct State {
        var objects: [ResourceID: [ObjectKey: StoredObject]] = [:]
        var uids: [String: Dependent] = [:]
        var dependents: [String: Set<Dependent>] = [:]
        var logs: [ResourceID: EventLog] = [:]
        var version: UInt64
        var startVersion: UInt64
        var pending: [Pending] = []
        var isClosed = false
    }

    /// An object that belongs to another one.
    struct Dependent: Sendable, Hashable {
        var resource: ResourceID
        var key: ObjectKey
    }

    private let database: ObjectDatabase
    private let eventCapacity: Int
    private let state: Mutex<State>
    private let watchers = WaitList<ResourceID>()
    private let work: AsyncStream<Void>
    private let workSignal: AsyncStream<Void>.Continuation
    private let cleanupSignal: AsyncStream<StoreEvent>.Continuation
    /// What there is to clean up after: see ``StoreEvent/concernsCleanup``.
    ///
    /// Unbounded, as whoever cleans up must see each of them.
    let cleanupEvents: AsyncStream<StoreEvent>

    /// Reads the objects of a database.
    ///
    /// - Parameters:
    ///   - database: The database.
    ///   - eventCapacity: How many events of each kind watches may lag behind.
    /// - Throws: The database cannot be read.
    init(database: ObjectDatabase, eventCapacity: Int = 10_000) throws {
        self.database = database
        self.eventCapacity = eventCapacity
        let (objects, version) = try database.load()
        var state = State(version: version, startVersion: version)
        for object in objects {
            state.objects[object.resource, default: [:]][object.key] = object
            state.uids[object.uid] = object.dependent
            for owner in object.owners { state.dependents[owner, default: []].insert(object.dependent) }
        }
        self.state = Mutex(state)
        (work, workSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (cleanupEvents, cleanupSignal) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    // MARK: Reading

    /// The last resource version.
    var version: UInt64 { state.withLock(\.version) }

    func get(_ resource: ResourceID, _ key: ObjectKey) -> StoredObject? {
        state.withLock { $0.objects[resource]?[key] }
    }

    /// The objects of a collection in order of their keys, and the version at which they were so.
    func list(_ resource: ResourceID, namespace: String?) -> (objects: [StoredObject], version: UInt64) {
        let (objects, version) = state.withLock { state in
            (Array((state.objects[resource] ?? [:]).values), state.version)
        }
        let selected = namespace.map { namespace in objects.filter { $0.key.namespace == namespace } } ?? objects
        return (selected.sorted { $0.key < $1.key }, version)
    }

    /// The objects of all kinds in a namespace.
    func all(inNamespace namespace: String) -> [StoredObject] {
        state.withLock { state in
            state.objects.values.flatMap { $0.values.filter { $0.key.namespace == namespace } }
        }
    }

    /// The objects that belong to an object.
    func dependents(of uid: String) -> [StoredObject] {
        state.withLock { state in
            (state.dependents[uid] ?? []).compactMap { state.objects[$0.resource]?[$0.key] }
        }
    }

    /// UIDs that objects name as their owners although no object has them.
    func missingOwners() -> [String] {
        state.withLock { state in state.dependents.keys.filter { state.uids[$0] == nil } }
    }

    /// The object that has the UID.
    func object(uid: String) -> StoredObject? {
        state.withLock { state in state.uids[uid].flatMap { state.objects[$0.resource]?[$0.key] } }
    }

    /// Puts other forms of objects in the place of those that are read; versions and the disk stay as they are.
    ///
    /// - Parameter objects: The forms; one whose object has changed meanwhile is passed over.
    func reform(_ objects: [StoredObject]) {
        state.withLock { state in
            for object in objects where state.objects[object.resource]?[object.key]?.version == object.version {
                state.objects[object.resource]?[object.key] = object
            }
        }
    }

    // MARK: Watching

    /// The events of a collection after a version; nil when some of them are forgotten.
    func events(of resource: ResourceID, after version: UInt64) -> ArraySlice<StoreEvent>? {
        state.withLock { state in
            let log = state.logs[resource] ?? EventLog(startingAt: state.startVersion, capacity: 0)
            return log.events(after: version)
        }
    }

    /// Waits until something may have happened to a collection after a version, the store is closed, or the task is
    /// cancelled.
    func waitForEvents(of resource: ResourceID, after version: UInt64) async {
        await watchers.wait(for: resource) {
            state.withLock {
                $0.isClosed || $0.logs[resource].map { $0.events(after: version)?.isEmpty != true } ?? false
            }
        }
    }

    /// Ends ``waitForEvents(of:after:)`` of a collection although nothing has happened.
    func wakeWatches(of resource: ResourceID) { watchers.wake(resource) }

    /// Whether the cluster is shutting down, so that watches should end.
    var isClosed: Bool { state.withLock(\.isClosed) }

    // MARK: Writing

    /// Makes a change and waits until it is on disk.
    ///
    /// - Returns: The object after it; of a deleted one as it was last, with the version of its end.
    /// - Throws: ``Refusal``, and ``StorageFailure``.
    func commit(_ change: Change) async throws -> StoredObject {
        // The text is made here, by many at a time, and not on the way to the disk, where all wait for it.
        let draft = try change.draft()
        return try await withCheckedThrowingContinuation { continuation in
            let isClosed = state.withLock { state in
                if !state.isClosed {
                    state.pending.append(Pending(change: change, draft: draft, continuation: continuation))
                }
                return state.isClosed
            }
            if isClosed { continuation.resume(throwing: Refusal.closed) } else { workSignal.yield() }
        }
    }

    /// Carries changes to the disk until the task is cancelled; then refuses new ones and closes the database.
    func run() async throws {
        for await _ in work {
            await flush()
            if Task.isCancelled { break }
        }
        let pending = state.withLock { state in
            state.isClosed = true
            defer { state.pending = [] }
            return state.pending
        }
        for entry in pending { entry.continuation.resume(throwing: Refusal.closed) }
        watchers.wakeAll()
        cleanupSignal.finish()
        try database.close()
    }

    private func flush() async {
        let (batch, startVersion) = state.withLock { state in
            defer { state.pending = [] }
            return (state.pending, state.version)
        }
        guard !batch.isEmpty else { return }
        var draft = Draft(version: startVersion)
        var answers: [Result<StoredObject, any Error>] = []
        for entry in batch {
            answers.append(Result { try draft.apply(entry.change, entry.draft, reading: { self.get($0, $1) }) })
        }
        if !draft.operations.isEmpty {
            do {
                try await database.write(draft.operations, version: draft.version)
                state.withLock { state in
                    for event in draft.events { state.apply(event, eventCapacity: eventCapacity) }
                    state.version = draft.version
                }
            } catch {
                answers = answers.map { answer in answer.flatMap { _ in .failure(error) } }
                draft.events = []
            }
        }
        // Those who wait for their own write come before those who only look on.
        for (entry, answer) in zip(batch, answers) { entry.continuation.resume(with: answer) }
        if !draft.events.isEmpty { tell(draft) }
    }

    private func tell(_ draft: Draft) {
        let resources = Set(draft.events.map(\.object.resource))
        watchers.wake { resources.contains($0) }
        for event in draft.events where event.concernsCleanup {
            cleanupSignal.yield(event)
        }
    }

    /// Changes that are being prepared; later ones build on earlier ones.
    private struct Draft {
        var version: UInt64
        var operations: [ObjectDatabase.Operation] = []
        var events: [StoreEvent] = []
        private var objects: [Dependent: StoredObject?] = [:]

        init(version: UInt64) {
            self.version = version
        }

        mutating func apply(
            _ change: Change,
            _ draft: StoredObject.Draft,
            reading stored: (ResourceID, ObjectKey) -> StoredObject?
        ) throws(Refusal) -> StoredObject {
            switch change {
            case .create:
                let object = draft.stored(version + 1)
                guard current(object.dependent, stored) == nil else { throw .exists }
                record(.added, object, previous: nil)
                operations.append(.put(object))
                return object
            case .update(let old, _):
                guard current(old.dependent, stored)?.version == old.version else { throw .changed }
                let object = draft.stored(version + 1)
                record(.modified, object, previous: old)
                operations.append(.put(object))
                return object
            case .delete(let old):
                guard current(old.dependent, stored)?.version == old.version else { throw .changed }
                let object = draft.stored(version + 1)
                record(.deleted, object, previous: old)
                operations.append(.remove(old.resource, old.key))
                return object
            }
        }

        private func current(
            _ place: Dependent,
            _ stored: (ResourceID, ObjectKey) -> StoredObject?
        ) -> StoredObject? {
            if let drafted = objects[place] { return drafted }
            return stored(place.resource, place.key)
        }

        private mutating func record(_ kind: StoreEvent.Kind, _ object: StoredObject, previous: StoredObject?) {
            version = object.version
            objects[object.dependent] = .some(kind == .deleted ? nil : object)
            events.append(StoreEvent(kind: kind, object: object, previous: previous))
        }
    }
}

extension ClusterStore.Change {
    /// The object that it makes, or that was last there.
    fileprivate func draft() throws(SyntaxError) -> StoredObject.Draft {
        switch self {
        case .create(let resource, let value): try StoredObject.Draft(value, resource: resource)
        case .update(let old, let value): try StoredObject.Draft(value, resource: old.resource)
        case .delete(let old): try StoredObject.Draft(old)
        }
    }
}

extension ClusterStore.State {
    fileprivate mutating func apply(_ event: StoreEvent, eventCapacity: Int) {
        let object = event.object
        for owner in event.previous?.owners ?? [] {
            dependents[owner]?.remove(object.dependent)
            if dependents[owner]?.isEmpty == true { dependents[owner] = nil }
        }
        if event.kind == .deleted {
            objects[object.resource]?[object.key] = nil
            uids[object.uid] = nil
        } else {
            uids[object.uid] = object.dependent
            objects[object.resource, default: [:]][object.key] = object
            for owner in object.owners { dependents[owner, default: []].insert(object.dependent) }
        }
        logs[object.resource, default: EventLog(startingAt: startVersion, capacity: eventCapacity)].append(event)
    }
}

extension StoredObject {
    fileprivate var dependent: ClusterStore.Dependent { ClusterStore.Dependent(resource: resource, key: key) }
}
