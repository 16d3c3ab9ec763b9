import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the manifests of extended/deploy let the controller's account do.
struct ShippedGrants {
    /// One verb on one resource in one place.
    struct Grant: Hashable, CustomStringConvertible {
        var role: String
        /// Empty for the whole cluster.
        var namespace: String
        var group: String
        var resource: String
        var verb: String
        /// Empty for all.
        var name: String

        /// Whether it lets a request through.
        func covers(_ request: AskedRequest) -> Bool {
            (namespace.isEmpty || namespace == request.namespace) && group == request.group
                && resource == request.resource && verb == request.verb && (name.isEmpty || name == request.name)
        }

        var description: String {
            let place = namespace.isEmpty ? "everywhere" : "in \(namespace)"
            return "\(role): \(verb) \(group.isEmpty ? "" : "\(group)/")\(resource) \(name) \(place)"
        }
    }

    let all: Set<Grant>

    /// Reads the manifests.
    ///
    /// - Parameter projects: The namespaces in which `project/` is applied.
    /// - Throws: A manifest that can't be read.
    init(projects: [String]) throws {
        var roles: [String: JSONValue] = [:]
        var bindings: [(role: String, namespace: String)] = []
        let files = [
            "rbac.yaml", "argocd/rbac.yaml", "project/role-binding.yaml", "components/replicas/lease-role.yaml",
        ]
        for file in files {
            for document in try JSONValue.documents(inYAML: Self.text(file)) {
                let namespace = document[path: "metadata", "namespace"]?.stringValue ?? ""
                let name = document[path: "metadata", "name"]?.stringValue ?? ""
                switch document["kind"] {
                case "ClusterRole": roles["ClusterRole \(name)"] = document["rules"]
                case "Role": roles["Role \(namespace)/\(name)"] = document["rules"]
                case "ClusterRoleBinding": bindings.append((Self.role(of: document, namespace), ""))
                case "RoleBinding":
                    let places = file.hasPrefix("project/") ? projects : [namespace]
                    bindings += places.map { (Self.role(of: document, $0), $0) }
                default: continue
                }
            }
        }
        // A patch, which adds rules to a role.
        let added = try JSONValue(yaml: Self.text("components/port-forward/role.yaml")).arrayValue ?? []
        let name = "ClusterRole kargo-controller-project"
        roles[name] = .array((roles[name]?.arrayValue ?? []) + added.compactMap { $0["value"] })
        var grants: Set<Grant> = []
        for binding in bindings {
            for rule in roles[binding.role]?.arrayValue ?? [] {
                for group in Self.texts(rule["apiGroups"]) {
                    for resource in Self.texts(rule["resources"]) {
                        for verb in Self.texts(rule["verbs"]) {
                            for name in rule["resourceNames"].map(Self.texts) ?? [""] {
                                grants.insert(
                                    Grant(
                                        role: binding.role,
                                        namespace: binding.namespace,
                                        group: group,
                                        resource: resource,
                                        verb: verb,
                                        name: name
                                    )
                                )
                            }
                        }
                    }
                }
            }
        }
        all = grants
    }

    /// The variables with values of the Deployment's container.
    static func environment() throws -> [String: String] {
        let deployment = try JSONValue.documents(inYAML: text("deployment.yaml")).first { $0["kind"] == "Deployment" }
        let containers = deployment?[path: "spec", "template", "spec", "containers"]?.arrayValue ?? []
        let pairs = (containers.first?["env"]?.arrayValue ?? [])
            .compactMap { entry -> (String, String)? in
                guard let name = entry["name"]?.stringValue, let value = entry["value"]?.stringValue else { return nil }
                return (name, value)
            }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    private static func role(of binding: JSONValue, _ namespace: String) -> String {
        let kind = binding[path: "roleRef", "kind"]?.stringValue ?? ""
        let name = binding[path: "roleRef", "name"]?.stringValue ?? ""
        return kind == "Role" ? "Role \(namespace)/\(name)" : "\(kind) \(name)"
    }

    private static func texts(_ value: JSONValue?) -> [String] {
        (value?.arrayValue ?? []).compactMap(\.stringValue)
    }

    private static func text(_ path: String) throws -> String {
        let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        return try String(contentsOf: root.appending(path: "extended/deploy/\(path)"), encoding: .utf8)
    }
}
