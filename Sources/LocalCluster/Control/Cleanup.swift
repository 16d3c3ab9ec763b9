import KargoCore
import Logging

/// Deletes what nobody deletes by name: the contents of namespaces that go away, objects whose owners are gone, and
/// objects of kinds that are no longer served.
struct Cleanup: Sendable {
    let handler: APIHandler

    private var store: ClusterStore { handler.store }

    /// Cleans up until the task is cancelled or the store is closed.
    func run() async {
        for uid in store.missingOwners() { await ownerIsGone(uid) }
        for namespace in store.list(CoreResources.namespaces, namespace: nil).objects { await finish(namespace) }
        for await event in store.cleanupEvents {
            let object = event.object
            if event.kind == .deleted {
                await ownerIsGone(object.uid)
                if object.resource == CoreResources.customResourceDefinitions { await kindIsGone(object) }
                if let namespace = store.get(CoreResources.namespaces, ObjectKey(name: object.key.namespace)) {
                    await finish(namespace)
                }
            } else {
                await finish(object)
            }
        }
    }

    /// Deletes what belonged to an object and to no other that is there.
    private func ownerIsGone(_ uid: String) async {
        for object in store.dependents(of: uid) where !object.owners.contains(where: store.contains(uid:)) {
            await delete(object)
        }
    }

    private func kindIsGone(_ crd: StoredObject) async {
        await attempt(crd) {
            let value = try crd.json()
            let resource = ResourceID(
                group: value[path: "spec", "group"]?.stringValue ?? "",
                plural: value[path: "spec", "names", "plural"]?.stringValue ?? ""
            )
            for object in store.list(resource, namespace: nil).objects { _ = try await store.commit(.delete(object)) }
        }
    }

    /// Empties a namespace that goes away, and removes it when it is empty.
    private func finish(_ namespace: StoredObject) async {
        await attempt(namespace) {
            guard try namespace.json().isBeingDeleted else { return }
            let contents = store.all(inNamespace: namespace.key.name)
            for object in contents where try !object.json().isBeingDeleted { await delete(object) }
            let isEmpty = store.all(inNamespace: namespace.key.name).isEmpty
            // Finalizers in the metadata are others' business; those in the spec are ours.
            if isEmpty, let current = store.get(CoreResources.namespaces, namespace.key),
                try current.json().finalizers.isEmpty
            {
                _ = try await store.commit(.delete(current))
            }
        }
    }

    private func delete(_ object: StoredObject) async {
        await attempt(object) {
            guard let definition = handler.catalog.definition(object.resource) else {
                _ = try await store.commit(.delete(object))
                return
            }
            var options = DeleteOptions()
            options.preconditions = Preconditions()
            options.preconditions?.uid = object.uid
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
