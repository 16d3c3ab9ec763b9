import KubernetesClient

/// Asks the server whether the controller's account may do what it will do.
struct PermissionCheck {
    private struct Place {
        var scope: ControllerPermission.Scope
        /// Nil for the whole cluster.
        var namespace: String?
        var title: String
        var remedy: String
        /// What it is where something is not allowed.
        var state = Finding.State.error
    }

    let api: any KubernetesAPI
    /// Whose permissions are meant; nil for the caller's.
    let account: Account?
    /// The controller's namespace; nil where it runs in no Pod.
    let namespace: String?
    /// The namespace of what Projects share.
    let sharedNamespace: String
    /// The namespace of what concerns the whole system.
    let systemNamespace: String
    let projects: [String]
    /// What it is where agents can't be reached through the API server; nil where nobody has to.
    var forwarding: Finding.State?
    /// Whether replicas elect the one that works.
    var electsLeader = false

    func findings() async throws -> [Finding] {
        let examination = try await Examination(.permission, subject) { try await answers() }
        switch examination {
        case .found(let findings): return findings
        case .refused(let finding): return [finding]
        case .missing:
            return [
                Finding(
                    .warning,
                    .permission,
                    subject,
                    "can't be looked at: the server has no access reviews of authorization.k8s.io/v1"
                )
            ]
        }
    }

    private func answers() async throws -> [Finding] {
        var findings: [Finding] = []
        for place in places { findings.append(try await finding(place)) }
        findings += try await projectFindings(.project, .error) { "apply extended/deploy/project in namespace \($0)" }
        guard let forwarding else { return findings }
        return try await findings
            + projectFindings(.forwarding, forwarding) { _ in
                "apply extended/deploy/components/port-forward, or, for a controller outside the cluster, outside"
            }
    }

    private func projectFindings(
        _ scope: ControllerPermission.Scope,
        _ state: Finding.State,
        _ remedy: (String) -> String
    ) async throws -> [Finding] {
        let suffix = scope == .forwarding ? ", agents" : ""
        // Whoever may do it everywhere need not be asked about each of many Projects.
        if projects.count > 1, try await lacking(scope, in: nil).isEmpty { return [granted("all Projects\(suffix)")] }
        var findings: [Finding] = []
        for project in projects {
            let title = "Project \(project)\(suffix)"
            let place = Place(scope: scope, namespace: project, title: title, remedy: remedy(project), state: state)
            findings.append(try await finding(place))
        }
        return findings
    }

    private var places: [Place] {
        let remedy = "apply the roles: \(Checkup.installation)"
        var places = [Place(scope: .cluster, title: "whole cluster", remedy: remedy)]
        if let namespace {
            places.append(Place(scope: .own, namespace: namespace, title: "namespace \(namespace)", remedy: remedy))
            if electsLeader {
                places.append(
                    Place(
                        scope: .election,
                        namespace: namespace,
                        title: "namespace \(namespace), Lease",
                        remedy: "apply extended/deploy/components/replicas"
                    )
                )
            }
        }
        for (scope, namespace) in [(ControllerPermission.Scope.shared, sharedNamespace), (.system, systemNamespace)] {
            places.append(Place(scope: scope, namespace: namespace, title: "namespace \(namespace)", remedy: remedy))
        }
        return places
    }

    private func finding(_ place: Place) async throws -> Finding {
        let lacking = try await lacking(place.scope, in: place.namespace)
        if lacking.isEmpty { return granted(place.title) }
        let list = lacking.map { permission in
            let name = permission.name.isEmpty ? "" : " \(permission.name)"
            let group = permission.group.isEmpty ? "" : ".\(permission.group)"
            return "\(permission.verbs.joined(separator: ", ")) \(permission.resource)\(group)\(name)"
        }
        return Finding(
            place.state,
            .permission,
            place.title,
            field: place.scope.role,
            "\(subject) may not \(list.joined(separator: "; ")) there; \(place.remedy)"
        )
    }

    private func granted(_ title: String) -> Finding {
        Finding(.ok, .permission, title, "\(subject) may do all that the controller does there")
    }

    private var subject: String { account?.user ?? "the caller" }

    /// What of the needed is not allowed.
    private func lacking(
        _ scope: ControllerPermission.Scope,
        in namespace: String?
    ) async throws -> [ControllerPermission] {
        let permissions = ControllerPermission.all.filter { $0.scope == scope }
        let questions = permissions.flatMap { permission in
            permission.verbs.map { AccessQuestion(permission: permission, verb: $0, namespace: namespace) }
        }
        var answers = try await AccessQuestion.answers(questions, about: account, api: api)[...]
        return permissions.compactMap { permission in
            var lacking = permission
            lacking.verbs = zip(permission.verbs, answers).filter { !$1 }.map(\.0)
            answers = answers.dropFirst(permission.verbs.count)
            return lacking.verbs.isEmpty ? nil : lacking
        }
    }
}
