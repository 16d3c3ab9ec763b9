import KargoCore

extension KustomizationStage {
    /// The fields of a kustomization.
    ///
    /// Names are exact here, while Go would read `Path` as `path`.
    private static let fields: Set<String> = [
        "apiVersion", "bases", "buildMetadata", "commonAnnotations", "commonLabels", "components", "configMapGenerator",
        "configurations", "crds", "generatorOptions", "generators", "helmCharts", "helmGlobals", "images", "kind",
        "labels", "metadata", "namePrefix", "nameSuffix", "namespace", "openapi", "patches", "patchesJson6902",
        "patchesStrategicMerge", "replacements", "replicas", "resources", "secretGenerator", "sortOptions",
        "transformers", "validators", "vars",
    ]
    /// Kinds of kustomize's own plugins that read no files.
    private static let harmlessPlugins: Set<String> = [
        "AnnotationsTransformer", "HashTransformer", "IAMPolicyGenerator", "ImageTagTransformer", "LabelTransformer",
        "LegacyOrderTransformer", "NamespaceTransformer", "PrefixSuffixTransformer", "PrefixTransformer",
        "ReplicaCountTransformer", "SortOrderTransformer", "SuffixTransformer",
    ]

    /// Copies what a kustomization refers to.
    ///
    /// - Returns: The kustomization with references to the copies.
    mutating func rewritten(_ kustomization: JSONValue, at place: Place, isRoot: Bool) throws -> JSONValue {
        guard case .object(var members) = kustomization else {
            throw KustomizationProblem(description: "it is not a mapping")
        }
        for field in members.keys.sorted() where !Self.fields.contains(field) {
            throw KustomizationProblem(description: "the field \(field) is not supported")
        }
        for field in ["resources", "bases", "components"] {
            members[field] = try strings(members[field], field) { try entry($0, from: place) }
        }
        for field in ["crds", "configurations"] {
            members[field] = try strings(members[field], field) { try file($0, from: place) }
        }
        members["patchesStrategicMerge"] = try strings(members["patchesStrategicMerge"], "patchesStrategicMerge") {
            try strategicMerge($0, from: place)
        }
        for field in ["generators", "transformers", "validators"] {
            members[field] = try strings(members[field], field) { try plugin($0, field, from: place) }
        }
        for field in ["patches", "patchesJson6902", "replacements"] {
            members[field] = try objects(members[field], field) { try withPath($0, from: place) }
        }
        for field in ["configMapGenerator", "secretGenerator"] {
            members[field] = try objects(members[field], field) { try generator($0, from: place) }
        }
        if let openapi = members["openapi"], !openapi.isNull {
            members["openapi"] = .object(try withPath(try object(openapi, "openapi"), from: place))
        }
        try rewriteHelm(&members, at: place)
        // As Kargo does: kustomize's own program would sort by kind.
        if isRoot, members["sortOptions"] == nil, members["kind"] == nil || members["kind"] == "Kustomization" {
            members["sortOptions"] = ["order": "fifo"]
        }
        return .object(members)
    }

    // MARK: Shapes

    private func strings(
        _ value: JSONValue?,
        _ field: String,
        _ change: (String) throws -> String
    ) throws -> JSONValue? {
        guard let value, !value.isNull else { return nil }
        guard let elements = value.arrayValue else { throw KustomizationProblem(description: "\(field) is not a list") }
        return .array(
            try elements.map { element in
                guard let text = element.stringValue else {
                    throw KustomizationProblem(description: "\(field) has an element that is not a string")
                }
                return .string(try change(text))
            }
        )
    }

    private func objects(
        _ value: JSONValue?,
        _ field: String,
        _ change: ([String: JSONValue]) throws -> [String: JSONValue]
    ) throws -> JSONValue? {
        guard let value, !value.isNull else { return nil }
        guard let elements = value.arrayValue else { throw KustomizationProblem(description: "\(field) is not a list") }
        return .array(try elements.map { .object(try change(try object($0, field))) })
    }

    private func object(_ value: JSONValue, _ field: String) throws -> [String: JSONValue] {
        guard let members = value.objectValue else {
            throw KustomizationProblem(description: "\(field) has a value that is not a mapping")
        }
        return members
    }

