import KargoCore

extension APIHandler {
    private static let aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

    /// Answers what says which kinds are served.
    func discovery(_ call: APICall, _ segments: [String]) throws -> APIAnswer {
        guard call.method == "GET" else { throw APIFailure.methodNotAllowed }
        if segments.first == "healthz" || segments.first == "livez" || segments.first == "readyz" {
            return APIAnswer(contentType: "text/plain", body: .whole(Array("ok".utf8)))
        }
        if segments == ["version"] { return .object(Self.version) }
        let definitions = catalog.all
        let isAggregated = call.accept.contains("as=APIGroupDiscoveryList") && call.accept.contains("v=v2;")
        switch segments {
        case ["api"] where isAggregated:
            return tagged(aggregatedList(definitions.filter(\.resource.group.isEmpty)), call, type: Self.aggregated)
        case ["apis"] where isAggregated:
            return tagged(
                aggregatedList(definitions.filter { !$0.resource.group.isEmpty }),
                call,
                type: Self.aggregated
            )
        case ["api"]:
            return tagged(
                [
                    "kind": "APIVersions", "versions": ["v1"],
                    "serverAddressByClientCIDRs": [],
                ],
                call
            )
        case ["apis"]: return tagged(groupList(definitions), call)
        case ["api", "v1"]: return tagged(resourceList(definitions, group: "", version: "v1"), call)
        case ["openapi", "v3"]:  // Kubernetes calls it so.
            return tagged(
                OpenAPI.index(definitions, generation: catalog.generation),
                call,
                type: "text/plain; charset=utf-8"
            )
        case ["openapi", "v2"] where call.accept.contains("proto-openapi.spec.v2"): return OpenAPI.emptyVersion2
        case ["openapi", "v2"]:
            return tagged(
                ["swagger": "2.0", "info": ["title": "Kubernetes", "version": "v1.32.0"], "paths": [:]],
                call
            )
        case ["openapi", "v3", "api", "v1"]:
            return tagged(OpenAPI.document(definitions.filter { $0.apiVersion == "v1" }), call)
        default: break
        }
        if segments.count == 2, segments[0] == "apis" {
            guard let group = groups(definitions).first(where: { $0["name"]?.stringValue == segments[1] }) else {
                throw APIFailure.noSuchPath
            }
            return tagged(group.applying(mergePatch: ["kind": "APIGroup", "apiVersion": "v1"]), call)
        }
        if segments.count == 3, segments[0] == "apis" {
            return tagged(resourceList(definitions, group: segments[1], version: segments[2]), call)
        }
        if segments.count == 5, segments[..<3] == ["openapi", "v3", "apis"] {
            let served = definitions.filter { $0.apiVersion == "\(segments[3])/\(segments[4])" }
            if !served.isEmpty { return tagged(OpenAPI.document(served), call) }
        }
        throw APIFailure.noSuchPath
    }

    /// The version of Kubernetes whose API this is a part of.
    private static let version: JSONValue = [
        "major": "1", "minor": "32", "gitVersion": "v1.32.0+local-cluster", "gitCommit": "", "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "swift", "platform": "local",
    ]

    /// An answer that a client may keep as long as its tag stays the same.
    private func tagged(_ value: JSONValue, _ call: APICall, type: String = "application/json") -> APIAnswer {
        let body = value.serialized(.sortedKeys)
        let tag = "\"" + Digest.sha256(body).hexadecimal.prefix(32).uppercased() + "\""
        var answer = APIAnswer(contentType: type, body: .whole(body))
        answer.headers = [("etag", tag), ("vary", "Accept")]
        if call.ifNoneMatch == tag {
            answer.status = 304
            answer.body = .whole([])
        }
        return answer
    }

    private func aggregatedList(_ definitions: [ResourceDefinition]) -> JSONValue {
        let groups = Dictionary(grouping: definitions, by: \.resource.group)
        let items = groups.sorted { $0.key < $1.key }
            .map { group, definitions -> JSONValue in
                let versions = Dictionary(grouping: definitions, by: \.version)
                return [
                    "metadata": group.isEmpty ? [:] : ["name": .string(group)],
                    "versions": .array(
                        versions.sorted { APIVersionPriority($0.key) < APIVersionPriority($1.key) }
                            .map { version, definitions in
                                [
                                    "version": .string(version), "freshness": "Current",
                                    "resources": .array(definitions.map(\.discovery)),
                                ]
                            }
                    ),
                ]
            }
        return [
            "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:],
            "items": .array(items),
        ]
    }

    private func groups(_ definitions: [ResourceDefinition]) -> [JSONValue] {
        Dictionary(grouping: definitions.filter { !$0.resource.group.isEmpty }, by: \.resource.group)
            .sorted { $0.key < $1.key }
            .map { group, definitions in
                let versions = Set(definitions.map(\.version))
                    .sorted { APIVersionPriority($0) < APIVersionPriority($1) }
                    .map { version -> JSONValue in
                        ["groupVersion": .string("\(group)/\(version)"), "version": .string(version)]
                    }
                return ["name": .string(group), "versions": .array(versions), "preferredVersion": versions[0]]
            }
    }

    private func groupList(_ definitions: [ResourceDefinition]) -> JSONValue {
        ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups(definitions))]
    }

    private func resourceList(_ definitions: [ResourceDefinition], group: String, version: String) -> JSONValue {
        let served = definitions.filter { $0.resource.group == group && $0.version == version }
        return [
            "kind": "APIResourceList", "apiVersion": "v1",
            "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"),
            "resources": .array(served.flatMap(\.legacyDiscovery)),
        ]
    }
}

extension ResourceDefinition {
    private static let strings: @Sendable ([String]) -> JSONValue = { .array($0.map(JSONValue.string)) }

    fileprivate var discovery: JSONValue {
        let responseKind: JSONValue = [
            "group": .string(resource.group), "version": .string(version), "kind": .string(kind),
        ]
        var value: JSONValue = [
            "resource": .string(resource.plural), "responseKind": responseKind,
            "scope": isNamespaced ? "Namespaced" : "Cluster", "singularResource": .string(singular),
            "verbs": Self.strings(verbs),
        ]
        if !shortNames.isEmpty { value["shortNames"] = Self.strings(shortNames) }
        if !categories.isEmpty { value["categories"] = Self.strings(categories) }
        if !allSubresources.isEmpty {
            value["subresources"] = .array(
                allSubresources.map { part in
                    [
                        "subresource": .string(part.name),
                        "responseKind": [
                            "group": .string(part.group), "version": .string(part.version), "kind": .string(part.kind),
                        ],
                        "verbs": Self.strings(part.verbs),
                    ]
                }
            )
        }
        return value
    }

    fileprivate var legacyDiscovery: [JSONValue] {
        var value: JSONValue = [
            "name": .string(resource.plural), "singularName": .string(singular), "namespaced": .bool(isNamespaced),
            "kind": .string(kind), "verbs": Self.strings(verbs),
        ]
        if !shortNames.isEmpty { value["shortNames"] = Self.strings(shortNames) }
        if !categories.isEmpty { value["categories"] = Self.strings(categories) }
        let parts = allSubresources.map { part -> JSONValue in
            var value: JSONValue = [
                "name": .string("\(resource.plural)/\(part.name)"), "singularName": "",
                "namespaced": .bool(isNamespaced), "kind": .string(part.kind), "verbs": Self.strings(part.verbs),
            ]
            if part.group != resource.group {
                value["group"] = .string(part.group)
                value["version"] = .string(part.version)
            }
            return value
        }
        return [value] + parts
    }
}
