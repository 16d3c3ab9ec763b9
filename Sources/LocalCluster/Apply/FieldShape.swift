import KargoCore

/// What is known of a place in an object that matters when objects are merged: what tells the elements of a list apart,
/// and what is replaced as a whole.
struct FieldShape: Sendable {
    /// How a list is merged.
    enum ListKind: Sendable, Hashable {
        /// It is replaced as a whole.
        case atomic
        /// Its elements are values, each there once.
        case set
        /// Its elements are objects that these members tell apart.
        case map([String])
    }

    private enum Source {
        /// A custom object as a whole, whose metadata its schema does not describe.
        case customObject(StructuralSchema?)
        case structural(StructuralSchema)
        /// A place in an object of a kind that is not custom, by the name of the field.
        case builtin(String)
        /// A value of a map, of which nothing is known.
        case unknown
    }

    private let source: Source

    private init(_ source: Source) { self.source = source }

    /// The shape of the objects of a kind.
    init(_ definition: ResourceDefinition) {
        if let model = definition.model as? CustomObjectModel {
            source = .customObject(model.schema)
        } else {
            source = .builtin("")
        }
    }

    var listKind: ListKind {
        switch source {
        case .structural(.node(let node)):
            if node.isSet { return .set }
            return node.listMapKeys.isEmpty ? .atomic : .map(node.listMapKeys)
        case .builtin(let name): return BuiltinFields.lists[name] ?? .atomic
        case .customObject, .unknown: return .atomic
        }
    }

    /// Whether an object is replaced as a whole.
    var isAtomicObject: Bool {
        switch source {
        case .structural(.node(let node)): node.isAtomicMap
        case .builtin(let name): BuiltinFields.atomicObjects.contains(name)
        case .customObject, .unknown: false
        }
    }

    /// The shape of a member, and whether the schema names it; the members of maps it does not name.
    func member(_ name: String) -> (shape: FieldShape, isDeclared: Bool) {
        switch source {
        case .customObject(let schema):
            if name == "metadata" { return (FieldShape(.builtin(name)), true) }
            if let schema { return FieldShape(.structural(schema)).member(name) }
            return (FieldShape(.unknown), false)
        case .structural(.node(let node)):
            if let property = node.properties[name] { return (FieldShape(.structural(property)), true) }
            return (FieldShape(node.additionalProperties.map(Source.structural) ?? .unknown), false)
        case .builtin(let parent):
            if BuiltinFields.maps.contains(parent) { return (FieldShape(.unknown), false) }
            return (FieldShape(.builtin(name)), true)
        case .unknown: return (FieldShape(.unknown), false)
        }
    }

    /// The shape of the elements of a list.
    var element: FieldShape {
        switch source {
        case .structural(.node(let node)): FieldShape(node.items.map(Source.structural) ?? .unknown)
        case .builtin(let name): FieldShape(.builtin("\(name)[]"))
        case .customObject, .unknown: FieldShape(.unknown)
        }
    }

    /// What leads to an element of a list; nil where the list is atomic, or nothing tells the element apart.
    func step(to element: JSONValue) -> FieldSet.Element? {
        switch listKind {
        case .atomic: return nil
        case .set: return .value(element)
        case .map(let names):
            guard let members = element.objectValue else { return nil }
            var key: [String: JSONValue] = [:]
            for name in names { key[name] = members[name] ?? BuiltinFields.keyDefaults[name] }
            return key.isEmpty ? nil : .key(key)
        }
    }
}

/// The kinds that are not custom: a name of a field means the same list or object in all that are served.
private enum BuiltinFields {
    static let lists: [String: FieldShape.ListKind] = [
        "containers": .map(["name"]), "initContainers": .map(["name"]), "ephemeralContainers": .map(["name"]),
        "env": .map(["name"]), "volumes": .map(["name"]), "volumeMounts": .map(["mountPath"]),
        "volumeDevices": .map(["devicePath"]), "ports": .map(["containerPort", "protocol"]),
        "imagePullSecrets": .map(["name"]), "hostAliases": .map(["ip"]), "ownerReferences": .map(["uid"]),
        "secrets": .map(["name"]), "conditions": .map(["type"]), "podIPs": .map(["ip"]),
        "resourceClaims": .map(["name"]), "claims": .map(["name"]), "schedulingGates": .map(["name"]),
        "topologySpreadConstraints": .map(["topologyKey", "whenUnsatisfiable"]), "finalizers": .set,
    ]

    /// What counts for a member of a key that is left out.
    static let keyDefaults: [String: JSONValue] = ["protocol": "TCP"]

    static let atomicObjects: Set<String> = [
        "nodeSelector", "labelSelector", "selector", "namespaceSelector", "involvedObject", "related", "fieldRef",
        "resourceFieldRef", "secretKeyRef", "configMapKeyRef", "roleRef", "imagePullSecrets[]", "secrets[]",
        "ownerReferences[]",
    ]

    /// Objects whose members are not named by the schema.
    static let maps: Set<String> = [
        "labels", "annotations", "data", "stringData", "binaryData", "limits", "requests", "overhead", "matchLabels",
        "options", "volumeAttributes", "allocatedResources",
    ]
}
