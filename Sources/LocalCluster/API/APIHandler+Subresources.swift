import KargoCore
import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is asked of an object by creating something under its name.
extension APIHandler {
    /// Issues a token of a ServiceAccount.
    func requestToken(_ call: APICall, _ key: ObjectKey, _ accounts: ResourceDefinition) throws -> APIAnswer {
        let account = try stored(accounts, key)
        var warnings: [String] = []
        var object = try ask(call, CoreResources.tokenRequest, key, &warnings)
        let request = try JSONValueDecoder().decode(TokenRequest.self, from: object)
        // Tokens tell whole seconds.
        let issued = Int64(now().timeIntervalSince1970)
        var token = AccountToken(
            id: UUID().uuidString.lowercased(),
            namespace: key.namespace,
            account: AccountToken.Reference(name: key.name, uid: account.uid),
            audiences: request.spec.audiences,
            issued: issued,
            end: issued + (request.spec.expirationSeconds ?? 0)
        )
        if let bound = request.spec.boundObjectRef { try bind(&token, to: bound) }
        object[path: "metadata", "creationTimestamp"] = .string(KubernetesTime(now()).description)
        object["status"] = [
            "token": .string(token.signed(with: authenticator.key)),
            "expirationTimestamp": .string(
                KubernetesTime(Date(timeIntervalSince1970: Double(token.end))).description
            ),
        ]
        return .object(object, status: 201, warnings: warnings)
    }

    private func bind(_ token: inout AccountToken, to bound: BoundObjectReference) throws {
        let resource: ResourceID
        switch (bound.apiVersion, bound.kind) {
        case ("v1", "Pod"): resource = CoreResources.pods
        case ("v1", "Secret"): resource = CoreResources.secrets
        default:
            throw APIFailure.badRequest("cannot bind token for serviceaccount to object of type \(bound.kind)")
        }
        guard let object = store.get(resource, ObjectKey(namespace: token.namespace, name: bound.name)) else {
            throw APIFailure.notFound(resource, bound.name)
        }
        guard bound.uid.isEmpty || bound.uid == object.uid else {
            throw APIFailure.conflict(
                resource,
                bound.name,
                "the UID in the bound object reference (\(bound.uid)) does not match the UID in record; the object "
                    + "might have been deleted and then recreated"
            )
        }
        let reference = AccountToken.Reference(name: bound.name, uid: object.uid)
        guard resource == CoreResources.pods else {
            token.secret = reference
            return
        }
        guard try object.json()[path: "spec", "serviceAccountName"]?.stringValue == token.account.name else {
            throw APIFailure.badRequest(
                "cannot bind token for serviceaccount \"\(token.account.name)\" to pod \"\(bound.name)\", which runs "
                    + "with another service account"
            )
        }
        token.pod = reference
    }

    /// Deletes a Pod as its owner would, if what was asked for still holds.
    ///
    /// There are no disruption budgets that could forbid it.
    func evict(_ call: APICall, _ key: ObjectKey, _ pods: ResourceDefinition) async throws -> APIAnswer {
        var warnings: [String] = []
        let object = try ask(call, CoreResources.eviction, key, &warnings)
        let eviction = try JSONValueDecoder().decode(Eviction.self, from: object)
        var options = eviction.deleteOptions ?? DeleteOptions()
        if call.isDryRun { options.dryRun = ["All"] }
        try check(options)
        if options.dryRun.isEmpty {
            _ = try await delete(pods, key, options: options)
        } else {
            try checkPreconditions(options, stored(pods, key), pods)
        }
        return .object(
            ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success"],
            status: 201,
            warnings: warnings
        )
    }

    /// Reads what is asked of an object.
    private func ask(
        _ call: APICall,
        _ definition: ResourceDefinition,
        _ key: ObjectKey,
        _ warnings: inout [String]
    ) throws -> JSONValue {
        try call.checkWriteOptions()
        var object = try parse(call, &warnings)
        try fixIdentity(&object, definition, namespace: key.namespace)
        let name = object[path: "metadata", "name"]?.stringValue ?? ""
        guard name.isEmpty || name == key.name else {
            throw APIFailure.badRequest("name in URL does not match name in \(definition.kind) object")
        }
        object[path: "metadata", "name"] = .string(key.name)
        try normalize(&object, call, definition, &warnings)
        let causes = definition.model.validate(object, old: nil)
        if !causes.isEmpty { throw APIFailure.invalid(definition, key.name, causes) }
        return object
    }
}
