import KargoCore

/// An entry of a kustomization's `images`.
struct KustomizeImage: Sendable, Hashable {
    /// The fields in the order in which kustomize writes them.
    static let fields = ["name", "newName", "tagSuffix", "newTag", "digest"]

    /// Stands for the value that is there.
    private static let kept = "*"

    var name: String
    /// The other fields; those that are empty are left out.
    private(set) var values: [String: String] = [:]

    init(name: String, newName: String = "", newTag: String = "", digest: String = "") {
        self.name = name
        values = ["newName": newName, "newTag": newTag, "digest": digest].filter { !$0.value.isEmpty }
    }

    /// Reads an entry; nothing if it is not a mapping with a name.
    init?(_ node: YAMLNode) {
        guard case .mapping(let entries) = node.content else { return nil }
        var values: [String: String] = [:]
        for entry in entries {
            guard case .scalar(let key, _) = entry.key.content,
                case .scalar(let text, let isPlain) = entry.value.content,
                Self.fields.contains(key)
            else { continue }
            values[key] = isPlain && ["null", "~"].contains(text) ? "" : text
        }
        guard let name = values.removeValue(forKey: "name") else { return nil }
        self.name = name
        self.values = values.filter { !$0.value.isEmpty }
    }

    subscript(field: String) -> String? { field == "name" ? name : values[field] }

    /// The fields and their values, in order.
    var lines: [(field: String, value: String)] { Self.fields.compactMap { field in self[field].map { (field, $0) } } }

    /// The entry with `*` replaced by what another one says there.
    func keeping(_ other: KustomizeImage?) -> KustomizeImage {
        var result = self
        for (field, value) in values where value == Self.kept { result.values[field] = other?.values[field] }
        return result
    }

    /// The image as in a manifest: `name:tag@digest`.
    var reference: String {
        var text = values["newName"] ?? name
        if let tag = values["newTag"] { text += ":\(tag)" }
        if let digest = values["digest"] { text += "@\(digest)" }
        return text
    }
}
