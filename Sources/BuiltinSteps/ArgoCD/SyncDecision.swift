import KargoCore

/// What is to be done about an Application, given its operations.
enum SyncDecision: Hashable, Sendable {
    /// Start an operation.
    case update
    /// Wait for an operation of this phase.
    case wait(phase: String, reason: String)
    /// The operation that was wanted is over.
    case over(phase: String)

    /// The name under which an operation knows its Promotion.
    static let promotionInfo = "kargo.akuity.io/promotion"

    /// Looks at an Application.
    ///
    /// - Parameters:
    ///   - application: The Application.
    ///   - desiredRevisions: Where each of its sources should be; empty where that does not matter.
    ///   - promotion: The Promotion that wants it there.
    init(_ application: ArgoCDApplication, desiredRevisions: [String], promotion: String) {
        if let requested = application.operation {
            // Argo CD takes it up soon; until then its state is that of the operation before.
            let isOwn = Self.owner(requested["info"]?.arrayValue ?? []) == promotion
            self = .wait(
                phase: "Running",
                reason: isOwn ? "it was told to sync" : "another operation is about to begin"
            )
            return
        }
        guard let state = application.status.operationState else {
            self = .update
            return
        }
        let isOver = ["Succeeded", "Failed", "Error"].contains(state.phase)
        let owner = Self.owner(state.operation.info)
        guard owner == promotion else {
            let reason =
                owner.map { "an operation for Promotion \"\($0)\" is under way" }
                ?? "an operation that \"\(state.operation.initiatedBy.username)\" initiated is under way"
            self = isOver ? .update : .wait(phase: state.phase, reason: reason)
            return
        }
        guard isOver else {
            self = .wait(phase: state.phase, reason: state.message.isEmpty ? "it is being synced" : state.message)
            return
        }
        guard let result = state.syncResult else {
            self = .update
            return
        }
        let isOff = zip(desiredRevisions, result.observedRevisions).contains { !$0.isEmpty && $0 != $1 }
        self = isOff ? .update : .over(phase: state.phase)
    }

    /// The Promotion that an operation is for; nil if it is for none.
    private static func owner(_ info: [JSONValue]) -> String? {
        info.first { $0["name"]?.stringValue == promotionInfo }?["value"]?.stringValue
    }
}