    private func text(_ value: JSONValue?, _ field: String) throws -> String? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.stringValue else { throw KustomizationProblem(description: "\(field) is not a string") }
        return text.isEmpty ? nil : text
    }

    /// Refuses names that Go takes for one of these, which are those that differ in case, and in ways beyond ASCII.
    private func refuseVariants(of fields: [String], in members: [String: JSONValue]) throws {
        for name in members.keys.sorted() where !fields.contains(name) {
            if !name.utf8.allSatisfy({ $0 < 0x80 }) || fields.contains(where: { $0.lowercased() == name.lowercased() })
            {
                throw KustomizationProblem(description: "the field \(name) is not supported")
            }
        }
    }

    // MARK: Fields

    private mutating func withPath(_ members: [String: JSONValue], from place: Place) throws -> [String: JSONValue] {
        try refuseVariants(of: ["path"], in: members)
        var members = members
        if let path = try text(members["path"], "path") { members["path"] = .string(try file(path, from: place)) }
        return members
    }

    private mutating func generator(_ members: [String: JSONValue], from place: Place) throws -> [String: JSONValue] {
        try refuseVariants(of: ["files", "envs", "env"], in: members)
        var members = members
        members["files"] = try strings(members["files"], "files") { source in
            let parts = source.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let path = parts.last ?? ""
            let key = parts.count == 2 ? parts[0] : path.split(separator: "/").last.map(String.init) ?? ""
            return "\(key)=\(try file(path, from: place))"
        }
        members["envs"] = try strings(members["envs"], "envs") { try file($0, from: place) }
        if let path = try text(members["env"], "env") { members["env"] = .string(try file(path, from: place)) }
        return members
    }

    /// A patch that is written out, or else its file.
    private mutating func strategicMerge(_ patch: String, from place: Place) throws -> String {
        guard let documents = Self.objects(in: patch) else { return try file(patch, from: place) }
        return documents.map { $0.yaml() }.joined(separator: "---\n")
    }

    /// The configuration of a plugin, which is written out in place of its file: it may name files itself.
    private mutating func plugin(_ text: String, _ field: String, from place: Place) throws -> String {
        var documents = Self.objects(in: text)
        if documents == nil {
            try RemoteReference.refuseOptions(in: text)
            guard let content = try localText(text, from: place) else {
                throw KustomizationProblem(
                    description: "\(field) has \"\(text)\"; only files in the work directory and what is written out "
                        + "can be used there"
                )
            }
            documents = Self.objects(in: content)
        }
        guard let documents else {
            throw KustomizationProblem(description: "\(field) has \"\(text)\", which is not a list of mappings in YAML")
        }
        return try documents.map { JSONValue.object(try plugin($0.objectValue ?? [:], field, from: place)).yaml() }
            .joined(separator: "---\n")
    }

    private mutating func plugin(
        _ members: [String: JSONValue],
        _ field: String,
        from place: Place
    ) throws -> [String: JSONValue] {
        let kind = members["kind"]?.stringValue ?? ""
        guard members["apiVersion"] == "builtin" else {
            throw KustomizationProblem(
                description: "\(field) has a \(kind), and no plugins but the builtin ones are run"
            )
        }
        var members = members
        switch kind {
        case "ConfigMapGenerator", "SecretGenerator": return try generator(members, from: place)
        case "PatchTransformer", "PatchJson6902Transformer": return try withPath(members, from: place)
        case "PatchStrategicMergeTransformer":
            try refuseVariants(of: ["paths"], in: members)
            members["paths"] = try strings(members["paths"], "paths") { try strategicMerge($0, from: place) }
            return members
        case "ReplacementTransformer":
            try refuseVariants(of: ["replacements"], in: members)
            members["replacements"] = try objects(members["replacements"], "replacements") {
                try withPath($0, from: place)
            }
            return members
        case "ValueAddTransformer":
            try refuseVariants(of: ["targetFilePath"], in: members)
            if let path = try self.text(members["targetFilePath"], "targetFilePath") {
                members["targetFilePath"] = .string(try file(path, from: place))
            }
            return members
        case "HelmChartInflationGenerator": return try chartGenerator(members, at: place)
        case _ where Self.harmlessPlugins.contains(kind): return members
        default: throw KustomizationProblem(description: "\(field) has a \(kind), which is not supported")
        }
    }

    /// The documents of a text that holds nothing but mappings; nil for other texts.
    private static func objects(in text: String) -> [JSONValue]? {
        guard let documents = try? JSONValue.documents(inYAML: text), !documents.isEmpty,
            documents.allSatisfy({ $0.objectValue != nil })
        else { return nil }
        return documents
    }
}
