import KargoCore

/// An object as a file describes it.
struct Manifest: Hashable {
    /// The file and the document in it, for messages.
    var place: String
    /// The object.
    var object: JSONValue
    /// The name in the file, which for Freight may be another than the object's.
    let writtenName: String?

    var apiVersion: String { object["apiVersion"]?.stringValue ?? "" }
    var kind: String { object["kind"]?.stringValue ?? "" }
    var namespace: String? { object[path: "metadata", "namespace"]?.stringValue }
    var name: String? { object[path: "metadata", "name"]?.stringValue }

    private init(place: String, object: JSONValue) {
        self.place = place
        self.object = object
        writtenName = object[path: "metadata", "name"]?.stringValue
        guard apiVersion == KargoAPI.groupVersion, kind == "Freight",
            let freight = try? JSONValueDecoder().decode(Freight.self, from: object)
        else { return }
        // Freight has the name that its contents give it, whatever the file says.
        if freight.hasArtifacts { self.object[path: "metadata", "name"] = .string(freight.generatedName) }
        // Kargo's webhook sets it where there is one.
        if !freight.alias.isEmpty {
            self.object[path: "metadata", "labels", KargoAPI.Label.alias] = .string(freight.alias)
        }
    }

    /// The objects of a text, lists taken apart.
    ///
    /// - Parameters:
    ///   - text: YAML of any number of documents, or JSON.
    ///   - file: Where it comes from, for messages.
    /// - Returns: The objects in order.
    /// - Throws: ``CommandError`` that names the place and the field.
    static func all(in text: String, of file: String) throws(CommandError) -> [Manifest] {
        let documents: [JSONValue]
        do {
            documents = try parse(text)
        } catch {
            throw CommandError("\(file): \(error)")
        }
        var manifests: [Manifest] = []
        for (index, document) in documents.enumerated() {
            let place = documents.count == 1 ? file : "\(file): document \(index + 1)"
            try manifests.append(contentsOf: flattened(document, place: place))
        }
        return manifests
    }

    private static func parse(_ text: String) throws(SyntaxError) -> [JSONValue] {
        // Not all JSON is YAML: libyaml takes no tab at the beginning of a line.
        if text.first(where: { !$0.isWhitespace }) == "{", let value = try? JSONValue(parsing: text) { return [value] }
        return try JSONValue.documents(inYAML: text)
    }

    private static func flattened(_ object: JSONValue, place: String) throws(CommandError) -> [Manifest] {
        guard object.objectValue != nil else { throw CommandError("\(place): is \(object.typeName), not an object") }
        for field in ["apiVersion", "kind"] where object[field]?.stringValue?.isEmpty ?? true {
            throw CommandError("\(place): \(field) must be given")
        }
        let manifest = Manifest(place: place, object: object)
        guard manifest.kind.hasSuffix("List"), let items = object["items"]?.arrayValue else { return [manifest] }
        var manifests: [Manifest] = []
        for (index, item) in items.enumerated() {
            try manifests.append(contentsOf: flattened(item, place: "\(place): items[\(index)]"))
        }
        return manifests
    }
}

extension [Manifest] {
    /// The objects with those first that others need: definitions of kinds, then namespaces and Projects.
    var inOrderOfNeed: [Manifest] {
        func rank(_ manifest: Manifest) -> Int {
            switch manifest.kind {
            case "CustomResourceDefinition": 0
            case "Namespace", "Project": 1
            default: 2
            }
        }
        return enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
    }
}
