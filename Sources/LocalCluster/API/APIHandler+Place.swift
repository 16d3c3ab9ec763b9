import KargoCore

/// Where new objects have a place.
extension APIHandler {
    /// Refuses an object whose namespace is not there, or goes away.
    func requireNamespace(
        _ name: String,
        for definition: ResourceDefinition,
        name object: String
    ) throws(APIFailure) {
        guard let namespace = store.get(CoreResources.namespaces, ObjectKey(name: name)) else {
            throw .notFound(CoreResources.namespaces, name)
        }
        guard namespace.isBeingDeleted else { return }
        let message = "namespace \(name) is being terminated"
        var failure = APIFailure.forbidden(
            definition.resource,
            object,
            "unable to create new content in namespace \(name) because it is being terminated"
        )
        failure.details?["causes"] = [
            ["reason": "NamespaceTerminating", "message": .string(message), "field": "metadata.namespace"]
        ]
        throw failure
    }

    /// Refuses new objects of a kind that goes away.
    func requireLivingDefinition(_ definition: ResourceDefinition) throws(APIFailure) {
        let key = ObjectKey(name: definition.resource.description)
        guard !definition.isBuiltin, store.get(CoreResources.customResourceDefinitions, key)?.isBeingDeleted == true
        else { return }
        throw APIFailure(
            405,
            "MethodNotAllowed",
            "create is not allowed while the custom resource definition is terminating"
        )
    }
}
