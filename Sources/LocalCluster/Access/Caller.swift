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

    private var groups: [String] {
        let parts = username.split(separator: ":")
        guard username.hasPrefix(Self.accountPrefix), parts.count == 4 else {
            return ["system:masters", "system:authenticated"]
        }
        return ["system:serviceaccounts", "system:serviceaccounts:\(parts[2])", "system:authenticated"]
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
