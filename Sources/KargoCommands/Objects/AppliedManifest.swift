import KargoCore

/// What an object is to be, and how to make it so without touching what others have written.
///
/// What was applied last stands in an annotation, as kubectl keeps it; so what is no longer in the file is removed, and
/// the two tools can be used on one object.
struct AppliedManifest {
    private static let annotation = "kubectl.kubernetes.io/last-applied-configuration"
    /// All annotations of an object together may have 256 KiB.
    private static let longestAnnotation = 200 * 1024
    /// What the server writes; it is in files that were made from `kargo get -o yaml`.
    private static let serverFields = [
        "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields",
        "resourceVersion", "selfLink", "uid",
    ]

    /// The object to create.
    let object: JSONValue
    private let manifest: JSONValue

    init(_ manifest: JSONValue) {
        var manifest = manifest
        manifest["status"] = nil
        for field in Self.serverFields { manifest[path: "metadata", field] = nil }
        manifest[path: "metadata", "annotations", Self.annotation] = nil
        self.manifest = manifest
        var object = manifest
        let text = manifest.text() + "\n"
        // A Secret's values belong nowhere else; what is too long for an annotation can't be remembered.
        if manifest["kind"] != "Secret", text.utf8.count <= Self.longestAnnotation {
            object[path: "metadata", "annotations", Self.annotation] = .string(text)
        }
        self.object = object
    }

    /// The merge patch that makes the live object what the file says; nil if it is so already.
    func patch(of live: JSONValue) -> JSONValue? {
        let lastText = live[path: "metadata", "annotations", Self.annotation]?.stringValue
        let last = lastText.flatMap { try? JSONValue(parsing: $0) } ?? [:]
        var wanted = live.applying(mergePatch: last.removals(for: manifest)).applying(mergePatch: object)
        if object[path: "metadata", "annotations", Self.annotation] == nil {
            wanted[path: "metadata", "annotations", Self.annotation] = nil
        }
        guard wanted != live else { return nil }
        return live.mergePatch(to: wanted)
    }
}

extension JSONValue {
    /// The part of the patch to another value that removes members.
    fileprivate func removals(for other: JSONValue) -> JSONValue {
        guard case .object(let old) = self, case .object(let new) = other else { return [:] }
        var changes: [String: JSONValue] = [:]
        for (key, value) in old {
            guard let kept = new[key] else {
                changes[key] = .null
                continue
            }
            let inner = value.removals(for: kept)
            if inner != [:] { changes[key] = inner }
        }
        return .object(changes)
    }
}
