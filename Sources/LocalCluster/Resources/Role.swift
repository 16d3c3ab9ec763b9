import KargoCore

/// What may be done, in a namespace or everywhere.
struct Role: Sendable, Hashable, Codable {
    @OmitEmpty var apiVersion = ""
    @OmitEmpty var kind = ""
    @DefaultEmpty var metadata = ObjectMeta()
    var rules: [PolicyRule]?
    var aggregationRule: AggregationRule?
}

/// One permission.
struct PolicyRule: Sendable, Hashable, Codable {
    @DefaultEmpty var verbs: [String] = []
    @OmitEmpty var apiGroups: [String] = []
    @OmitEmpty var resources: [String] = []
    @OmitEmpty var resourceNames: [String] = []
    @OmitEmpty var nonResourceURLs: [String] = []
}

/// Which ClusterRoles another one consists of.
struct AggregationRule: Sendable, Hashable, Codable {
    @OmitEmpty var clusterRoleSelectors: [LabelSelector] = []
}

/// Who may do what a Role says.
struct RoleBinding: Sendable, Hashable, Codable {
    @OmitEmpty var apiVersion = ""
    @OmitEmpty var kind = ""
    @DefaultEmpty var metadata = ObjectMeta()
    @OmitEmpty var subjects: [RoleSubject] = []
    @DefaultEmpty var roleRef = RoleReference()
}

/// A user, a group or a service account.
struct RoleSubject: Sendable, Hashable, Codable {
    @DefaultEmpty var kind = ""
    @OmitEmpty var apiGroup = ""
    @DefaultEmpty var name = ""
    @OmitEmpty var namespace = ""
}

/// Names a Role or a ClusterRole.
struct RoleReference: Sendable, Hashable, Codable, EmptyRepresentable {
    @DefaultEmpty var apiGroup = ""
    @DefaultEmpty var kind = ""
    @DefaultEmpty var name = ""
}
