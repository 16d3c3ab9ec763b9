import KargoCore

/// Custom kinds whose definitions come and change while there are objects of them.
///
/// As on Kubernetes, who reads an object finds it completed and pruned by the schema of the moment, and what is stored
/// stays as it was until somebody writes it. The objects in memory are what is read, so they are brought into that form
/// when a definition changes and when the cluster starts; reading costs nothing.
extension APIHandler {
    /// Keeps the catalog like the stored CustomResourceDefinitions, and custom objects like the catalog.
    func noteWrite(_ object: StoredObject, _ definition: ResourceDefinition) throws {
        if definition.resource == CoreResources.customResourceDefinitions {
            try serve(object)
        } else if !definition.isBuiltin, !catalog.isCurrent(definition) {
            // The schema changed while the object was on its way to the disk.
            store.reform([object].compactMap(completed))
        }
    }

    /// Serves what a CustomResourceDefinition describes.
    ///
    /// - Throws: What is wrong with it.
    func serve(_ definition: StoredObject) throws {
        let value = try definition.json()
        try catalog.add(value)
        let objects = store.list(ResourceID(definedBy: value), namespace: nil).objects
        store.reform(objects.filter { $0.version < definition.version }.compactMap(completed))
    }

    /// A custom object as the present schema wants it; nil where it is so already.
    private func completed(_ object: StoredObject) -> StoredObject? {
        guard var value = try? object.json(), let definition = definition(of: value, object.resource) else {
            return nil
        }
        let stored = value
        // What it can't read it leaves as it is.
        guard (try? definition.model.normalize(&value)) != nil, value != stored else { return nil }
        return try? StoredObject(body: value.serialized(), resource: object.resource, version: object.version)
    }

    /// The version of a custom kind that an object was stored in, or another where that is not served any more.
    private func definition(of object: JSONValue, _ resource: ResourceID) -> ResourceDefinition? {
        let version = (object["apiVersion"]?.stringValue ?? "").split(separator: "/").last.map(String.init) ?? ""
        return catalog.definition(group: resource.group, version: version, plural: resource.plural)
            ?? catalog.definition(resource)
    }
}
