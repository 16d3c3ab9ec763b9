public import KargoCore
import Synchronization

/// The objects of one kind as far as an ``Informer`` has heard of them; everyone may read, only the informer writes.
public final class ObjectStore<Object: KubernetesObject>: Sendable {
    private struct State {
        var objects: [ObjectKey: Object] = [:]
        /// What handlers heard last of objects that are further ahead because their writer noted them.
        var heard: [ObjectKey: Object] = [:]
        var indexes: ObjectIndexes<Object>
        var isSynced = false

        /// Puts an object in and gives back the known one.
        mutating func put(_ object: Object, _ key: ObjectKey) -> Object? {
            let known = objects.updateValue(object, forKey: key)
            indexes.change(key, from: known, to: object)
            return known
        }

        /// Takes an object out and gives back what handlers heard of it last.
        mutating func remove(_ key: ObjectKey) -> Object? {
            guard let known = objects.removeValue(forKey: key) else { return nil }
            indexes.change(key, from: known, to: nil)
            return heard.removeValue(forKey: key) ?? known
        }

        /// Puts an object in and tells what handlers have to hear.
        mutating func update(_ object: Object) -> [ObjectChange<Object>] {
            let key = ObjectKey(object.metadata)
            guard let known = put(object, key) else { return [.added(object)] }
            let heard = self.heard.removeValue(forKey: key) ?? known
            if heard.metadata.uid != object.metadata.uid { return [.deleted(heard), .added(object)] }
            return heard.metadata.resourceVersion == object.metadata.resourceVersion ? [] : [.updated(heard, object)]
        }
    }

    private let state: Mutex<State>
    private let syncWaiters = WaitList<Bool>()

    init(indexes: [ObjectIndex<Object>] = []) {
        state = Mutex(State(indexes: ObjectIndexes(indexes)))
    }

    /// Whether all objects are known that were there when the informer began, to handlers too.
    public var isSynced: Bool { state.withLock(\.isSynced) }

    /// The object of a key.
    public func get(_ key: ObjectKey) -> Object? { state.withLock { $0.objects[key] } }

    /// All objects, in no order.
    public var all: [Object] { state.withLock { Array($0.objects.values) } }

    /// The objects that satisfy a condition, in no order.
    public func filter(_ isIncluded: (Object) -> Bool) -> [Object] {
        state.withLock { state in state.objects.values.filter(isIncluded) }
    }

    /// How many objects there are of which sort.
    public func counts<Sort: Hashable>(by sort: (Object) -> Sort) -> [Sort: Int] {
        state.withLock { state in
            state.objects.values.reduce(into: [:]) { counts, object in counts[sort(object), default: 0] += 1 }
        }
    }

    /// The objects that an index finds by a value, in no order.
    ///
    /// - Parameters:
    ///   - index: The name of one of the informer's indexes.
    ///   - value: The value.
    /// - Returns: The objects.
    public func lookUp(_ index: String, _ value: String) -> [Object] {
        state.withLock { state in state.indexes.lookUp(index, value).compactMap { state.objects[$0] } }
    }

    /// Waits until ``isSynced``, or the task is cancelled.
    public func waitUntilSynced() async {
        await syncWaiters.wait(for: true) { isSynced }
    }

    /// Takes over what the server answered to a write, so that nobody reads an older state after it.
    ///
    /// Handlers hear of it when the watch reports it.
    ///
    /// An object that is not in the store is left out: it may have been deleted since, and the watch reports it if not.
    public func note(_ object: Object) {
        let key = ObjectKey(object.metadata)
        state.withLock { state in
            guard let known = state.objects[key], known.metadata.uid == object.metadata.uid,
                known.metadata.isOlder(than: object.metadata)
            else { return }
            if state.heard[key] == nil { state.heard[key] = known }
            _ = state.put(object, key)
        }
    }

