import KargoCore

/// How an Application bears on the health of a Stage.
struct ApplicationHealth: Hashable, Sendable {
    let state: StageHealth.State
    /// What is wrong with it, each a sentence without its subject.
    let issues: [String]
    /// Whether Argo CD has to assess it anew before anything can be said.
    var needsRefresh = false

    private init(_ state: StageHealth.State, _ issues: [String] = [], needsRefresh: Bool = false) {
        self.state = state
        self.issues = issues
        self.needsRefresh = needsRefresh
    }

    /// Looks at an Application.
    ///
    /// - Parameters:
    ///   - application: The Application.
    ///   - desiredRevisions: Where each of its sources should be; empty where that does not matter.
    init(_ application: ArgoCDApplication, desiredRevisions: [String]) {
        guard !application.hasStaleHealth else {
            self.init(.unknown, ["was not assessed since its last operation ended"], needsRefresh: true)
            return
        }
        let errors = application.errors
        guard errors.isEmpty else {
            self.init(.unhealthy, errors.map { "has the condition \($0.type): \($0.message)" })
            return
        }
        if desiredRevisions.contains(where: { !$0.isEmpty }),
            let mismatch = Self.mismatch(application, desiredRevisions)
        {
            self = mismatch
            return
        }
        switch application.status.health.status {
        case "Healthy": self.init(.healthy)
        case "Progressing", "": self.init(.progressing, ["is progressing"])
        case "Suspended": self.init(.progressing, ["is suspended"])
        case let status: self.init(.unhealthy, ["is \(status)"])
        }
    }

    /// What keeps the sources from being where they should be; nil if they are.
    private static func mismatch(_ application: ArgoCDApplication, _ desired: [String]) -> ApplicationHealth? {
        let operation = application.status.operationState
        guard application.operation?["sync"] == nil, let operation, operation.finishedAt != nil else {
            return ApplicationHealth(.unknown, ["is being synced"])
        }
        let sources = application.sources
        guard sources.count == desired.count else {
            return ApplicationHealth(
                .unknown,
                ["has \(sources.count) sources, but revisions of \(desired.count) are known"]
            )
        }
        guard let observed = operation.syncResult?.observedRevisions else {
            return ApplicationHealth(.unknown, ["has no result of its last operation"])
        }
        guard observed.count == desired.count else {
            return ApplicationHealth(
                .unknown,
                ["was synced to \(observed.count) revisions, but \(desired.count) are wanted"]
            )
        }
        let wrong = desired.indices.filter { !desired[$0].isEmpty && observed[$0] != desired[$0] }
        guard !wrong.isEmpty else { return nil }
        let sentences = wrong.map { index in
            "source \(index) (\(sources[index].repoURL)) is at \"\(observed[index])\" instead of \"\(desired[index])\""
        }
        return ApplicationHealth(.unhealthy, ["is not where it should be: \(sentences.joined(separator: "; "))"])
    }
}
