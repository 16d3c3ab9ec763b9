import KargoCore

/// What is checked in the metadata of every object.
enum MetadataCheck {
    static func causes(
        _ object: JSONValue,
        old: JSONValue?,
        name: String,
        isNamespace: Bool
    ) -> [ValidationCause] {
        let path = FieldPath("metadata")
        var causes: [ValidationCause] = []
        if name.isEmpty {
            causes.append(.required(path.appending("name"), "name or generateName is required"))
        } else if isNamespace ? !ObjectName.isLabel(name) : !ObjectName.isSubdomain(name) {
            let rule = isNamespace ? ObjectName.labelRule : ObjectName.subdomainRule
            causes.append(.invalid(path.appending("name"), .string(name), rule))
        }
        for (key, value) in (object[path: "metadata", "labels"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
            let labels = path.appending("labels")
            if !ObjectName.isQualifiedName(key) { causes.append(.invalid(labels, .string(key), "must be a label key")) }
            if !ObjectName.isLabelValue(value.stringValue ?? "") {
                causes.append(.invalid(labels, value, ObjectName.labelValueRule))
            }
        }
        causes += finalizerCauses(object, old: old)
        let annotations = object[path: "metadata", "annotations"]?.objectValue ?? [:]
        for key in annotations.keys.sorted() where !ObjectName.isQualifiedName(key) {
            causes.append(.invalid(path.appending("annotations"), .string(key), "must be an annotation key"))
        }
        if annotations.reduce(0, { $0 + $1.key.utf8.count + ($1.value.stringValue?.utf8.count ?? 0) }) > 256 * 1024 {
            causes.append(
                ValidationCause(
                    reason: .tooLong,
                    path: path.appending("annotations"),
                    message: "Too long: may not be more than 262144 bytes"
                )
            )
        }
        return causes
    }

    private static func finalizerCauses(_ object: JSONValue, old: JSONValue?) -> [ValidationCause] {
        let path = FieldPath("metadata", "finalizers")
        var causes: [ValidationCause] = []
        for finalizer in object.finalizers where !ObjectName.isQualifiedName(finalizer.stringValue ?? "") {
            causes.append(.invalid(path, finalizer, "must be a name, with a domain and a slash before it"))
        }
        if let old, old.isBeingDeleted, object.finalizers.contains(where: { !old.finalizers.contains($0) }) {
            causes.append(
                ValidationCause(
                    reason: .forbidden,
                    path: path,
                    message: "Forbidden: no new finalizers can be added if the object is being deleted"
                )
            )
        }
        return causes
    }
}
