/// How commits of others get into what is pushed.
enum PushIntegrationPolicy: String, Sendable, Hashable, CaseIterable {
    /// Not at all.
    case none = "None"
    /// The own commits are put on top of theirs.
    case alwaysRebase = "AlwaysRebase"
    /// A merge.
    case alwaysMerge = "AlwaysMerge"
    /// A rebase if no signature is lost or added by it, else a merge.
    case rebaseOrMerge = "RebaseOrMerge"
    /// A rebase if no signature is lost or added by it.
    case rebaseOrFail = "RebaseOrFail"

    /// What to do with certain commits.
    enum Action: Sendable, Hashable {
        case nothing
        case rebase
        case merge
        case fail
    }

    /// What to do.
    ///
    /// - Parameter isRebaseSafe: Whether no signature is lost or added by a rebase.
    /// - Returns: What to do.
    func action(isRebaseSafe: Bool) -> Action {
        switch self {
        case .none: .nothing
        case .alwaysRebase: .rebase
        case .alwaysMerge: .merge
        case .rebaseOrMerge: isRebaseSafe ? .rebase : .merge
        case .rebaseOrFail: isRebaseSafe ? .rebase : .fail
        }
    }

    /// Whether a rebase depends on the commits.
    var asksForSafety: Bool { self == .rebaseOrMerge || self == .rebaseOrFail }

    /// Whether commits may be made anew, signed or not as the clone does it, without a signature lost or added.
    static func isRebaseSafe(_ commits: [GitCommit.Trust], signing: Bool) -> Bool {
        commits.allSatisfy { trust in
            switch trust {
            case .trusted: signing
            case .untrusted: false
            case .unsigned: !signing
            }
        }
    }
}
