public import KargoCore

/// The one Pod that the steps of a Promotion run in, as an annotation of the Promotion names it.
///
/// No other Pod is ever used: one of the same name that somebody else made is not the Promotion's.
public struct AgentPodRecord: Sendable, Hashable, Codable {
    /// The UID of the Pod; empty between the loss of one and the making of the next.
    @OmitEmpty public var uid: String
    /// How many Pods of the Promotion were lost.
    @OmitEmpty public var losses: Int64

    /// Makes a record.
    public init(uid: String = "", losses: Int64 = 0) {
        self.uid = uid
        self.losses = losses
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
