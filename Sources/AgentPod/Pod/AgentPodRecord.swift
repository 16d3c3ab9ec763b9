public import KargoCore

/// The one Pod that the steps of a Promotion run in, as an annotation of the Promotion names it.
///
/// No other Pod is ever used: one of the same name that somebody else made is not the Promotion's.
public struct AgentPodRecord: Sendable, Hashable, Codable {
    /// The UID of the Pod; empty between the loss of one and the making of the next.
    @OmitEmpty public var uid: String
    /// The images of the Pod by container, as they were when the controller had made it.
    @OmitEmpty public var images: [String: String]
    /// How many Pods of the Promotion were lost.
    @OmitEmpty public var losses: Int64
    /// How the last of them was lost.
    @OmitEmpty public var cause: String
    /// Names the life of the agent that a controller knew last; empty before it has answered.
    @OmitEmpty public var boot: String

    /// Makes a record.
    public init(
        uid: String = "",
        images: [String: String] = [:],
        losses: Int64 = 0,
        cause: String = "",
        boot: String = ""
    ) {
        self.uid = uid
        self.images = images
        self.losses = losses
        self.cause = cause
        self.boot = boot
    }

    /// Records a Pod that was just made.
    ///
    /// - Parameters:
    ///   - pod: The Pod.
    ///   - last: What was recorded before.
    public init(_ pod: Pod, after last: AgentPodRecord = AgentPodRecord()) {
        self.init(uid: pod.metadata.uid, images: Self.images(of: pod), losses: last.losses, cause: last.cause)
    }

    /// What was changed about the Pod since; nil if nothing that matters.
    ///
    /// Kubernetes lets whoever may patch a Pod put another image into a running container, or another container beside
    /// it; both would see the agent's key and the tokens of plugins.
    ///
    /// - Parameter pod: The Pod as it is now.
    /// - Returns: A sentence's end, such as `container a runs image b instead of c`.
    public func change(in pod: Pod) -> String? {
        if let guest = pod.spec.ephemeralContainers.first {
            return "container \(guest.name) was added to it for debugging"
        }
        let current = Self.images(of: pod)
        for name in Set(images.keys).union(current.keys).sorted() where images[name] != current[name] {
            guard let image = images[name] else { return "container \(name) was added to it" }
            guard let other = current[name] else { return "container \(name) was taken from it" }
            return "container \(name) runs image \(other) instead of \(image)"
        }
        return nil
    }

    private static func images(of pod: Pod) -> [String: String] {
        let containers = pod.spec.initContainers + pod.spec.containers
        return Dictionary(containers.map { ($0.name, $0.image) }, uniquingKeysWith: { $1 })
    }

    /// Reads the annotation of a Promotion; an empty record if there is none.
    ///
    /// - Throws: `FieldError` if somebody changed the annotation into what can't be read.
    public init(_ promotion: Promotion) throws(FieldError) {
        guard let text = promotion.metadata.annotations[KargoAPI.Annotation.agentPod] else {
            self.init()
            return
        }
        do {
            self = try JSONValueDecoder().decode(AgentPodRecord.self, from: JSONValue(parsing: text))
        } catch {
            throw FieldError(
                path: FieldPath("metadata", "annotations", KargoAPI.Annotation.agentPod),
                message: "can't be read: \(error)"
            )
        }
    }

    /// The annotation.
    public var annotation: String {
        get throws { try JSONValueEncoder().encode(self).text() }
    }
}
