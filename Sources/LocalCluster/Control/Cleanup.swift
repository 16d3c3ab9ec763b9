import KargoCore
import Logging

/// Deletes what nobody deletes by name: the contents of namespaces that go away, objects whose owners are gone, and
/// objects of kinds that are no longer served.
///
/// It also creates what every namespace has.
struct Cleanup: Sendable {
    let handler: APIHandler
    /// What comes again in namespaces, if anything.
    var contents: NamespaceContents?

    private var store: ClusterStore { handler.store }

    /// Cleans up until the task is cancelled or the store is closed.
    func run() async {
        for uid in store.missingOwners() {
            for object in store.dependents(of: uid) { await checkOwners(of: object) }
        }
        for definition in handler.catalog.all {
            for object in store.list(definition.resource, namespace: nil).objects where object.isBeingDeleted {
                await proceed(with: object)
            }
        }
        for await event in store.cleanupEvents { await handle(event) }
    }

    private func handle(_ event: StoreEvent) async {
        let object = event.object
        if NamespaceContents.has(object) { await contents?.fill(object.key.namespace) }
        guard event.kind == .deleted else {
            await checkOwners(of: object)
            await proceed(with: object)
            if object.resource == CoreResources.namespaces { await contents?.fill(object.key.name) }
            return
        }
        for dependent in store.dependents(of: object.uid) { await checkOwners(of: dependent) }
        // Whatever may have waited for this.
        for owner in object.owners.compactMap(store.object(uid:)) where owner.awaitsCollection { await collect(owner) }
        let definition = ObjectKey(name: object.resource.description)
        if let definition = store.get(CoreResources.customResourceDefinitions, definition) {
            await finish(definition: definition)
        }
        if let namespace = store.get(CoreResources.namespaces, ObjectKey(name: object.key.namespace)) {
            await finish(namespace: namespace)
        }
    }

    /// Goes on with the deletion of an object that has begun.
    private func proceed(with object: StoredObject) async {
        guard object.isBeingDeleted else { return }
        if object.awaitsCollection { await collect(object) }
        switch object.resource {
        case CoreResources.namespaces: await finish(namespace: object)
        case CoreResources.customResourceDefinitions: await finish(definition: object)
        default: break
        }
    }

    // MARK: Owners

    /// Deletes an object whose owners are all gone; takes those that are gone off one that has others.
    private func checkOwners(of object: StoredObject) async {
        guard !object.owners.isEmpty, let object = store.get(object.resource, object.key) else { return }
        let gone = object.owners.filter { !isPresent($0, for: object) }
        if gone.isEmpty { return }
        if gone.count < object.owners.count {
            await disown(object, by: Set(gone))
        } else if !object.isBeingDeleted {
            await delete(object)
        }
    }

    /// Whether an owner is there, where the object may have an owner: in its namespace or in none.
    private func isPresent(_ uid: String, for object: StoredObject) -> Bool {
        guard let owner = store.object(uid: uid) else { return false }
        let namespace = owner.key.namespace
        return namespace.isEmpty || namespace == object.key.namespace || object.key.namespace.isEmpty
    }

    /// Does what an object that is being deleted waits for: deletes what belongs to it, or sets it free.
    private func collect(_ owner: StoredObject) async {
        guard let owner = store.get(owner.resource, owner.key), owner.awaitsCollection,
            let finalizers = try? owner.json().finalizers
        else { return }
        if finalizers.contains(Finalizer.orphan) {
            for dependent in store.dependents(of: owner.uid) { await disown(dependent, by: [owner.uid]) }
            if store.dependents(of: owner.uid).isEmpty { await release(owner, from: Finalizer.orphan) }
            return
        }
        for dependent in store.dependents(of: owner.uid) where !dependent.isBeingDeleted {
            let others = dependent.owners.filter { uid in
                uid != owner.uid && isPresent(uid, for: dependent) && store.object(uid: uid)?.awaitsCollection == false
            }
            if others.isEmpty {
                // What has dependents of its own waits for them; those that are on their way out would wait in a ring.
                let isOwner = store.dependents(of: dependent.uid).contains { !$0.isBeingDeleted }
                await delete(dependent, isOwner ? .foreground : nil)
            } else {
                await disown(dependent, by: [owner.uid])
            }
        }
        let isBlocked = store.dependents(of: owner.uid).contains { blocks($0, owner.uid) }
        if !isBlocked { await release(owner, from: Finalizer.foreground) }
    }

