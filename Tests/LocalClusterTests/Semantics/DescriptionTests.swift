import KargoCore
import Testing

@testable import LocalCluster

@Suite("Descriptions")
struct DescriptionTests {
    private static let documents: [JSONValue] = Dictionary(grouping: CoreResources.definitions, by: \.apiVersion)
        .values.map(OpenAPI.document)

    /// The schemas of all built-in kinds and of the types of their fields.
    private static let schemas: [(name: String, schema: JSONValue)] = documents.flatMap { document in
        (document[path: "components", "schemas"]?.objectValue ?? [:]).map { ($0.key, $0.value) }
    }

    /// The fields of a schema and of those in it that say nothing.
    private func silent(_ schema: JSONValue, _ path: String) -> [String] {
        var found = (schema["properties"]?.objectValue ?? [:])
            .flatMap { name, property -> [String] in
                let own = property["description"]?.stringValue?.hasSuffix(".") == true ? [] : ["\(path).\(name)"]
                return own + silent(property, "\(path).\(name)")
            }
        if let items = schema["items"] { found += silent(items, path) }
        return found
    }

    @Test func `has every field of every built-in kind`() {
        #expect(Self.schemas.count > 180)
        #expect(Self.schemas.flatMap { silent($0.schema, $0.name) }.sorted() == [])
        let types = Self.schemas.filter { $0.schema["description"] == nil }.map(\.name)
        #expect(types.sorted() == [])
    }

    @Test func `are of types and fields that there are`() {
        var fields: [String: Set<String>] = [:]
        for (name, schema) in Self.schemas {
            let type = name.split(separator: ".").last.map(String.init) ?? name
            fields[type, default: []].formUnion((schema["properties"]?.objectValue ?? [:]).keys)
        }
        // Types that have their names in the table only.
        fields["GroupEvent"] = fields["Event"]
        for (type, texts) in FieldDescriptions.all where type != "*" {
            guard let known = fields[type] else {
                #expect(type.hasPrefix("CustomResource") || type == "SelectableField", "\(type)")
                continue
            }
            #expect(Set(texts.keys).subtracting(known).subtracting([".", "=", "!"]) == [], "\(type)")
            let required = (texts["!"] ?? "").split(separator: " ").map(String.init)
            #expect(Set(required).subtracting(known) == [], "\(type)")
        }
    }

    @Test func `of a reference stands beside it`() {
        let spec = Self.schemas.first { $0.name == "io.k8s.api.core.v1.Pod" }?.schema[path: "properties", "spec"]
        #expect(spec?["allOf"] == [["$ref": "#/components/schemas/io.k8s.api.core.v1.PodSpec"]])
        #expect(spec?["description"] == "What it should be.")
    }
}
