import KargoCore

/// Who makes a request.
struct Caller: Sendable, Hashable {
    /// What the names of ServiceAccounts begin with as users.
    static let accountPrefix = "system:serviceaccount:"

    var username: String
    /// The UID of the ServiceAccount; empty for everybody else.
    var uid = ""
    /// What else is known of a ServiceAccount's token.
    var extra: [String: [String]] = [:]
    /// The groups that somebody wants to be taken for a member of; nil for those that the name tells.
    private var wantedGroups: [String]?

    init(username: String, uid: String = "", extra: [String: [String]] = [:]) {
        self.username = username
        self.uid = uid
        self.extra = extra
    }

    private var groups: [String] {
        if let wantedGroups { return wantedGroups }
        let parts = username.split(separator: ":")
        guard username.hasPrefix(Self.accountPrefix), parts.count == 4 else {
            return ["system:masters", "system:authenticated"]
        }
        return ["system:serviceaccounts", "system:serviceaccounts:\(parts[2])", "system:authenticated"]
    }

    /// Whom the caller wants to be taken for, as the headers of Kubernetes' impersonation say.
    ///
    /// - Parameter headers: The headers of the request, with their names in any case.
    /// - Returns: This caller if there are no such headers.
    /// - Throws: ``APIFailure`` if they name no user.
    func impersonating(_ headers: [(name: String, value: String)]) throws(APIFailure) -> Caller {
        var user: String?
        var result = Caller(username: "")
        var groups: [String] = []
        var isAsked = false
        for (name, value) in headers {
            let name = name.lowercased()
            guard name.hasPrefix("impersonate-") else { continue }
            isAsked = true
            switch name.dropFirst("impersonate-".count) {
            case "user": user = value
            case "uid": result.uid = value
            case "group": groups.append(value)
            case let key where key.hasPrefix("extra-"):
                let key = key.dropFirst("extra-".count)
                result.extra[RequestTarget.decode(key), default: []].append(value)
            default: break
            }
        }
        guard isAsked else { return self }
        guard let user, !user.isEmpty else {
            throw .badRequest("a group, uid or extra is impersonated without a user; name one in Impersonate-User")
        }
        result.username = user
        let everybody = "system:authenticated"
        if !groups.isEmpty || !user.hasPrefix(Self.accountPrefix) {
            result.wantedGroups = groups.contains(everybody) ? groups : groups + [everybody]
        }
        return result
    }

    /// The caller as reviews have it.
    var userInfo: JSONValue {
        var user: JSONValue = [
            "username": .string(username), "groups": .array(groups.map(JSONValue.string)),
        ]
        if !uid.isEmpty { user["uid"] = .string(uid) }
        if !extra.isEmpty {
            user["extra"] = .object(extra.mapValues { .array($0.map(JSONValue.string)) })
        }
        return user
    }
}
