import KargoCore

/// Names a collection: the kinds of one name in one group share their objects, whatever the version.
struct ResourceID: Sendable, Hashable, CustomStringConvertible {
    /// The API group; empty for the core group.
    var group: String
    /// The name in paths, such as `pods`.
    var plural: String

    /// `pods` or `stages.kargo.akuity.io`, as the API writes it in messages.
    var description: String { group.isEmpty ? plural : "\(plural).\(group)" }
}

/// An object as it is stored.
struct StoredObject: Sendable {
    let resource: ResourceID
    let key: ObjectKey
    let uid: String
    /// The resource version.
    private(set) var version: UInt64
    let labels: [String: String]
    /// The UIDs of the objects that this one belongs to.
    let owners: [String]
    /// Whether the object goes away as soon as nothing holds it any more.
    let isBeingDeleted: Bool
    /// Whether the object, on its way out, waits for the garbage collection of what belongs to it.
    let awaitsCollection: Bool
    /// The object as JSON text.
    private(set) var body: [UInt8]

    /// What of an object is kept beside its text.
    private static let outline = FieldOutline(
        ["namespace", "name", "uid", "labels", "ownerReferences", "deletionTimestamp", "finalizers"]
            .map { ["metadata", $0] }
    )

    /// An object whose resource version is not known yet.
    struct Draft: Sendable {
        private let object: StoredObject
        /// Where the version stands in its text.
        private let place: Range<Int>

        /// The object; its resource version is overwritten.
        init(_ object: JSONValue, resource: ResourceID) throws(SyntaxError) {
            var object = object
            object[path: "metadata", "resourceVersion"] = ""
            try self.init(StoredObject(object, resource: resource, version: 0, body: object.serialized()))
        }

        init(_ object: StoredObject) throws(SyntaxError) {
            guard let place = try JSONValue.place(of: ["metadata", "resourceVersion"], in: object.body) else {
                throw SyntaxError(message: "an object has no resourceVersion", line: 1, column: 1)
            }
            self.object = object
            self.place = place
        }

        /// The object as its new version.
        func stored(_ version: UInt64) -> StoredObject {
            var object = object
            object.version = version
            let text = "\"\(version)\"".utf8
            let body = object.body
            // Not a byte more than it takes, as there are many objects.
            object.body = []
            object.body.reserveCapacity(body.count - place.count + text.count)
            object.body += body[..<place.lowerBound]
            object.body += text
            object.body += body[place.upperBound...]
            return object
        }
    }

    /// Reads an object from storage.
    init(body: [UInt8], resource: ResourceID, version: UInt64) throws(SyntaxError) {
        let object = try JSONValue(parsing: body, keeping: Self.outline)
        self.init(object, resource: resource, version: version, body: body)
    }

    private init(_ object: JSONValue, resource: ResourceID, version: UInt64, body: [UInt8]) {
        let metadata = object["metadata"]
        self.resource = resource
        self.version = version
        self.body = body
        key = ObjectKey(
            namespace: metadata?["namespace"]?.stringValue ?? "",
            name: metadata?["name"]?.stringValue ?? ""
        )
        uid = metadata?["uid"]?.stringValue ?? ""
        labels = metadata?["labels"]?.objectValue?.compactMapValues(\.stringValue) ?? [:]
        owners = metadata?["ownerReferences"]?.arrayValue?.compactMap { $0["uid"]?.stringValue } ?? []
        isBeingDeleted = object.isBeingDeleted
        awaitsCollection = object.isBeingDeleted && object.finalizers.contains(where: Finalizer.isOfCollection)
    }

    /// The object.
    ///
    /// - Throws: `KubernetesError` when the stored text is not JSON, which only a damaged file can cause.
    func json() throws -> JSONValue { try JSONValue(parsing: body) }
}

/// Something that happened to an object, for watches.
struct StoreEvent: Sendable {
    enum Kind: String, Sendable {
        case added = "ADDED"
        case modified = "MODIFIED"
        case deleted = "DELETED"
    }

    let kind: Kind
    /// The object as it is now; of a deleted one as it was last, with the version of its end.
    let object: StoredObject
    /// Whether it is something that ``Cleanup`` has to look at.
    var concernsCleanup: Bool {
        kind == .deleted || object.resource == CoreResources.namespaces || !object.owners.isEmpty
            || object.awaitsCollection || NamespaceContents.has(object)
            || (object.isBeingDeleted && object.resource == CoreResources.customResourceDefinitions)
    }

    /// The object as it was before, for a watch that selects by what has changed.
    let previous: StoredObject?
}
