public import KargoCore

/// What a plugin is asked: the body of `POST /api/v1/step.execute`.
///
/// Names and omissions are those of kargo-extended, so that a plugin written for it runs here unchanged: a field that
/// is empty is left out, except `freight`, `targetFreightRef` and the step's `kind`.
public struct StepExecuteRequest: Sendable, Hashable, Codable {
    /// The path of the method.
    public static let path = "/api/v1/step.execute"

    /// What the step is about.
    public var context: Context
    /// The step.
    public var step: Step

    /// Makes the request for a step.
    public init(_ step: StepContext) {
        context = Context(step)
        self.step = Step(
            kind: step.kind,
            alias: step.alias,
            config: step.config.objectValue ?? [:]
        )
    }

    /// The step.
    public struct Step: Sendable, Hashable, Codable {
        /// What it names in `uses`.
        public var kind: String
        /// Its alias.
        @OmitEmpty public var alias: String
        /// Its configuration, evaluated.
        @OmitEmpty public var config: [String: JSONValue]
    }

    /// What a step is about.
    public struct Context: Sendable, Hashable, Codable {
        /// Where users see Kargo.
        @OmitEmpty public var uiBaseURL: String
        /// The directory that all steps share.
        @OmitEmpty public var workDir: String
        /// Outputs of earlier steps by alias.
        @OmitEmpty public var sharedState: [String: JSONValue]
        /// The step's alias.
        @OmitEmpty public var alias: String
        /// The step's configuration, evaluated.
        @OmitEmpty public var config: [String: JSONValue]
        /// The Project.
        @OmitEmpty public var project: String
        /// The Stage.
        @OmitEmpty public var stage: String
        /// The Promotion's name.
        @OmitEmpty public var promotion: String
        /// The Promotion's UID.
        @OmitEmpty public var promotionUID: String
        /// Who created the Promotion.
        @OmitEmpty public var promotionActor: String
        /// What the Stage takes.
        @OmitEmpty public var freightRequests: [FreightRequest]
        /// All Freight that the Stage has after the Promotion.
        public var freight: FreightCollection
        /// The Freight that the Promotion brings.
        public var targetFreightRef: FreightReference

        init(_ step: StepContext) {
            uiBaseURL = step.promotion.uiBaseURL
            workDir = step.workDir
            sharedState = step.sharedState
            alias = step.alias
            config = step.config.objectValue ?? [:]
            project = step.promotion.project
            stage = step.promotion.stage
            promotion = step.promotion.promotion
            promotionUID = step.promotion.promotionUID
            promotionActor = step.promotion.actor
            freightRequests = step.promotion.freightRequests
            freight = step.promotion.freight
            targetFreightRef = step.promotion.targetFreight
        }
    }
}
