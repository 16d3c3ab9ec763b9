public import KargoCore
import Synchronization

/// The objects of one kind as far as an ``Informer`` has heard of them; everyone may read, only the informer writes.
public final class ObjectStore<Object: KubernetesObject>: Sendable {
    private struct State {
        var objects: [ObjectKey: Object] = [:]
        /// What handlers heard last of objects that are further ahead because their writer noted them.
        var heard: [ObjectKey: Object] = [:]
        var isSynced = false

        /// Puts an object in and gives back what handlers heard of it last.
        mutating func update(_ object: Object) -> Object? {
            let key = ObjectKey(object.metadata)
            let known = objects.updateValue(object, forKey: key)
            return heard.removeValue(forKey: key) ?? known
        }

        mutating func remove(_ key: ObjectKey) -> Object? {
            heard[key] = nil
            return objects.removeValue(forKey: key)
        }
    }

    private let state = Mutex(State())
    private let syncWaiters = WaitList<Bool>()

    init() {}

    /// Whether all objects are known that were there when the informer began.
    public var isSynced: Bool { state.withLock(\.isSynced) }

    /// The object of a key.
    public func get(_ key: ObjectKey) -> Object? { state.withLock { $0.objects[key] } }

    /// All objects, in no order.
    public var all: [Object] { state.withLock { Array($0.objects.values) } }

    /// The objects that satisfy a condition, in no order.
    public func filter(_ isIncluded: (Object) -> Bool) -> [Object] {
        state.withLock { state in state.objects.values.filter(isIncluded) }
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
            state.objects[key] = object
        }
    }

    /// Puts an object in.
    ///
    /// - Returns: What changed; nil for a state that is older than the known one.
    func apply(_ object: Object) -> ObjectChange<Object>? {
        let key = ObjectKey(object.metadata)
        return state.withLock { state in
            if let known = state.objects[key], known.metadata.uid == object.metadata.uid,
                object.metadata.isOlder(than: known.metadata)
            {
                return nil
            }
            return state.update(object).map { .updated($0, object) } ?? .added(object)
        }
    }

    /// Finds the change of an object whose state was noted before the watch reported it; nil if this is another one.
    func confirm(_ value: JSONValue) -> ObjectChange<Object>? {
        let metadata = value["metadata"]
        let key = ObjectKey(
            namespace: metadata?["namespace"]?.stringValue ?? "",
            name: metadata?["name"]?.stringValue ?? ""
        )
        return state.withLock { state in
            guard let heard = state.heard[key], let object = state.objects[key],
                object.metadata.resourceVersion == metadata?["resourceVersion"]?.stringValue
            else { return nil }
            state.heard[key] = nil
            return .updated(heard, object)
        }
    }

    /// Takes an object out.
    func remove(_ object: Object) -> ObjectChange<Object>? {
        state.withLock { state in
            state.remove(ObjectKey(object.metadata)) == nil ? nil : .deleted(object)
        }
    }

    /// Puts the objects of a list in and takes all others out.
    func replaceAll(_ objects: [Object]) -> [ObjectChange<Object>] {
        let changes = state.withLock { state in
            let listed = Set(objects.map { ObjectKey($0.metadata) })
            var changes: [ObjectChange<Object>] = []
            for (key, object) in state.objects where !listed.contains(key) {
                changes.append(.deleted(object))
                _ = state.remove(key)
            }
            for object in objects {
                let known = state.update(object)
                if let known, known.metadata.resourceVersion == object.metadata.resourceVersion { continue }
                changes.append(known.map { .updated($0, object) } ?? .added(object))
            }
            state.isSynced = true
            return changes
        }
        syncWaiters.wakeAll()
        return changes
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
}
