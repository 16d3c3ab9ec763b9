import KargoCore

/// A question that is asked by creating an object of its kind.
enum Review: Sendable {
    /// May somebody do something?
    case access
    /// What may I do?
    case rules
    /// Who am I?
    case identity

    /// The answer: whoever was let in may do everything.
    func status(for username: String) -> JSONValue {
        switch self {
        case .access: ["allowed": true, "reason": "a local cluster allows everything"]
        case .rules:
            [
                "resourceRules": [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]],
                "nonResourceRules": [["verbs": ["*"], "nonResourceURLs": ["*"]]], "incomplete": false,
            ]
        case .identity:
            ["userInfo": ["username": .string(username), "groups": ["system:masters", "system:authenticated"]]]
        }
    }
}

extension APIHandler {
    /// Answers a question.
    func answer(
        _ review: Review,
        _ call: APICall,
        _ target: ResourcePath,
        _ definition: ResourceDefinition
    ) throws -> APIAnswer {
        guard call.method == "POST", target.name == nil, definition.isNamespaced == (target.namespace != nil) else {
            throw APIFailure.methodNotAllowed
        }
        var warnings: [String] = []
        var question = try parse(call, &warnings)
        try fixIdentity(&question, definition, namespace: target.namespace)
        try check(question, review, definition)
        question[path: "metadata", "creationTimestamp"] = .null
        question["status"] = review.status(for: call.username)
        return .object(question, status: 201, warnings: warnings)
    }

    private func check(_ question: JSONValue, _ review: Review, _ definition: ResourceDefinition) throws(APIFailure) {
        let spec = FieldPath("spec")
        var causes: [ValidationCause] = []
        switch review {
        case .access:
            let attributes = ["resourceAttributes", "nonResourceAttributes"]
                .filter { question[path: "spec", $0]?.objectValue != nil }
            if attributes.count != 1 {
                let rule = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
                causes.append(.invalid(spec.appending("resourceAttributes"), .null, rule))
            }
            let isAboutOthers = definition.kind != "SelfSubjectAccessReview"
            let names = [question[path: "spec", "user"]?.stringValue, question[path: "spec", "groups"]?.text()]
            if isAboutOthers, names.allSatisfy({ ($0 ?? "").isEmpty }) {
                causes.append(.invalid(spec.appending("user"), "", "at least one of user or group must be specified"))
            }
        case .rules:
            if (question[path: "spec", "namespace"]?.stringValue ?? "").isEmpty {
                throw .badRequest("no namespace on request")
            }
        case .identity: break
        }
        if !causes.isEmpty { throw .invalid(definition, "", causes) }
    }
}
