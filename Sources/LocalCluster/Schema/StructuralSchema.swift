import KargoCore

/// The schema of a custom kind: what Kubernetes calls structural, a tree in the shape of the objects.
indirect enum StructuralSchema: Sendable {
    case node(Node)

    /// A JSON type.
    enum ValueType: String, Sendable {
        case object
        case array
        case string
        case integer
        case number
        case boolean
    }

    /// What is said of one place.
    struct Node: Sendable {
        var type: ValueType?
        var properties: [String: StructuralSchema] = [:]
        /// The schema of members that have no property of their own; nil if there may be none.
        var additionalProperties: StructuralSchema?
        var required: [String] = []
        var items: StructuralSchema?
        var allowedValues: [JSONValue] = []
        var pattern: RegularExpression?
        var format: String?
        var minimum: Double?
        var maximum: Double?
        var minLength: Int?
        var maxLength: Int?
        var excludesMinimum = false
        var excludesMaximum = false
        /// Of what a number must be a multiple.
        var multipleOf: Double?
        var minProperties: Int?
        var maxProperties: Int?
        /// Schemas of which all must hold.
        var all: [StructuralSchema] = []
        /// Schemas of which one must hold at least.
        var any: [StructuralSchema] = []
        /// Schemas of which exactly one must hold.
        var one: [StructuralSchema] = []
        /// A schema that must not hold.
        var excluded: StructuralSchema?
        /// Whether the value is an object of Kubernetes, with a kind and metadata of its own.
        var isEmbedded = false
        var minItems: Int?
        var maxItems: Int?
        var defaultValue: JSONValue?
        var isNullable = false
        var isIntOrString = false
        var keepsUnknownFields = false
        /// Fields by which the elements of a list are told apart.
        var listMapKeys: [String] = []
        var isSet = false
        /// Whether an object is replaced as a whole when it is applied.
        var isAtomicMap = false
        var rules: [Rule] = []
    }

    /// A condition in Kubernetes' expression language.
    struct Rule: Sendable {
        var text: String
        var message: String
        /// Whether it compares with the value before, so that it holds where there is none.
        var comparesWithOld: Bool
    }

    var node: Node {
        switch self {
        case .node(let node): node
        }
    }

    /// Reads a schema as a CustomResourceDefinition has it.
    ///
    /// - Throws: `FieldError` that names the place in the schema.
    init(_ value: JSONValue, path: FieldPath) throws(FieldError) {
        var node = Node()
        if let name = value["type"]?.stringValue {
            guard let type = ValueType(rawValue: name) else {
                throw FieldError(path: path.appending("type"), message: "unknown type \"\(name)\"")
            }
            node.type = type
        }
        for (name, schema) in value["properties"]?.objectValue ?? [:] {
            node.properties[name] = try StructuralSchema(schema, path: path.appending("properties").appending(name))
        }
        switch value["additionalProperties"] {
        case .bool(true): node.keepsUnknownFields = true
        case .object(let members)?:
            node.additionalProperties = try StructuralSchema(
                .object(members),
                path: path.appending("additionalProperties")
            )
        default: break
        }
        if let items = value["items"] { node.items = try StructuralSchema(items, path: path.appending("items")) }
        node.required = value["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
        node.allowedValues = value["enum"]?.arrayValue ?? []
        if let pattern = value["pattern"]?.stringValue {
            do {
                node.pattern = try RegularExpression(pattern)
            } catch {
                throw FieldError(path: path.appending("pattern"), message: String(describing: error))
            }
        }
        node.format = value["format"]?.stringValue
        node.minimum = value["minimum"]?.number
        node.maximum = value["maximum"]?.number
        node.minLength = value["minLength"]?.intValue.map(Int.init)
        node.maxLength = value["maxLength"]?.intValue.map(Int.init)
        node.minItems = value["minItems"]?.intValue.map(Int.init)
        node.maxItems = value["maxItems"]?.intValue.map(Int.init)
        node.excludesMinimum = value["exclusiveMinimum"] == true
        node.excludesMaximum = value["exclusiveMaximum"] == true
        node.multipleOf = value["multipleOf"]?.number
        node.minProperties = value["minProperties"]?.intValue.map(Int.init)
        node.maxProperties = value["maxProperties"]?.intValue.map(Int.init)
        node.all = try Self.list(value["allOf"], path.appending("allOf"))
        node.any = try Self.list(value["anyOf"], path.appending("anyOf"))
        node.one = try Self.list(value["oneOf"], path.appending("oneOf"))
        if let excluded = value["not"] { node.excluded = try StructuralSchema(excluded, path: path.appending("not")) }
        node.isEmbedded = value["x-kubernetes-embedded-resource"] == true
        node.defaultValue = value["default"]
        node.isNullable = value["nullable"]?.boolValue ?? false
        node.isIntOrString = value["x-kubernetes-int-or-string"]?.boolValue ?? false
        if value["x-kubernetes-preserve-unknown-fields"]?.boolValue == true { node.keepsUnknownFields = true }
        node.listMapKeys = value["x-kubernetes-list-map-keys"]?.arrayValue?.compactMap(\.stringValue) ?? []
        node.isSet = value["x-kubernetes-list-type"] == "set" || value["uniqueItems"] == true
        node.isAtomicMap = value["x-kubernetes-map-type"] == "atomic"
        node.rules = (value["x-kubernetes-validations"]?.arrayValue ?? [])
            .compactMap { rule in
                guard let text = rule["rule"]?.stringValue else { return nil }
                return Rule(
                    text: text,
                    message: rule["message"]?.stringValue ?? "failed rule: \(text)",
                    comparesWithOld: text.contains("oldSelf")
                )
            }
        self = .node(node)
    }

    private static func list(_ value: JSONValue?, _ path: FieldPath) throws(FieldError) -> [StructuralSchema] {
        var schemas: [StructuralSchema] = []
        for (index, schema) in (value?.arrayValue ?? []).enumerated() {
            schemas.append(try StructuralSchema(schema, path: path.appending(index)))
        }
        return schemas
    }
}

extension JSONValue {
    /// The number, whatever kind of number it is.
    var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
