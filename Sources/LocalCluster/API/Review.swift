import KargoCore

/// A question that is asked by creating an object of its kind.
enum Review: Sendable {
    /// May somebody do something?
    case access
    /// What may I do?
    case rules
    /// Who am I?
    case identity
    /// Who has this token?
    case token
}

extension APIHandler {
    /// The answer to a question that is in order: whoever was let in may do everything.
    private func status(_ review: Review, _ question: JSONValue, _ caller: Caller) -> JSONValue {
        switch review {
        case .access: ["allowed": true, "reason": "a local cluster allows everything"]
        case .rules:
            [
                "resourceRules": [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]],
                "nonResourceRules": [["verbs": ["*"], "nonResourceURLs": ["*"]]], "incomplete": false,
            ]
        case .identity: ["userInfo": caller.userInfo]
        case .token: tokenStatus(question["spec"])
        }
    }

    private func tokenStatus(_ spec: JSONValue?) -> JSONValue {
        let named = spec?["audiences"]?.arrayValue?.compactMap(\.stringValue) ?? []
        do {
            let (caller, audiences) = try authenticator.caller(
                withToken: spec?["token"]?.stringValue ?? "",
                audiences: named.isEmpty ? [AccountToken.issuer] : named
            )
            return [
                "authenticated": true, "user": caller.userInfo,
                "audiences": .array(audiences.map(JSONValue.string)),
            ]
        } catch {
            return ["user": [:], "error": .string(error.description)]
        }
    }

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
        try normalize(&question, call, definition, &warnings)
        try check(question, review, definition)
        question[path: "metadata", "creationTimestamp"] = .null
        question["status"] = status(review, question, call.caller)
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
        case .token:
            if (question[path: "spec", "token"]?.stringValue ?? "").isEmpty {
                throw .badRequest("token is required for TokenReview in authentication")
            }
        }
        if !causes.isEmpty { throw .invalid(definition, "", causes) }
    }
}
