/// A set of artifact versions that go through the Stages together.
public struct Freight: Sendable, Hashable, Codable {
    /// `kargo.akuity.io/v1alpha1`.
    @OmitEmpty public var apiVersion = KargoAPI.groupVersion
    /// `Freight`.
    @OmitEmpty public var kind = "Freight"
    /// Name, namespace and so on; the name is a digest of the rest.
    public var metadata = ObjectMeta()
    /// A name for people, unique in the Project.
    @OmitEmpty public var alias = ""
    /// When the artifacts were found.
    public var discoveredAt: KubernetesTime?
    /// Where the Freight comes from.
    public var origin = FreightOrigin()
    /// Git commits.
    @OmitEmpty public var commits: [GitCommit] = []
    /// Container images.
    @OmitEmpty public var images: [Image] = []
    /// Helm charts.
    @OmitEmpty public var charts: [Chart] = []
    /// Other artifacts.
    @OmitEmpty public var artifacts: [ArtifactReference] = []
    /// Where it has been.
    @DefaultEmpty public var status = FreightStatus()

    /// Makes empty Freight.
    public init() {}

    /// The Freight as a Promotion and a Stage record it.
    public var reference: FreightReference {
        var reference = FreightReference()
        reference.name = metadata.name
        reference.origin = origin
        reference.commits = commits
        reference.images = images
        reference.charts = charts
        reference.artifacts = artifacts
        return reference
    }
}

/// Where Freight comes from.
public struct FreightOrigin: Sendable, Hashable, Codable, CustomStringConvertible {
    /// `Warehouse`.
    public var kind: String
    /// The Warehouse's name.
    public var name: String

    /// Makes an origin.
    public init(kind: String = "Warehouse", name: String = "") {
        self.kind = kind
        self.name = name
    }

    /// The form in which an origin is a key of a map: `Warehouse/NAME`.
    public var description: String { "\(kind)/\(name)" }
}

/// A commit of a Git repository.
public struct GitCommit: Sendable, Hashable, Codable {
    /// The repository.
    @OmitEmpty public var repoURL = ""
    /// The commit's hash.
    @OmitEmpty public var id = ""
    /// The branch it was found on.
    @OmitEmpty public var branch = ""
    /// The tag it was found by.
    @OmitEmpty public var tag = ""
    /// The first line of its message.
    @OmitEmpty public var message = ""
    /// Who wrote it.
    @OmitEmpty public var author = ""
    /// Who committed it.
    @OmitEmpty public var committer = ""
    /// The subscription that found it, if that has a name.
    @OmitEmpty public var subscriptionName = ""

    /// Makes an empty commit.
    public init() {}
}

/// A container image.
public struct Image: Sendable, Hashable, Codable {
    /// The repository, without a tag.
    @OmitEmpty public var repoURL = ""
    /// The tag.
    @OmitEmpty public var tag = ""
    /// The digest.
    @OmitEmpty public var digest = ""
    /// Annotations of the manifest.
    @OmitEmpty public var annotations: [String: String] = [:]
    /// The subscription that found it, if that has a name.
    @OmitEmpty public var subscriptionName = ""

    /// Makes an empty image.
    public init() {}
}

/// A Helm chart.
public struct Chart: Sendable, Hashable, Codable {
    /// The repository or registry.
    @OmitEmpty public var repoURL = ""
    /// The chart's name; empty in a registry, where the URL has it.
    @OmitEmpty public var name = ""
    /// The version.
    @OmitEmpty public var version = ""
    /// The subscription that found it, if that has a name.
    @OmitEmpty public var subscriptionName = ""

    /// Makes an empty chart.
    public init() {}
}

/// An artifact of another type.
public struct ArtifactReference: Sendable, Hashable, Codable {
    /// The type.
    @OmitEmpty public var artifactType = ""
    /// The subscription that found it.
    public var subscriptionName = ""
    /// The version.
    public var version = ""
    /// What the subscription knows of it.
    public var metadata: JSONValue?

    /// Makes an empty reference.
    public init() {}
}

/// Freight as a Promotion and a Stage record it.
public struct FreightReference: Sendable, Hashable, Codable {
    /// The name of the Freight.
    @OmitEmpty public var name = ""
    /// Where it comes from.
    public var origin: FreightOrigin?
    /// Git commits.
    @OmitEmpty public var commits: [GitCommit] = []
    /// Container images.
    @OmitEmpty public var images: [Image] = []
    /// Helm charts.
    @OmitEmpty public var charts: [Chart] = []
    /// Other artifacts.
    @OmitEmpty public var artifacts: [ArtifactReference] = []

    /// Makes an empty reference.
    public init() {}
}

/// Where Freight has been.
public struct FreightStatus: Sendable, Hashable, Codable, EmptyRepresentable {
    /// The Stages that have it now.
    @OmitEmpty public var currentlyIn: [String: CurrentStage] = [:]
    /// The Stages that have verified it.
    @OmitEmpty public var verifiedIn: [String: VerifiedStage] = [:]
    /// The Stages that somebody approved it for.
    @OmitEmpty public var approvedFor: [String: ApprovedStage] = [:]
    /// What steps have noted about it.
    public var metadata: JSONValue?

    /// Makes an empty status.
    public init() {}

    /// Since when a Stage has Freight.
    public struct CurrentStage: Sendable, Hashable, Codable {
        /// When the Stage received it.
        public var since: KubernetesTime?

        /// Makes an entry.
        public init(since: KubernetesTime? = nil) {
            self.since = since
        }
    }

    /// How a Stage verified Freight.
    public struct VerifiedStage: Sendable, Hashable, Codable {
        /// When it was verified.
        public var verifiedAt: KubernetesTime?
        /// The longest time that it stayed there.
        public var longestSoak: GoDuration?

        /// Makes an entry.
        public init(verifiedAt: KubernetesTime? = nil) {
            self.verifiedAt = verifiedAt
        }
    }

    /// How Freight was approved for a Stage.
    public struct ApprovedStage: Sendable, Hashable, Codable {
        /// When it was approved.
        public var approvedAt: KubernetesTime?

        /// Makes an entry.
        public init(approvedAt: KubernetesTime? = nil) {
            self.approvedAt = approvedAt
        }
    }
}
