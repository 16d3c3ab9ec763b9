/// Somebody whose permissions are asked for.
struct Account: Sendable, Hashable {
    private static let serviceAccountPrefix = "system:serviceaccount:"

    /// The name as the API server knows it.
    let user: String
    let groups: [String]
    /// The namespace of a service account; nil for another user.
    let namespace: String?

    /// Reads the name of a user; nil for a service account without namespace or name, and for nothing.
    init?(_ user: String) {
        guard !user.isEmpty else { return nil }
        self.user = user
        var groups = ["system:authenticated"]
        if user.hasPrefix(Self.serviceAccountPrefix) {
            let parts = user.dropFirst(Self.serviceAccountPrefix.count)
                .split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
            namespace = String(parts[0])
            groups = ["system:serviceaccounts", "system:serviceaccounts:\(parts[0])"] + groups
        } else {
            namespace = nil
        }
        self.groups = groups
    }
}
