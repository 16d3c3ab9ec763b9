import KargoCore
import KubernetesClient

/// Keeps a Namespace for each Project, and lets the two go together.
final class ProjectReconciler: Sendable {
    private let cache: KargoCache
    private let api: any KubernetesAPI
    private let writer: StatusWriter

    init(cache: KargoCache, api: any KubernetesAPI, writer: StatusWriter) {
        self.cache = cache
        self.api = api
        self.writer = writer
    }

    /// Lets a loop hear of everything that concerns Projects; the key is the name.
    func subscribe(_ loop: ReconcileLoop<String>) {
        cache.subscribe { handlers in
            handlers.project.append { loop.enqueue($0.object.metadata.name) }
            handlers.namespace.append { loop.enqueue($0.object.metadata.name) }
        }
    }

    func reconcile(_ name: String) async throws -> ReconcileAction {
        let project = cache.projects.get(ObjectKey(name: name))
        let namespace = cache.namespaces.get(ObjectKey(name: name))
        if let project, project.metadata.deletionTimestamp != nil {
            try await remove(project, namespace)
        } else if let namespace, namespace.metadata.deletionTimestamp != nil {
            // Whoever deletes the Namespace means the Project.
            if project != nil { try await ignoringAbsence { try await self.api.delete(.projects, name: name) } }
            try await release(namespace)
        } else if let project {
            try await complete(project, namespace)
        } else if let namespace {
            try await release(namespace)
        }
        return .awaitChange
    }

    private func complete(_ project: PartialObject, _ namespace: Namespace?) async throws {
        // First, so that a Project with the finalizer hears of its Namespace's end.
        if let namespace { try await hold(namespace) }
        if !project.metadata.finalizers.contains(KargoAPI.finalizer) {
            let finalizers = project.metadata.finalizers + [KargoAPI.finalizer]
            let stored = try await writer.send(
                project,
                .projects,
                ["metadata": ["finalizers": .array(finalizers.map(JSONValue.string))]]
            )
            cache.projects.note(stored)
        }
        if namespace != nil { return }
        let labels: JSONValue = [KargoAPI.Label.project: "true"]
        do {
            _ = try await api.create(
                .namespaces,
                [
                    "metadata": [
                        "name": .string(project.metadata.name), "labels": labels,
                        "finalizers": [.string(KargoAPI.finalizer)],
                    ]
                ]
            )
        } catch let error as KubernetesError where error.code == .alreadyExists {
            // It belongs to no Project, or the watch has not told of it yet.
            return
        }
    }

    /// Has a Namespace of a Project wait at its end until the Project has heard of it.
    ///
    /// Admission makes it before there is a Project: if the watches tell of them in that order, it was just taken for
    /// one of nobody's.
    private func hold(_ namespace: Namespace) async throws {
        guard namespace.metadata.labels[KargoAPI.Label.project] == "true",
            !namespace.metadata.finalizers.contains(KargoAPI.finalizer)
        else { return }
        let finalizers = namespace.metadata.finalizers + [KargoAPI.finalizer]
        try await ignoringAbsence {
            let stored = try await self.writer.send(
                namespace,
                .namespaces,
                ["metadata": ["finalizers": .array(finalizers.map(JSONValue.string))]]
            )
            self.cache.namespaces.note(stored)
        }
    }

    private func remove(_ project: PartialObject, _ namespace: Namespace?) async throws {
        let annotation = KargoAPI.Annotation.keepNamespace
        let isKept =
            project.metadata.annotations[annotation] == "true" || namespace?.metadata.annotations[annotation] == "true"
        if let namespace {
            try await release(namespace)
            if !isKept {
                if namespace.metadata.deletionTimestamp == nil {
                    try await ignoringAbsence { try await self.api.delete(.namespaces, name: namespace.metadata.name) }
                }
                // The end of the Namespace brings this back.
                return
            }
        }
        let finalizers = project.metadata.finalizers.filter { $0 != KargoAPI.finalizer }
        guard finalizers.count < project.metadata.finalizers.count else { return }
        try await ignoringAbsence {
            _ = try await self.writer.send(
                project,
                .projects,
                ["metadata": ["finalizers": .array(finalizers.map(JSONValue.string))]]
            )
        }
    }

    /// Takes Kargo's finalizer from a Namespace.
    private func release(_ namespace: Namespace) async throws {
        let finalizers = namespace.metadata.finalizers.filter { $0 != KargoAPI.finalizer }
        guard finalizers.count < namespace.metadata.finalizers.count else { return }
        try await ignoringAbsence {
            let stored = try await self.writer.send(
                namespace,
                .namespaces,
                ["metadata": ["finalizers": .array(finalizers.map(JSONValue.string))]]
            )
            self.cache.namespaces.note(stored)
        }
    }

    private func ignoringAbsence(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as KubernetesError where error.code == .notFound || error.code == .conflict {
            return
        }
    }
}
