import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Tells by their tokens who callers are.
struct Authenticator: Sendable {
    /// Why a token is worth nothing.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// Those whose tokens last as long as the data directory, by the SHA-256 of these.
    let callers: [[UInt8]: String]
    /// What the tokens of ServiceAccounts are signed with.
    let key: [UInt8]
    let store: ClusterStore
    let now: @Sendable () -> Date

    /// Who the bearer of a token is.
    ///
    /// - Parameters:
    ///   - token: The token.
    ///   - audiences: Of these the token must be meant for one; all of them for a token that is for no audience.
    /// - Returns: The caller, and the audiences that the token is meant for.
    /// - Throws: ``Refusal`` for a token that is worth nothing.
    func caller(
        withToken token: String,
        audiences: [String] = [AccountToken.issuer]
    ) throws(Refusal) -> (caller: Caller, audiences: [String]) {
        let digest = Digest.sha256(token.utf8)
        var name: String?
        // All are compared, so that time tells nothing.
        for (known, caller) in callers where Digest.isEqual(known, digest) { name = caller }
        if let name { return (Caller(username: name), audiences) }
        guard let token = AccountToken(token, signedWith: key) else {
            throw Refusal(description: "the token is unknown")
        }
        let common = audiences.filter(token.audiences.contains)
        if common.isEmpty { throw Refusal(description: "the token is for another audience") }
        try check(token)
        return (caller(token), common)
    }

    private func check(_ token: AccountToken) throws(Refusal) {
        let moment = Int64(now().timeIntervalSince1970)
        // The clock of the machine may be set back a little.
        if token.issued > moment + 60 { throw Refusal(description: "the token is not valid yet") }
        if token.end <= moment { throw Refusal(description: "the token has expired") }
        try check(token.account, CoreResources.serviceAccounts, token.namespace)
        if let pod = token.pod { try check(pod, CoreResources.pods, token.namespace) }
        if let secret = token.secret { try check(secret, CoreResources.secrets, token.namespace) }
    }

    private func check(
        _ reference: AccountToken.Reference,
        _ resource: ResourceID,
        _ namespace: String
    ) throws(Refusal) {
        let key = ObjectKey(namespace: namespace, name: reference.name)
        guard store.get(resource, key)?.uid == reference.uid else {
            throw Refusal(description: "the token is bound to \(resource) \"\(key)\", which is gone")
        }
    }

    private func caller(_ token: AccountToken) -> Caller {
        var extra = ["authentication.kubernetes.io/credential-id": ["JTI=\(token.id)"]]
        if let pod = token.pod {
            extra["authentication.kubernetes.io/pod-name"] = [pod.name]
            extra["authentication.kubernetes.io/pod-uid"] = [pod.uid]
        }
        return Caller(username: token.username, uid: token.account.uid, extra: extra)
    }
}
