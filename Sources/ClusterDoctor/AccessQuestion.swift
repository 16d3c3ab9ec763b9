import KargoCore
import KubernetesClient

/// Whether somebody may do one thing with one kind in one place.
struct AccessQuestion: Sendable {
    /// How many are asked at a time.
    private static let concurrency = 8

    var permission: ControllerPermission
    var verb: String
    /// Nil for all namespaces.
    var namespace: String?

    /// Asks.
    ///
    /// - Parameters:
    ///   - questions: The questions.
    ///   - account: Whose permissions are meant; nil for the caller's.
    ///   - api: The server.
    /// - Returns: Whether it is allowed, in the order of the questions.
    /// - Throws: `KubernetesError` if one of them is not answered.
    static func answers(
        _ questions: [AccessQuestion],
        about account: Account?,
        api: any KubernetesAPI
    ) async throws -> [Bool] {
        try await withThrowingTaskGroup(of: (Int, Bool).self) { group in
            var answers = Array(repeating: false, count: questions.count)
            for (index, question) in questions.enumerated() {
                if index >= concurrency, let (index, answer) = try await group.next() { answers[index] = answer }
                group.addTask { (index, try await question.isAllowed(account, api)) }
            }
            for try await (index, answer) in group { answers[index] = answer }
            return answers
        }
    }

    private func isAllowed(_ account: Account?, _ api: any KubernetesAPI) async throws -> Bool {
        let kind = account == nil ? "SelfSubjectAccessReview" : "SubjectAccessReview"
        let resource = APIResource(
            group: "authorization.k8s.io",
            plural: "\(kind.lowercased())s",
            kind: kind,
            isNamespaced: false
        )
        var spec: JSONValue = ["resourceAttributes": attributes]
        if let account {
            spec["user"] = .string(account.user)
            spec["groups"] = .array(account.groups.map(JSONValue.string))
        }
        let answer = try await api.create(
            resource,
            ["apiVersion": .string(resource.apiVersion), "kind": .string(kind), "spec": spec]
        )
        return answer[path: "status", "allowed"] == true
    }

    private var attributes: JSONValue {
        let parts = permission.resource.split(separator: "/", maxSplits: 1).map(String.init)
        var attributes: [String: JSONValue] = [
            "group": .string(permission.group), "resource": .string(parts[0]), "verb": .string(verb),
        ]
        if parts.count == 2 { attributes["subresource"] = .string(parts[1]) }
        if !permission.name.isEmpty { attributes["name"] = .string(permission.name) }
        if let namespace { attributes["namespace"] = .string(namespace) }
        return .object(attributes)
    }
}