    private func blocks(_ dependent: StoredObject, _ owner: String) -> Bool {
        let references = (try? dependent.json())?[path: "metadata", "ownerReferences"]?.arrayValue ?? []
        return references.contains { $0["uid"]?.stringValue == owner && $0["blockOwnerDeletion"] == true }
    }

    private func disown(_ object: StoredObject, by owners: Set<String>) async {
        await change(object) { value in
            let kept = (value[path: "metadata", "ownerReferences"]?.arrayValue ?? [])
                .filter { !owners.contains($0["uid"]?.stringValue ?? "") }
            value[path: "metadata", "ownerReferences"] = kept.isEmpty ? nil : .array(kept)
        }
    }

    // MARK: Namespaces and kinds

    /// Empties a namespace that goes away, and removes it when it is empty.
    private func finish(namespace: StoredObject) async {
        guard namespace.isBeingDeleted else { return }
        for object in store.all(inNamespace: namespace.key.name) where !object.isBeingDeleted { await delete(object) }
        guard store.all(inNamespace: namespace.key.name).isEmpty else { return }
        // Finalizers in the metadata are others' business, and so are those in the spec but one.
        await change(namespace) { value in
            let kept = (value[path: "spec", "finalizers"]?.arrayValue ?? []).filter { $0 != "kubernetes" }
            value[path: "spec", "finalizers"] = kept.isEmpty ? nil : .array(kept)
        }
    }

    /// Deletes the objects of a kind that goes away, and then its definition.
    private func finish(definition: StoredObject) async {
        guard definition.isBeingDeleted, let value = try? definition.json() else { return }
        let resource = ResourceID(definedBy: value)
        for object in store.list(resource, namespace: nil).objects where !object.isBeingDeleted { await delete(object) }
        guard store.list(resource, namespace: nil).objects.isEmpty else { return }
        await release(definition, from: Finalizer.instances)
    }

    // MARK: Writing

    private func release(_ object: StoredObject, from finalizer: JSONValue) async {
        await change(object) { value in
            let kept = value.finalizers.filter { $0 != finalizer }
            value[path: "metadata", "finalizers"] = kept.isEmpty ? nil : .array(kept)
        }
    }

    /// Changes the present state of an object, and removes it where nothing holds it any more.
    private func change(_ object: StoredObject, _ make: (inout JSONValue) -> Void) async {
        await attempt(object) {
            while let current = store.get(object.resource, object.key), current.uid == object.uid {
                var value = try current.json()
                make(&value)
                do {
                    if value.isReleased(from: object.resource) {
                        try await handler.remove(current)
                    } else if try value != current.json() {
                        _ = try await store.commit(.update(current, value))
                    }
                    return
                } catch let refusal as ClusterStore.Refusal where refusal == .changed {
                    continue
                }
            }
        }
    }

    private func delete(_ object: StoredObject, _ policy: PropagationPolicy? = nil) async {
        await attempt(object) {
            guard let definition = handler.catalog.definition(object.resource) else {
                try await handler.remove(object)
                return
            }
            var options = DeleteOptions()
            options.preconditions = Preconditions()
            options.preconditions?.uid = object.uid
            options.propagationPolicy = policy?.rawValue
            _ = try await handler.delete(definition, object.key, options: options)
        }
    }

    /// Cleaning up is tried again when anything else is deleted, so a failure is only told.
    private func attempt(_ object: StoredObject, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch let failure as APIFailure where failure.code == 404 || failure.code == 409 {
            return
        } catch is ClusterStore.Refusal {
            return
        } catch {
            handler.logger.warning(
                "cleaning up failed",
                metadata: ["resource": "\(object.resource)", "key": "\(object.key)", "error": "\(error)"]
            )
        }
    }
}

extension JSONValue {
    /// Whether the object is being deleted and nothing holds it any more.
    func isReleased(from resource: ResourceID) -> Bool {
        guard isBeingDeleted, finalizers.isEmpty, gracePeriod == 0 else { return false }
        return resource != CoreResources.namespaces || (self[path: "spec", "finalizers"]?.arrayValue ?? []).isEmpty
    }
}
