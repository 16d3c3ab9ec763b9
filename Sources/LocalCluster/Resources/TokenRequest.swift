import KargoCore

/// Asks for a token of a ServiceAccount.
struct TokenRequest: Sendable, Hashable, Codable {
    @OmitEmpty var apiVersion = ""
    @OmitEmpty var kind = ""
    @DefaultEmpty var metadata = ObjectMeta()
    @DefaultEmpty var spec = TokenRequestSpec()
    var status: TokenRequestStatus?
}

/// What the token is to be.
struct TokenRequestSpec: Sendable, Hashable, Codable, EmptyRepresentable {
    @DefaultEmpty var audiences: [String] = []
    var expirationSeconds: Int64?
    var boundObjectRef: BoundObjectReference?
}

/// An object that a token lasts no longer than.
struct BoundObjectReference: Sendable, Hashable, Codable {
    @OmitEmpty var kind = ""
    @OmitEmpty var apiVersion = ""
    @OmitEmpty var name = ""
    @OmitEmpty var uid = ""
}

/// The token.
struct TokenRequestStatus: Sendable, Hashable, Codable {
    @DefaultEmpty var token = ""
    var expirationTimestamp: KubernetesTime?
}

/// Asks for the end of a Pod.
struct Eviction: Sendable, Hashable, Codable {
    @OmitEmpty var apiVersion = ""
    @OmitEmpty var kind = ""
    @DefaultEmpty var metadata = ObjectMeta()
    var deleteOptions: DeleteOptions?
}

/// Kinds that are created as a part of an object of another kind, and are not stored.
extension CoreResources {
    /// Served as `serviceaccounts/token`.
    static let tokenRequest = builtin(
        "tokenrequests",
        "TokenRequest",
        group: "authentication.k8s.io",
        model: TypedObjectModel<TokenRequest>(
            complete: { request in
                if request[path: "spec", "expirationSeconds"]?.intValue == nil {
                    request[path: "spec", "expirationSeconds"] = 3600
                }
                if request[path: "spec", "audiences"]?.arrayValue?.isEmpty != false {
                    request[path: "spec", "audiences"] = [.string(AccountToken.issuer)]
                }
            },
            check: { request, _ in
                let path = FieldPath("spec", "expirationSeconds")
                let seconds = request.spec.expirationSeconds ?? 0
                if seconds < 600 {
                    return [.invalid(path, .int(seconds), "may not specify a duration less than 10 minutes")]
                }
                if seconds > 1 << 32 {
                    return [.invalid(path, .int(seconds), "may not specify a duration larger than 2^32 seconds")]
                }
                return []
            }
        ),
        columns: []
    )

    /// Served as `pods/eviction`.
    static let eviction = builtin(
        "evictions",
        "Eviction",
        group: "policy",
        model: TypedObjectModel<Eviction>(),
        columns: []
    )
}
