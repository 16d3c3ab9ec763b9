import KargoCore

/// What a token of a ServiceAccount says: a JSON Web Token (RFC 7519) that the cluster signs with HMAC-SHA256.
struct AccountToken: Sendable, Hashable {
    /// Who the cluster is where it issues tokens, and the audience of those for its own API.
    static let issuer = "https://kubernetes.default.svc.cluster.local"

    /// An object that the token is about.
    struct Reference: Sendable, Hashable {
        var name: String
        var uid: String

        fileprivate var claim: JSONValue { ["name": .string(name), "uid": .string(uid)] }

        init(name: String, uid: String) {
            self.name = name
            self.uid = uid
        }

        fileprivate init?(_ claim: JSONValue?) {
            guard let name = claim?["name"]?.stringValue, let uid = claim?["uid"]?.stringValue else { return nil }
            self.init(name: name, uid: uid)
        }
    }

    /// Tells it from all others.
    var id: String
    var namespace: String
    var account: Reference
    /// The Pod without which the token is worth nothing.
    var pod: Reference?
    /// The Secret without which the token is worth nothing.
    var secret: Reference?
    var audiences: [String]
    /// In seconds since 1970, as the other moment.
    var issued: Int64
    var end: Int64

    /// The user that bearers of it are.
    var username: String { "\(Caller.accountPrefix)\(namespace):\(account.name)" }

    /// The token as text.
    func signed(with key: [UInt8]) -> String {
        var place: JSONValue = ["namespace": .string(namespace), "serviceaccount": account.claim]
        place["pod"] = pod?.claim
        place["secret"] = secret?.claim
        let claims: JSONValue = [
            "aud": .array(audiences.map(JSONValue.string)), "exp": .int(end), "iat": .int(issued),
            "iss": .string(Self.issuer), "jti": .string(id), "kubernetes.io": place, "nbf": .int(issued),
            "sub": .string(username),
        ]
        let content = "\(Self.header).\(Token.base64URL(claims.serialized(.sortedKeys)))"
        return "\(content).\(Token.base64URL(Self.signature(of: content, key)))"
    }

    /// Reads a token that was signed with the key; nil for any other text.
    init?(_ text: String, signedWith key: [UInt8]) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        // With one header only, no token can say how it wants to be checked.
        guard parts.count == 3, parts[0] == Self.header, let signature = Token.bytes(base64URL: parts[2]),
            Digest.isEqual(signature, Self.signature(of: "\(parts[0]).\(parts[1])", key)),
            let bytes = Token.bytes(base64URL: parts[1]), let claims = try? JSONValue(parsing: bytes),
            let place = claims["kubernetes.io"], let account = Reference(place["serviceaccount"]),
            let issued = claims["nbf"]?.intValue, let end = claims["exp"]?.intValue
        else { return nil }
        self.init(
            id: claims["jti"]?.stringValue ?? "",
            namespace: place["namespace"]?.stringValue ?? "",
            account: account,
            pod: Reference(place["pod"]),
            secret: Reference(place["secret"]),
            audiences: claims["aud"]?.arrayValue?.compactMap(\.stringValue) ?? [],
            issued: issued,
            end: end
        )
    }

    init(
        id: String,
        namespace: String,
        account: Reference,
        pod: Reference? = nil,
        secret: Reference? = nil,
        audiences: [String],
        issued: Int64,
        end: Int64
    ) {
        self.id = id
        self.namespace = namespace
        self.account = account
        self.pod = pod
        self.secret = secret
        self.audiences = audiences
        self.issued = issued
        self.end = end
    }

    private static let header = Token.base64URL(
        JSONValue.object(["alg": "HS256", "typ": "JWT"]).serialized(.sortedKeys)
    )

    private static func signature(of content: String, _ key: [UInt8]) -> [UInt8] {
        Digest.hmacSHA256(key: key, message: content.utf8)
    }
}
