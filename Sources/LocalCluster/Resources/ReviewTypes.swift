import KargoCore

// The fields mean what `Descriptions/fields.yaml` says of them.

/// Asks who the bearer of a token is.
struct TokenReview: Sendable, Hashable, Codable {
    @OmitEmpty var apiVersion = ""
    @OmitEmpty var kind = ""
    @DefaultEmpty var metadata = ObjectMeta()
    @DefaultEmpty var spec = TokenReviewSpec()
    var status: TokenReviewStatus?
}

struct TokenReviewSpec: Sendable, Hashable, Codable, EmptyRepresentable {
    @OmitEmpty var token = ""
    @OmitEmpty var audiences: [String] = []
}

struct TokenReviewStatus: Sendable, Hashable, Codable {
    @OmitEmpty var authenticated = false
    var user: UserInfo?
    @OmitEmpty var audiences: [String] = []
    @OmitEmpty var error = ""
}

struct UserInfo: Sendable, Hashable, Codable {
    @OmitEmpty var username = ""
    @OmitEmpty var uid = ""
    @OmitEmpty var groups: [String] = []
    @OmitEmpty var extra: [String: [String]] = [:]
}

/// Asks who one is.
struct SelfSubjectReview: Sendable, Hashable, Codable {
    @OmitEmpty var apiVersion = ""
    @OmitEmpty var kind = ""
    @DefaultEmpty var metadata = ObjectMeta()
    var status: SelfSubjectReviewStatus?
}

struct SelfSubjectReviewStatus: Sendable, Hashable, Codable {
    var userInfo: UserInfo?
}

/// Asks whether one may do something.
struct SelfSubjectAccessReview: Sendable, Hashable, Codable {
    @OmitEmpty var apiVersion = ""
    @OmitEmpty var kind = ""
    @DefaultEmpty var metadata = ObjectMeta()
    @DefaultEmpty var spec = SelfSubjectAccessReviewSpec()
    var status: SubjectAccessReviewStatus?
}

struct SelfSubjectAccessReviewSpec: Sendable, Hashable, Codable, EmptyRepresentable {
    var resourceAttributes: ResourceAttributes?
    var nonResourceAttributes: NonResourceAttributes?
}

/// Asks whether somebody may do something.
struct SubjectAccessReview: Sendable, Hashable, Codable {
    @OmitEmpty var apiVersion = ""
    @OmitEmpty var kind = ""
    @DefaultEmpty var metadata = ObjectMeta()
    @DefaultEmpty var spec = SubjectAccessReviewSpec()
    var status: SubjectAccessReviewStatus?
}

struct SubjectAccessReviewSpec: Sendable, Hashable, Codable, EmptyRepresentable {
    var resourceAttributes: ResourceAttributes?
    var nonResourceAttributes: NonResourceAttributes?
    @OmitEmpty var user = ""
    @OmitEmpty var groups: [String] = []
    @OmitEmpty var extra: [String: [String]] = [:]
    @OmitEmpty var uid = ""
}

struct ResourceAttributes: Sendable, Hashable, Codable {
    @OmitEmpty var namespace = ""
    @OmitEmpty var verb = ""
    @OmitEmpty var group = ""
    @OmitEmpty var version = ""
    @OmitEmpty var resource = ""
    @OmitEmpty var subresource = ""
    @OmitEmpty var name = ""
    var fieldSelector: SelectorAttributes?
    var labelSelector: SelectorAttributes?
}

struct SelectorAttributes: Sendable, Hashable, Codable {
    @OmitEmpty var rawSelector = ""
    @OmitEmpty var requirements: [LabelSelectorRequirement] = []
}

struct NonResourceAttributes: Sendable, Hashable, Codable {
    @OmitEmpty var path = ""
    @OmitEmpty var verb = ""
}

struct SubjectAccessReviewStatus: Sendable, Hashable, Codable {
    @DefaultEmpty var allowed = false
    @OmitEmpty var denied = false
    @OmitEmpty var reason = ""
    @OmitEmpty var evaluationError = ""
}

/// Asks what one may do.
struct SelfSubjectRulesReview: Sendable, Hashable, Codable {
    @OmitEmpty var apiVersion = ""
    @OmitEmpty var kind = ""
    @DefaultEmpty var metadata = ObjectMeta()
    @DefaultEmpty var spec = SelfSubjectRulesReviewSpec()
    var status: SubjectRulesReviewStatus?
}

struct SelfSubjectRulesReviewSpec: Sendable, Hashable, Codable, EmptyRepresentable {
    @OmitEmpty var namespace = ""
}

struct SubjectRulesReviewStatus: Sendable, Hashable, Codable {
    @DefaultEmpty var resourceRules: [PolicyRule] = []
    @DefaultEmpty var nonResourceRules: [PolicyRule] = []
    @DefaultEmpty var incomplete = false
    @OmitEmpty var evaluationError = ""
}

/// An Event as `events.k8s.io` has it.
struct GroupEvent: Sendable, Hashable, Codable {
    @OmitEmpty var apiVersion = ""
    @OmitEmpty var kind = ""
    @DefaultEmpty var metadata = ObjectMeta()
    var eventTime: KubernetesMicroTime?
    var series: EventSeries?
    @OmitEmpty var reportingController = ""
    @OmitEmpty var reportingInstance = ""
    @OmitEmpty var action = ""
    @OmitEmpty var reason = ""
    @DefaultEmpty var regarding = ObjectReference()
    var related: ObjectReference?
    @OmitEmpty var note = ""
    @OmitEmpty var type = ""
    @DefaultEmpty var deprecatedSource = EventSource()
    var deprecatedFirstTimestamp: KubernetesTime?
    var deprecatedLastTimestamp: KubernetesTime?
    @OmitEmpty var deprecatedCount: Int32 = 0
}
