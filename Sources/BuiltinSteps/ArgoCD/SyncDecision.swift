import KargoCore

/// What is to be done about an Application, given its last operation.
enum SyncDecision: Hashable, Sendable {
    /// Start an operation.
    case update
    /// Wait for an operation of this phase.
    case wait(phase: String, reason: String)
    /// The operation that was wanted is over.
    case over(phase: String)

    /// The name under which an operation knows its Promotion.
    static let promotionInfo = "kargo.akuity.io/promotion"

    init(_ state: ArgoCDApplication.OperationState?, desiredRevisions: [String], promotion: String) {
        guard let state else {
            self = .update
            return
        }
        let isOver = ["Succeeded", "Failed", "Error"].contains(state.phase)
        let owner = state.operation.info.first { $0["name"]?.stringValue == Self.promotionInfo }?["value"]?.stringValue
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
}
