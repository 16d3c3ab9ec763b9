import KargoCore

/// What a server says of one of the kinds that it serves.
public struct DiscoveredResource: Sendable, Hashable {
    /// The kind.
    public var resource: APIResource
    /// The name of one object, such as `pod`; may be empty.
    public var singular: String
    /// Short names, such as `po`.
    public var shortNames: [String]

    /// Makes a description.
    public init(resource: APIResource, singular: String = "", shortNames: [String] = []) {
        self.resource = resource
        self.singular = singular
        self.shortNames = shortNames
    }
}

extension KubernetesAPI {
    /// Asks for the kinds that the server serves, in all their versions.
    ///
    /// - Returns: The kinds in the order of the server; of a group's versions the preferred one comes first.
    /// - Throws: ``KubernetesError``, with code `badResponse` for a server without aggregated discovery, which every
    ///   Kubernetes has from 1.27 on.
    public func discover() async throws -> [DiscoveredResource] {
        // KEP-3352; servers before 1.30 have the beta of it.
        let accept = ["v2", "v2beta1"]
            .map { "application/json;g=apidiscovery.k8s.io;v=\($0);as=APIGroupDiscoveryList" }
            .joined(separator: ",")
        var resources: [DiscoveredResource] = []
        for path in ["/api", "/apis"] {
            let answer = try await object(APIRequest(.get, path, accept: accept))
            guard answer["kind"] == "APIGroupDiscoveryList" else {
                throw KubernetesError(
                    .badResponse,
                    "the server has no aggregated discovery at \(path); Kubernetes 1.27 or newer is needed"
                )
            }
            for group in answer["items"]?.arrayValue ?? [] { resources += DiscoveredResource.all(in: group) }
        }
        return resources
    }
}

extension DiscoveredResource {
    fileprivate static func all(in group: JSONValue) -> [DiscoveredResource] {
        let name = group[path: "metadata", "name"]?.stringValue ?? ""
        return (group["versions"]?.arrayValue ?? [])
            .flatMap { version -> [DiscoveredResource] in
                let number = version["version"]?.stringValue ?? ""
                return (version["resources"]?.arrayValue ?? [])
                    .compactMap { DiscoveredResource($0, group: name, version: number) }
            }
    }

    private init?(_ value: JSONValue, group: String, version: String) {
        guard let plural = value["resource"]?.stringValue,
            let kind = value[path: "responseKind", "kind"]?.stringValue
        else { return nil }
        self.init(
            resource: APIResource(
                group: group,
                version: version,
                plural: plural,
                kind: kind,
                isNamespaced: value["scope"] == "Namespaced"
            ),
            singular: value["singularResource"]?.stringValue ?? "",
            shortNames: value["shortNames"]?.arrayValue?.compactMap(\.stringValue) ?? []
        )
    }
}
