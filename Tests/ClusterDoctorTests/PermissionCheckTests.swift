import KargoCore
import Testing

@testable import ClusterDoctor

@Suite("Checkup of permissions")
struct PermissionCheckTests {
    /// Without what only some controllers need.
    private static let everything = ControllerPermission.all.filter { $0.scope != .forwarding && $0.scope != .election }
        .reduce(0) { $0 + $1.verbs.count }
    private static let ofProjects = ControllerPermission.all.filter { $0.scope == .project }
        .reduce(0) { $0 + $1.verbs.count }

    private func check(
        _ patient: Patient,
        account: Account? = nil,
        namespace: String? = "kargo",
        projects: [String] = ["demo"],
        forwarding: Finding.State? = nil,
        electsLeader: Bool = false
    ) -> PermissionCheck {
        PermissionCheck(
            api: patient,
            account: account,
            namespace: namespace,
            sharedNamespace: "kargo-shared-resources",
            systemNamespace: "kargo-system-resources",
            projects: projects,
            forwarding: forwarding,
            electsLeader: electsLeader
        )
    }

    /// A permission to do one thing with one resource.
    private struct Permission: Hashable {
        var role: String
        var group: String
        var resource: String
        var name: String
        var verb: String
    }

    @Test func `asks for what the roles of extended/deploy grant, and for no more`() throws {
        func words(_ value: JSONValue?) -> [String] { (value?.arrayValue ?? []).compactMap(\.stringValue) }
        var granted: [Permission] = []
        let patch = try Patient.documents("extended/deploy/components/port-forward/role.yaml").first?.arrayValue ?? []
        let added: JSONValue = [
            "kind": "ClusterRole", "metadata": ["name": "kargo-controller-project"],
            "rules": .array(patch.compactMap { $0["value"] }),
        ]
        let shipped =
            try Patient.documents("extended/deploy/rbac.yaml")
            + Patient.documents("extended/deploy/components/replicas/lease-role.yaml") + [added]
        for role in shipped {
            let title = "\(role["kind"]?.stringValue ?? "") \(role[path: "metadata", "name"]?.stringValue ?? "")"
            for rule in role["rules"]?.arrayValue ?? [] {
                let names = words(rule["resourceNames"])
                for group in words(rule["apiGroups"]) {
                    for resource in words(rule["resources"]) {
                        for verb in words(rule["verbs"]) {
                            for name in names.isEmpty ? [""] : names {
                                granted.append(
                                    Permission(role: title, group: group, resource: resource, name: name, verb: verb)
                                )
                            }
                        }
                    }
                }
            }
        }
        let asked = ControllerPermission.all.flatMap { permission in
            permission.verbs.map {
                Permission(
                    role: permission.scope.role,
                    group: permission.group,
                    resource: permission.resource,
                    name: permission.name,
                    verb: $0
                )
            }
        }
        #expect(Set(asked).symmetricDifference(granted) == [])
        #expect(Set(asked).count == asked.count)
        #expect(asked.count > 40)
    }

