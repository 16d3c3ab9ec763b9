import KargoCore

/// What one execution has asked and been told, as a value that decides and does nothing.
struct CapabilityLedger {
    private var requests: [CapabilityRequest] = []
    private var replies: [String: CapabilityReply] = [:]
    private var count = 0
    private var isClosed = false

    /// What nobody has answered yet, in the order of asking.
    var pending: [CapabilityRequest] { requests.filter { replies[$0.id] == nil } }

    /// Whether whoever asked need not wait any longer.
    func isSettled(_ id: String) -> Bool { isClosed || replies[id] != nil }

    /// Asks.
    ///
    /// - Throws: `MissingCapability` if the execution asks too much or is over.
    mutating func ask(_ request: CapabilityRequest) throws(MissingCapability) {
        guard !isClosed else { throw MissingCapability(refusal: "the step is over and gets no more answers") }
        guard count < AgentProtocol.mostQuestions else {
            throw MissingCapability(
                refusal: "the step asks the controller for more than \(AgentProtocol.mostQuestions) things; split it"
            )
        }
        guard request.question.size <= AgentProtocol.longestQuestion else {
            throw MissingCapability(
                refusal: "an address or name has more than \(AgentProtocol.longestQuestion) bytes; shorten it"
            )
        }
        count += 1
        requests.append(request)
    }

    /// Keeps an answer, unless nobody waits for it.
    ///
    /// - Returns: Whether somebody does.
    mutating func answer(_ answer: CapabilityAnswer) -> Bool {
        guard pending.contains(where: { $0.id == answer.id }) else { return false }
        replies[answer.id] = answer.reply
        return true
    }

    /// Takes an answer out, and forgets it.
    mutating func take(_ id: String) -> CapabilityReply? {
        guard let reply = replies.removeValue(forKey: id) else { return nil }
        withdraw(id)
        return reply
    }

    /// Forgets a question that nobody waits with any longer.
    mutating func withdraw(_ id: String) {
        requests.removeAll { $0.id == id }
        replies[id] = nil
    }

    /// Forgets everything; nothing can be asked after that.
    mutating func close() {
        self = CapabilityLedger()
        isClosed = true
    }
}

extension CapabilityQuestion {
    /// The bytes of what the step chose.
    fileprivate var size: Int {
        switch self {
        case .credentials(_, let url): url.utf8.count
        case .gitUser: 0
        case .warehouse(let name): name.utf8.count
        }
    }
}