    /// Puts an object in.
    ///
    /// - Returns: What changed; nothing for a state that is known or older than the known one.
    func apply(_ object: Object) -> [ObjectChange<Object>] {
        let key = ObjectKey(object.metadata)
        return state.withLock { state in
            if let known = state.objects[key], known.metadata.uid == object.metadata.uid,
                object.metadata.isOlder(than: known.metadata)
            {
                return []
            }
            return state.update(object)
        }
    }

    /// Finds the change of an object whose state was noted before the watch reported it; nil if this is another one.
    func confirm(_ value: JSONValue) -> ObjectChange<Object>? {
        let metadata = value["metadata"]
        let key = ObjectKey(value)
        return state.withLock { state in
            guard let heard = state.heard[key], let object = state.objects[key],
                object.metadata.resourceVersion == metadata?["resourceVersion"]?.stringValue
            else { return nil }
            state.heard[key] = nil
            return .updated(heard, object)
        }
    }

    /// Takes an object out that is gone; not one that has come in its place.
    func remove(_ object: Object) -> [ObjectChange<Object>] {
        let key = ObjectKey(object.metadata)
        return state.withLock { state in
            guard state.objects[key]?.metadata.uid == object.metadata.uid else { return [] }
            _ = state.remove(key)
            return [.deleted(object)]
        }
    }

    /// Takes an object out of which nothing more can be known.
    func forget(_ key: ObjectKey) -> [ObjectChange<Object>] {
        state.withLock { state in state.remove(key).map { [.deleted($0)] } ?? [] }
    }

    /// Puts the objects of a list in and takes all others out.
    ///
    /// An object that its writer noted after the list was made stays as it is; the watch from the list on reports it.
    ///
    /// - Parameters:
    ///   - objects: The objects.
    ///   - version: The version of the list.
    /// - Returns: What changed.
    func replaceAll(_ objects: [Object], version: String) -> [ObjectChange<Object>] {
        state.withLock { state in
            let listed = Set(objects.map { ObjectKey($0.metadata) })
            var changes: [ObjectChange<Object>] = []
            for key in Array(state.objects.keys) where !listed.contains(key) {
                if let last = state.remove(key) { changes.append(.deleted(last)) }
            }
            for object in objects {
                let key = ObjectKey(object.metadata)
                if state.heard[key] != nil, let known = state.objects[key],
                    known.metadata.uid == object.metadata.uid, known.metadata.isNewer(than: version)
                {
                    continue
                }
                changes += state.update(object)
            }
            return changes
        }
    }

    /// Takes note that handlers have heard of all objects that were there when the informer began.
    func noteSynced() {
        state.withLock { $0.isSynced = true }
        syncWaiters.wakeAll()
    }
}

/// What has become of an object.
public enum ObjectChange<Object: KubernetesObject>: Sendable {
    /// It is new.
    case added(Object)
    /// It was the first and is the second.
    case updated(Object, Object)
    /// It is gone; this is how it was last.
    case deleted(Object)

    /// The object, as it is or was last.
    public var object: Object {
        switch self {
        case .added(let object), .updated(_, let object), .deleted(let object): object
        }
    }
}

extension ObjectMeta {
    /// Whether this is an older state than another of the same object.
    ///
    /// Resource versions are numbers that grow on every server that keeps them in etcd; where one is not, the newer
    /// word counts.
    fileprivate func isOlder(than other: ObjectMeta) -> Bool {
        guard let own = UInt64(resourceVersion), let other = UInt64(other.resourceVersion) else { return false }
        return own < other
    }

    /// Whether this is a newer state than a version.
    fileprivate func isNewer(than version: String) -> Bool {
        guard let own = UInt64(resourceVersion), let version = UInt64(version) else { return false }
        return own > version
    }
}

extension ObjectKey {
    /// The key of an object that is not decoded.
    init(_ value: JSONValue) {
        let metadata = value["metadata"]
        self.init(
            namespace: metadata?["namespace"]?.stringValue ?? "",
            name: metadata?["name"]?.stringValue ?? ""
        )
    }
}
