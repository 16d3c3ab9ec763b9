import ControlPlane
import KargoCore
import KubernetesClient

/// Looks at Kargo's CustomResourceDefinitions.
struct DefinitionCheck {
    private static let resource = APIResource(
        group: "apiextensions.k8s.io",
        plural: "customresourcedefinitions",
        kind: "CustomResourceDefinition",
        isNamespaced: false
    )
    /// What the controller reads and writes.
    static let needed: [APIResource] = [.clusterConfigs, .freights, .projects, .promotions, .stages, .warehouses]
    /// What only the making of Promotions reads.
    static let useful: [APIResource] = [.clusterPromotionTasks, .promotionTasks]
    private static let remedy = "apply the definitions of this release: \(Checkup.installation)"
    /// How many differences are named.
    private static let named = 3

    let api: any KubernetesAPI

    func findings() async throws -> [Finding] {
        let shipped = try KargoDefinitions.customResourceDefinitions
        var findings: [Finding] = []
        for resource in Self.needed + Self.useful {
            let name = "\(resource.plural).\(resource.group)"
            guard let shipped = shipped.first(where: { $0[path: "metadata", "name"]?.stringValue == name }) else {
                continue
            }
            findings.append(try await finding(resource, name, shipped))
        }
        return findings
    }

    private func finding(_ resource: APIResource, _ name: String, _ shipped: JSONValue) async throws -> Finding {
        let object = "CustomResourceDefinition \(name)"
        let examination = try await Examination(.definition, object) { try await api.get(Self.resource, name: name) }
        switch examination {
        case .refused(let finding): return finding
        case .missing:
            guard Self.needed.contains(resource) else {
                let effect = "Stages whose steps name a \(resource.kind) can't be promoted to"
                return Finding(.warning, .definition, object, "is not there: \(effect); \(Self.remedy)")
            }
            return Finding(.error, .definition, object, "is not there; \(Self.remedy)")
        case .found(let live):
            if let (field, problem) = Self.problem(live, shipped, resource) {
                return Finding(.error, .definition, object, field: field, "\(problem); \(Self.remedy)")
            }
            let differences = Self.differences(live, shipped, resource)
            if differences.isEmpty { return Finding(.ok, .definition, object, "serves \(resource.version)") }
            let more = differences.count - Self.named
            let list =
                differences.prefix(Self.named).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
            return Finding(
                .warning,
                .definition,
                object,
                "differs from what this release needs, and the server drops or refuses what it does not know: "
                    + "\(list); \(Self.remedy)"
            )
        }
    }

    /// What keeps the kind from being used at all.
    private static func problem(
        _ live: JSONValue,
        _ shipped: JSONValue,
        _ resource: APIResource
    ) -> (field: String, problem: String)? {
        let conditions = live[path: "status", "conditions"]?.arrayValue ?? []
        let established = conditions.first { $0["type"] == "Established" }
        if established?["status"] != "True" {
            // Names that another definition has taken are the usual reason.
            let reasons =
                (conditions.filter { $0["type"] == "NamesAccepted" && $0["status"] == "False" }
                + [established].compactMap { $0 })
                .compactMap { $0["message"]?.stringValue }
            let reason = reasons.first.map { ": \($0)" } ?? ""
            return ("status.conditions", "is not established\(reason)")
        }
        let scope = shipped[path: "spec", "scope"]
        if live[path: "spec", "scope"] != scope {
            return ("spec.scope", "is not \(scope?.stringValue ?? ""); it can't be changed, delete the definition")
        }
        guard let version = version(of: live, resource) else {
            return ("spec.versions", "does not serve \(resource.version)")
        }
        let status = "status"
        if Self.version(of: shipped, resource)?[path: "subresources", status] != nil,
            version[path: "subresources", status] == nil
        {
            return ("spec.versions", "has no subresource \(status) in \(resource.version)")
        }
        return nil
    }

    private static func differences(_ live: JSONValue, _ shipped: JSONValue, _ resource: APIResource) -> [String] {
        guard let live = version(of: live, resource)?[path: "schema", "openAPIV3Schema"],
            let shipped = version(of: shipped, resource)?[path: "schema", "openAPIV3Schema"]
        else { return [] }
        return SchemaComparison(of: live, with: shipped).differences
    }

    private static func version(of definition: JSONValue, _ resource: APIResource) -> JSONValue? {
        definition[path: "spec", "versions"]?.arrayValue?
            .first { $0["name"]?.stringValue == resource.version && $0["served"] == true }
    }
}