    @Test func `asks about the caller`() async throws {
        let patient = try Patient()
        let findings = try await check(patient).findings()
        #expect(
            findings.map(\.summary) == [
                "ok whole cluster", "ok namespace kargo", "ok namespace kargo-shared-resources",
                "ok namespace kargo-system-resources", "ok Project demo",
            ]
        )
        #expect(findings.first?.message == "the caller may do all that the controller does there")
        let questions = patient.questions
        #expect(questions.count == Self.everything)
        #expect(questions.allSatisfy { $0["user"] == nil })
        let attributes = questions.compactMap { $0["resourceAttributes"] }
        #expect(attributes.contains(["group": "", "resource": "pods", "verb": "list"]))
        #expect(
            attributes.contains([
                "group": "kargo.akuity.io", "resource": "promotions", "subresource": "status", "verb": "patch",
            ])
        )
        #expect(
            attributes.contains([
                "group": "", "resource": "pods", "subresource": "log", "verb": "get", "namespace": "demo",
            ])
        )
        #expect(
            attributes.contains([
                "group": "", "resource": "secrets", "verb": "get", "name": "kargo-agent-key", "namespace": "kargo",
            ])
        )
    }

    @Test func `asks about a service account with its groups`() async throws {
        let patient = try Patient()
        let account = try #require(Account("system:serviceaccount:kargo:kargo-controller"))
        #expect(account.namespace == "kargo")
        let findings = try await check(patient, account: account).findings()
        #expect(findings.allSatisfy { $0.state == .ok && $0.message.hasPrefix("\(account.user) may ") })
        #expect(
            patient.questions.allSatisfy {
                $0["user"] == "system:serviceaccount:kargo:kargo-controller"
                    && $0["groups"] == [
                        "system:serviceaccounts", "system:serviceaccounts:kargo", "system:authenticated",
                    ]
            }
        )
    }

    @Test(arguments: ["", "system:serviceaccount:", "system:serviceaccount:a", "system:serviceaccount:a:b:c"])
    func `takes no name that is none`(name: String) {
        #expect(Account(name) == nil)
        #expect(Account("alice")?.groups == ["system:authenticated"])
        #expect(Account("alice")?.namespace == nil)
    }

    @Test func `names what is not allowed, where, and the remedy`() async throws {
        let patient = try Patient { spec in
            let attributes = spec["resourceAttributes"]
            let isPod = attributes?["resource"] == "pods" && attributes?["namespace"] == "b"
            let isStatus = attributes?["subresource"] == "status" && attributes?["resource"] == "stages"
            let isKey = attributes?["name"] == "kargo-agent-key"
            return !(isPod && attributes?["verb"] != "get") && !isStatus && !isKey && attributes?["namespace"] != nil
                || attributes?["namespace"] == nil && !isStatus && attributes?["resource"] != "serviceaccounts"
        }
        let findings = try await check(patient, projects: ["a", "b"]).findings()
        #expect(
            findings.filter { $0.state != .ok } == [
                Finding(
                    .error,
                    .permission,
                    "whole cluster",
                    field: "ClusterRole kargo-controller",
                    "the caller may not patch stages/status.kargo.akuity.io there; apply the roles: "
                        + Checkup.installation
                ),
                Finding(
                    .error,
                    .permission,
                    "namespace kargo",
                    field: "Role kargo-controller",
                    "the caller may not get secrets kargo-agent-key there; apply the roles: \(Checkup.installation)"
                ),
                Finding(
                    .error,
                    .permission,
                    "Project b",
                    field: "ClusterRole kargo-controller-project",
                    "the caller may not create, delete pods there; apply extended/deploy/project in namespace b"
                ),
            ]
        )
        #expect(findings.contains { $0.summary == "ok Project a" })
    }

    @Test(arguments: [Finding.State.error, .warning])
    func `asks for the way through the API server where it is needed`(state: Finding.State) async throws {
        let patient = try Patient { $0[path: "resourceAttributes", "subresource"] != "portforward" }
        let findings = try await check(patient, projects: ["a", "b"], forwarding: state).findings()
        #expect(
            findings.suffix(3).map(\.summary) == [
                "ok all Projects", "\(state.rawValue) Project a, agents ClusterRole kargo-controller-project",
                "\(state.rawValue) Project b, agents ClusterRole kargo-controller-project",
            ]
        )
        #expect(findings.last?.message.hasPrefix("the caller may not get, create pods/portforward there; ") == true)
        let fine = try await check(Patient(), forwarding: state).findings()
        #expect(fine.last?.summary == "ok Project demo, agents")
    }

    @Test func `asks for Leases where replicas elect`() async throws {
        let patient = try Patient { $0[path: "resourceAttributes", "resource"] != "leases" }
        #expect(try await check(patient).findings().allSatisfy { $0.state == .ok })
        let findings = try await check(patient, electsLeader: true).findings()
        #expect(
            findings.filter { $0.state != .ok }.map(\.message) == [
                "the caller may not create, get, update leases.coordination.k8s.io there; apply "
                    + "extended/deploy/components/replicas"
            ]
        )
    }

    @Test func `does not ask about each Project where all are allowed`() async throws {
        let patient = try Patient()
        let projects = (0..<100).map { "p\($0)" }
        let findings = try await check(patient, namespace: nil, projects: projects).findings()
        #expect(findings.last?.summary == "ok all Projects")
        #expect(patient.questions.count < Self.everything + Self.ofProjects)
        #expect(!findings.contains { $0.object == "namespace kargo" })
    }

    @Test func `says that it may not ask`() async throws {
        let patient = try Patient()
        patient.forbid("/apis/authorization.k8s.io/v1/subjectaccessreviews")
        let findings = try await check(patient, account: Account("alice")).findings()
        #expect(findings.map(\.summary) == ["warning alice"])
        patient.put(["message": "gone"], at: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", status: 404)
        #expect(try await check(patient).findings().map(\.summary) == ["warning the caller"])
    }
}
