import ExecutorRPC
import KargoCore
import KubernetesClient

extension KubernetesAgentRuntime {
    /// How an agent's start has gone.
    enum Readiness {
        case ready(bootID: String)
        case lost(reason: String)
    }

    /// How often an agent that runs may be out of reach before somebody hears of it.
    private static var quietFailures: Int { 3 }

    /// Waits until the agent of a Pod answers, or something says that it never will.
    func waitUntilRunning(_ first: Pod, _ key: ObjectKey, _ wait: inout AgentWait) async throws -> Readiness {
        try await waitUntilObserved(first, key, &wait)
        var pod = observer.pod(key)
        var failures = 0
        var warning: String?
        while true {
            try Task.checkCancellation()
            guard let current = pod, current.metadata.uid == first.metadata.uid else {
                return .lost(reason: "the agent Pod is gone")
            }
            var message = ""
            var counts = true
            var isRunning = false
            var isQuiet = false
            var pause: Duration?
            switch PodDiagnosis(current) {
            case .lost(let reason): return .lost(reason: reason)
            case .hopeless(let reason): throw AgentStartFailure("the agent Pod can't start: \(reason)")
            case .starting(nil, _):
                message = warning ?? "the agent Pod is starting"
                pause = warning == nil ? PodEvents.patience : PodEvents.interval
            case .starting(let text?, let countsAgainstDeadline): (message, counts) = (text, countsAgainstDeadline)
            case .running:
                isRunning = true
                do {
                    return .ready(bootID: try await agent(key, uid: first.metadata.uid).list().bootID)
                } catch let failure as AgentFailure {
                    message = failure.description
                    // It takes a moment to listen.
                    isQuiet = failures < Self.quietFailures
                    pause = backoff.duration(afterFailures: failures)
                    failures += 1
                }
            }
            if counts { try wait.check(message) }
            if !isQuiet { await wait.tell(message) }
            let version = current.metadata.resourceVersion
            if counts {
                await hasChanged(key, from: version, within: min(pause ?? wait.left, wait.left))
            } else {
                await wait.excusing { await hasChanged(key, from: version, within: .seconds(3600)) }
            }
            pod = observer.pod(key)
            // A Pod that has told nothing all the time has its reasons elsewhere.
            if pod?.metadata.resourceVersion == version, !isRunning {
                warning = await PodEvents(api: api).warning(about: current)
            }
        }
    }
}
