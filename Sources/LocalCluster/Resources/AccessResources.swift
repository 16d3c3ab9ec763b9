import KargoCore

/// The kinds of access control.
///
/// Roles and their bindings are stored and have no effect; whoever is let in may do everything, and that is what the
/// reviews answer.
extension CoreResources {
    private static let group = "rbac.authorization.k8s.io"

    static let roles: [ResourceDefinition] = [
        role("roles", "Role", isNamespaced: true), role("clusterroles", "ClusterRole", isNamespaced: false),
        binding("rolebindings", "RoleBinding", isNamespaced: true),
        binding("clusterrolebindings", "ClusterRoleBinding", isNamespaced: false),
    ]

    private static func role(_ plural: String, _ kind: String, isNamespaced: Bool) -> ResourceDefinition {
        builtin(
            plural,
            kind,
            group: group,
            isNamespaced: isNamespaced,
            model: TypedObjectModel<Role>(
                complete: { if $0["rules"] == nil { $0["rules"] = .null } },
                check: { role, _ in causes(role.rules ?? []) }
            ),
            columns: [
                TableColumn(name: "Created At", type: "date") { object, _ in
                    object[path: "metadata", "creationTimestamp"] ?? .null
                }
            ]
        )
    }

    private static func causes(_ rules: [PolicyRule]) -> [ValidationCause] {
        var causes: [ValidationCause] = []
        for (index, rule) in rules.enumerated() {
            let path = FieldPath("rules").appending(index)
            if rule.verbs.isEmpty {
                causes.append(.required(path.appending("verbs"), "verbs must contain at least one value"))
            }
            guard rule.nonResourceURLs.isEmpty else { continue }
            if rule.apiGroups.isEmpty { causes.append(.required(path.appending("apiGroups"))) }
            if rule.resources.isEmpty { causes.append(.required(path.appending("resources"))) }
        }
        return causes
    }

    private static func binding(_ plural: String, _ kind: String, isNamespaced: Bool) -> ResourceDefinition {
        builtin(
            plural,
            kind,
            group: group,
            isNamespaced: isNamespaced,
            model: TypedObjectModel<RoleBinding>(
                complete: complete(binding:),
                check: { binding, old in causes(binding, old, isNamespaced: isNamespaced) }
            ),
            columns: [
                text("Role") { binding in
                    let role = binding["roleRef"]
                    return .string("\(role?["kind"]?.stringValue ?? "")/\(role?["name"]?.stringValue ?? "")")
                },
                .age,
            ]
        )
    }

    private static func complete(binding: inout JSONValue) {
        if binding[path: "roleRef", "apiGroup"]?.stringValue?.isEmpty != false {
            binding[path: "roleRef", "apiGroup"] = .string(group)
        }
        guard let subjects = binding["subjects"]?.arrayValue else { return }
        binding["subjects"] = .array(
            subjects.map { subject in
                var subject = subject
                if subject["apiGroup"] == nil, subject["kind"] == "User" || subject["kind"] == "Group" {
                    subject["apiGroup"] = .string(group)
                }
                return subject
            }
        )
    }

    private static func causes(_ binding: RoleBinding, _ old: RoleBinding?, isNamespaced: Bool) -> [ValidationCause] {
        let path = FieldPath("roleRef")
        var causes: [ValidationCause] = []
        let kinds: [JSONValue] = isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"]
        if !kinds.contains(.string(binding.roleRef.kind)) {
            causes.append(.notSupported(path.appending("kind"), .string(binding.roleRef.kind), kinds))
        }
        if binding.roleRef.name.isEmpty { causes.append(.required(path.appending("name"))) }
        if let old, old.roleRef != binding.roleRef {
            causes.append(.invalid(path, .string(binding.roleRef.name), "cannot change roleRef"))
        }
        for (index, subject) in binding.subjects.enumerated() {
            let path = FieldPath("subjects").appending(index)
            if subject.name.isEmpty { causes.append(.required(path.appending("name"))) }
            switch subject.kind {
            case "User", "Group": break
            case "ServiceAccount" where subject.namespace.isEmpty: causes.append(.required(path.appending("namespace")))
            case "ServiceAccount": break
            default:
                let kinds: [JSONValue] = ["ServiceAccount", "User", "Group"]
                causes.append(.notSupported(path.appending("kind"), .string(subject.kind), kinds))
            }
        }
        return causes
    }

    // MARK: Reviews

    static let reviews: [ResourceDefinition] = [
        review(.access, "SelfSubjectAccessReview", TypedObjectModel<SelfSubjectAccessReview>()),
        review(.access, "SubjectAccessReview", TypedObjectModel<SubjectAccessReview>()),
        review(.access, "LocalSubjectAccessReview", TypedObjectModel<SubjectAccessReview>(), isNamespaced: true),
        review(.rules, "SelfSubjectRulesReview", TypedObjectModel<SelfSubjectRulesReview>()),
        review(
            .identity,
            "SelfSubjectReview",
            TypedObjectModel<SelfSubjectReview>(),
            group: "authentication.k8s.io"
        ),
        review(.token, "TokenReview", TypedObjectModel<TokenReview>(), group: "authentication.k8s.io"),
    ]

    private static func review(
        _ review: Review,
        _ kind: String,
        _ model: any ObjectModel,
        group: String = "authorization.k8s.io",
        isNamespaced: Bool = false
    ) -> ResourceDefinition {
        var definition = builtin(
            kind.lowercased() + "s",
            kind,
            group: group,
            isNamespaced: isNamespaced,
            model: model,
            columns: []
        )
        definition.review = review
        definition.verbs = ["create"]
        return definition
    }
}
