import KargoCore
import KubernetesClient

/// Looks at the policies that hold the controller's account to what RBAC can't say.
struct AdmissionCheck {
    private static let resource = APIResource(
        group: "admissionregistration.k8s.io",
        plural: "validatingadmissionpolicies",
        kind: "ValidatingAdmissionPolicy",
        isNamespaced: false
    )
    /// Those of `extended/deploy`.
    static let names = ["configmaps", "namespaces", "pods", "projects", "secrets"].map { "kargo-controller-\($0)" }

    let api: any KubernetesAPI
    /// Whom they have to hold.
    let account: String
    /// Whether something is amiss with a server that has no such policies; a local cluster has none.
    var isExpected = true

    func findings() async throws -> [Finding] {
        let title = "ValidatingAdmissionPolicies"
        switch try await Examination(.permission, title, { try await api.list(Self.resource) }) {
        case .missing where !isExpected: return []
        case .missing:
            return [
                Finding(
                    .warning,
                    .permission,
                    title,
                    "are not known to this server, so that RBAC alone holds the controller's account, which may read "
                        + "all Secrets of bound Projects through Pods; upgrade to Kubernetes 1.30"
                )
            ]
        case .refused(let finding): return [finding]
        case .found(let list):
            let found = Dictionary(list.items.map { ($0.objectKey.name, $0) }) { $1 }
            let findings = Self.names.compactMap { finding($0, found[$0]) }
            return findings.isEmpty ? [Finding(.ok, .permission, title, "hold \(account)")] : findings
        }
    }

    private func finding(_ name: String, _ policy: JSONValue?) -> Finding? {
        let object = "ValidatingAdmissionPolicy \(name)"
        guard let policy else {
            return Finding(.warning, .permission, object, "is not there; apply it: \(Checkup.installation)")
        }
        let conditions = policy[path: "spec", "matchConditions"]?.arrayValue ?? []
        let isHeld =
            conditions.isEmpty
            || conditions.contains { $0["expression"]?.stringValue?.contains("'\(account)'") == true }
        guard !isHeld else { return nil }
        return Finding(
            .warning,
            .permission,
            object,
            field: "spec.matchConditions",
            "does not name \(account), and so does not hold it; put that name in the place of the other"
        )
    }
}
