// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what Argo CD's reference says of them.

/// An Application of Argo CD, as far as Kargo reads it.
///
/// Whoever changes one works on the object itself, so that fields of other versions stay.
public struct ArgoCDApplication: KubernetesObject, Hashable {
    @DefaultEmpty public var metadata = ObjectMeta()
    @DefaultEmpty public var spec = Spec()
    @DefaultEmpty public var status = Status()
    /// The operation that was asked for and has not begun.
    public var operation: JSONValue?

    public init() {}

    /// `argoproj.io/v1alpha1`.
    public static let apiVersion = "argoproj.io/v1alpha1"
    /// On an Application: asks Argo CD to look at it again; `hard` has it fetch the manifests too.
    public static let refreshAnnotation = "argocd.argoproj.io/refresh"

    public struct Spec: Sendable, Hashable, Decodable, EmptyRepresentable {
        public var source: Source?
        @OmitEmpty public var sources: [Source] = []

        public init() {}
    }

    public struct Source: Sendable, Hashable, Decodable {
        @DefaultEmpty public var repoURL = ""
        @OmitEmpty public var chart = ""
        @OmitEmpty public var targetRevision = ""

        public init() {}
    }

    public struct Status: Sendable, Hashable, Decodable, EmptyRepresentable {
        @DefaultEmpty public var health = Health()
        @DefaultEmpty public var sync = Sync()
        public var operationState: OperationState?
        /// When Argo CD assessed the health last.
        public var reconciledAt: KubernetesTime?
        @OmitEmpty public var conditions: [ApplicationCondition] = []

        public init() {}
    }

    public struct Health: Sendable, Hashable, Decodable, EmptyRepresentable {
        @OmitEmpty public var status = ""

        public init() {}
    }

    public struct Sync: Sendable, Hashable, Decodable, EmptyRepresentable {
        @OmitEmpty public var status = ""
        @OmitEmpty public var revision = ""
        @OmitEmpty public var revisions: [String] = []

        public init() {}
    }

    public struct OperationState: Sendable, Hashable, Decodable {
        @DefaultEmpty public var operation = Operation()
        @DefaultEmpty public var phase = ""
        @OmitEmpty public var message = ""
        public var syncResult: SyncResult?
        public var finishedAt: KubernetesTime?

        public init() {}
    }

    public struct Operation: Sendable, Hashable, Decodable, EmptyRepresentable {
        @DefaultEmpty public var initiatedBy = Initiator()
        /// Objects with a `name` and a `value`; some may be null.
        @OmitEmpty public var info: [JSONValue] = []

        public init() {}
    }

    public struct Initiator: Sendable, Hashable, Decodable, EmptyRepresentable {
        @OmitEmpty public var username = ""

        public init() {}
    }

    public struct SyncResult: Sendable, Hashable, Decodable {
        @OmitEmpty public var revision = ""
        @OmitEmpty public var revisions: [String] = []

        public init() {}
    }

    public struct ApplicationCondition: Sendable, Hashable, Decodable {
        @DefaultEmpty public var type = ""
        @OmitEmpty public var message = ""

        public init() {}
    }
}

extension ArgoCDApplication {
    /// Where its manifests come from: `spec.sources`, else `spec.source`.
    public var sources: [Source] { spec.sources.isEmpty ? spec.source.map { [$0] } ?? [] : spec.sources }

    /// Whether its health may be that from before its last operation, of which Argo CD keeps account separately.
    public var hasStaleHealth: Bool {
        guard let finished = status.operationState?.finishedAt else { return false }
        return status.reconciledAt.map { $0 < finished } ?? true
    }

    /// Conditions that say its health means nothing.
    public var errors: [ApplicationCondition] {
        status.conditions.filter { ["ComparisonError", "InvalidSpecError"].contains($0.type) }
    }

    /// The Stages that may change it; none where the annotation can't be understood.
    public var authorizedStages: Set<ObjectKey> {
        guard let text = metadata.annotations[KargoAPI.Annotation.authorizedStage] else { return [] }
        var stages: Set<ObjectKey> = []
        for entry in text.split(separator: ",").map(\.trimmingSpaces) where !entry.isEmpty {
            let parts = entry.split(separator: ":", maxSplits: 1).map(\.trimmingSpaces)
            guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && !$0.contains("*") }) else { return [] }
            stages.insert(ObjectKey(namespace: String(parts[0]), name: String(parts[1])))
        }
        return stages
    }
}

extension ArgoCDApplication.SyncResult {
    /// The revisions of the sources, in their order.
    public var observedRevisions: [String] { revisions.isEmpty ? [revision] : revisions }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
