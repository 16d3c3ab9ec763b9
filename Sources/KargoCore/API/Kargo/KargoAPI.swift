/// Names of Kargo's API group and of what it and this project write on objects.
public enum KargoAPI {
    /// The group of Kargo's kinds.
    public static let group = "kargo.akuity.io"
    /// The version of Kargo's kinds.
    public static let version = "v1alpha1"
    /// What stands in `apiVersion` of an object of Kargo's kinds.
    public static let groupVersion = "\(group)/\(version)"

    /// Labels.
    public enum Label {
        /// On Freight: its alias.
        public static let alias = "kargo.akuity.io/alias"
        /// On a Secret: what it is for, `git`, `helm`, `image` or `generic`.
        public static let credentialType = "kargo.akuity.io/cred-type"
        /// On a Namespace: `"true"` if it belongs to a Project.
        public static let project = "kargo.akuity.io/project"
        /// On a Promotion: its Stage, shortened to what a label value may hold.
        public static let stage = "kargo.akuity.io/stage"
        /// On Stages, Warehouses and Promotions: the shard that serves them.
        public static let shard = "kargo.akuity.io/shard"
        /// On agent Pods: `"true"`.
        public static let promotionAgent = "kargo-extended.code.org/promotion-agent"
        /// On agent Pods: the Promotion, shortened to what a label value may hold.
        public static let promotion = "kargo-extended.code.org/promotion"
    }

    /// Annotations.
    public enum Annotation {
        /// On a Promotion: a request to end it, as JSON with `action` and `actor` or the mere action.
        public static let abort = "kargo.akuity.io/abort"
        /// Who created a Promotion, Project or Freight.
        public static let createActor = "kargo.akuity.io/create-actor"
        /// On an Application of Argo CD: the Stages that may change it, as in `project:stage,project:other`.
        public static let authorizedStage = "kargo.akuity.io/authorized-stage"
        /// On a Promotion: `"true"` if it brings back Freight that the Stage had before.
        public static let rollback = "kargo.akuity.io/rollback"
        /// On a Promotion: its Stage.
        public static let stage = "kargo.akuity.io/stage"
        /// On a Namespace or Project: `"true"` keeps the Namespace when the Project is deleted.
        public static let keepNamespace = "kargo.akuity.io/keep-namespace"
        /// A token that asks for another look at an object.
        public static let refresh = "kargo.akuity.io/refresh"
        /// On a Promotion: where its steps run and with which plugins; see ``EnginePin``.
        public static let engine = "kargo-extended.code.org/engine"
        /// On a Promotion: the one Pod its steps run in.
        public static let agentPod = "kargo-extended.code.org/agent-pod"
        /// On an agent Pod: what its bearer token was derived with.
        public static let agentNonce = "kargo-extended.code.org/agent-nonce"
        /// On an agent Pod: the UID of its Promotion.
        public static let promotionUID = "kargo-extended.code.org/promotion-uid"
    }

    /// Annotations of Events.
    public enum EventAnnotation {
        /// Who did it.
        public static let actor = "event.kargo.akuity.io/actor"
        /// The Project.
        public static let project = "event.kargo.akuity.io/project"
        /// The Promotion.
        public static let promotion = "event.kargo.akuity.io/promotion-name"
        /// The Stage.
        public static let stage = "event.kargo.akuity.io/stage-name"
        /// The Freight.
        public static let freight = "event.kargo.akuity.io/freight-name"
        /// The alias of the Freight.
        public static let freightAlias = "event.kargo.akuity.io/freight-alias"
        /// What kind of thing a step recorded.
        public static let auditType = "event.kargo-extended.code.org/audit-type"
        /// What else a step recorded, as JSON.
        public static let auditData = "event.kargo-extended.code.org/audit-data"
    }

    /// The ConfigMap that keeps what the steps of a Promotion wrote after their Pod is gone.
    public enum StepLogs {
        /// The name of the ConfigMap of the Promotion with a UID, in its namespace.
        public static func name(promotionUID uid: String) -> String { "promotion-logs-\(uid)" }

        /// The key of the log of a step, counted from 0.
        public static func key(step: Int) -> String { "step-\(step)" }
    }

    /// What Kargo puts on objects that it has to clean up after.
    public static let finalizer = "kargo.akuity.io/finalizer"

    /// The name of the Lease by which replicas of a controller agree on who works; with `-<shard>` behind it where there
    /// is a shard.
    public static let leaderLease = "kargo-leader"
}
