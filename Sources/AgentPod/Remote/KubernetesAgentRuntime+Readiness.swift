import ExecutorRPC
import KargoCore
import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension KubernetesAgentRuntime {
    /// How an agent's start has gone.
    enum Readiness {
        case ready(bootID: String)
        case lost(reason: String)
    }

    /// How long an agent may take.
    struct Patience {
        var limit: Duration
        /// When the waiting began.
        var began: Date

        /// The time that is left; an agent that runs already, and has been asked before, is given all of it anew.
        func left(of pod: Pod, isRunning: Bool, now: Date) -> Duration {
            let creation = pod.metadata.creationTimestamp?.date ?? began
            return limit - .seconds(now.timeIntervalSince(isRunning ? max(creation, began) : creation))
        }
    }

    /// How often an agent that runs may be out of reach before somebody hears of it.
    private static var quietFailures: Int { 3 }

    /// Waits until the agent of a Pod answers, or something says that it never will.
    func waitUntilRunning(
        _ first: Pod,
        _ key: ObjectKey,
        _ patience: Patience,
        _ hooks: AgentHooks
    ) async throws -> Readiness {
        try await waitUntilObserved(first, key)
        var pod = observer.pod(key)
        var lastNote = ""
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
                    // It takes a moment to listen.
                    message = failures < Self.quietFailures ? lastNote : failure.description
                    pause = backoff.duration(afterFailures: failures)
                    failures += 1
                }
            }
            let left = patience.left(of: first, isRunning: isRunning, now: now())
            if counts, left <= .zero {
                throw AgentStartFailure("the agent did not start in time: \(message)")
            }
            if message != lastNote {
                await hooks.note(message)
                lastNote = message
            }
            let longest = counts ? left : .seconds(3600)
            await wait(for: key, from: current.metadata.resourceVersion, atMost: min(pause ?? longest, longest))
            pod = observer.pod(key)
            // A Pod that has told nothing all the time has its reasons elsewhere.
            if pod?.metadata.resourceVersion == current.metadata.resourceVersion, !isRunning {
                warning = await PodEvents(api: api).warning(about: current)
            }
        }
    }

    /// Waits until the watch, which is behind the server, has told of a Pod; not if the Pod is gone already.
    private func waitUntilObserved(_ pod: Pod, _ key: ObjectKey) async throws {
        while true {
            let seen = observer.pod(key)
            if seen?.metadata.uid == pod.metadata.uid { return }
            guard try await read(key)?.metadata.uid == pod.metadata.uid else { return }
            try Task.checkCancellation()
            await observer.waitForChange(of: key, from: seen?.metadata.resourceVersion)
        }
    }

    private func wait(for key: ObjectKey, from version: String, atMost limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await observer.waitForChange(of: key, from: version) }
            // Cancelled as soon as the Pod has changed.
            group.addTask { [clock] in try? await clock.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
