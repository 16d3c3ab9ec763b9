public import KargoCore
public import Logging

/// Answers what steps in agents ask the controller.
///
/// ## Guarantees
/// A step is told nothing that ``StepAccess`` doesn't grant it by its evaluated configuration, and where a grant is for
/// a repository, the address that is looked up is the grant's and not the agent's. What is refused is logged.
public struct CapabilityBroker: Sendable {
    let capabilities: StepCapabilities
    let access: @Sendable (String) -> StepAccess
    let logger: Logger

    /// Makes a broker.
    ///
    /// - Parameters:
    ///   - capabilities: What there is to ask for. Credentials for all Projects are not handed to agents by a database
    ///     that doesn't know any.
    ///   - access: What steps of a kind may ask for; see ``StepRegistry/access(_:)``.
    ///   - logger: Hears what is handed out and what is refused.
    public init(
        capabilities: StepCapabilities,
        access: @escaping @Sendable (String) -> StepAccess,
        logger: Logger
    ) {
        self.capabilities = capabilities
        self.access = access
        self.logger = logger
    }

    /// The broker of one Promotion.
    ///
    /// - Parameters:
    ///   - redactor: Learns the secrets that are handed out.
    ///   - earlier: What steps of a kind were told that have succeeded before the step of an index; see
    ///     ``StepEvaluator/earlierSteps(ofKind:before:of:_:data:redactor:)``.
    /// - Returns: The broker.
    public func forPromotion(
        redactor: SecretRedactor,
        earlier: @escaping @Sendable (_ kind: String, _ index: Int) async throws -> [StepContext]
    ) -> PromotionBroker {
        PromotionBroker(broker: self, redactor: redactor, earlier: earlier)
    }
}
