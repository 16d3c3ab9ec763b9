public import KargoCore
import StepPluginRegistry

/// How an agent Pod stands, seen from its status.
public enum PodDiagnosis: Sendable, Hashable {
    /// The agent's container runs; this is the Pod's address.
    case running(address: String)
    /// It may still become ready; the sentence says what it waits for, nil that it does not tell.
    case starting(message: String?, countsAgainstDeadline: Bool)
    /// It will never become ready.
    case hopeless(message: String)
    /// Its work directory is gone, or about to be.
    case lost(reason: String)

    /// Looks at a Pod.
    public init(_ pod: Pod) {
        if pod.metadata.deletionTimestamp != nil {
            self = .lost(reason: Self.disruption(of: pod) ?? "the Pod is being deleted")
            return
        }
        switch pod.status.phase {
        case PodPhase.failed:
            let reason = Self.sentence(pod.status.reason, pod.status.message, else: "the Pod failed")
            self = .lost(reason: pod.status.reason.isEmpty ? Self.disruption(of: pod) ?? reason : reason)
            return
        case PodPhase.succeeded:
            self = .lost(reason: "the Pod ended without being asked to")
            return
        default: break
        }
        if let problem = Self.hopelessProblem(of: pod) {
            self = .hopeless(message: problem)
            return
        }
        let agent = pod.status.containerStatuses.first { $0.name == AgentPodTemplate.agentContainer }
        if agent?.state.running != nil, !pod.status.podIP.isEmpty {
            self = .running(address: pod.status.podIP)
            return
        }
        self = Self.progress(of: pod)
    }

    /// What no waiting helps against.
    private static func hopelessProblem(of pod: Pod) -> String? {
        for status in pod.status.initContainerStatuses + pod.status.containerStatuses {
            guard let waiting = status.state.waiting else { continue }
            let title = "container \(status.name)"
            switch waiting.reason {
            case "InvalidImageName", "ErrImageNeverPull":
                return "\(title): \(sentence(waiting.reason, waiting.message, else: waiting.reason))"
            case "CreateContainerConfigError"
            where waiting.message.contains("image will run as root") || waiting.message.contains("non-numeric user"):
                return "\(title): \(waiting.message); set securityContext.runAsUser to a number other than 0"
            default: continue
            }
        }
        return nil
    }

    private static func progress(of pod: Pod) -> PodDiagnosis {
        let scheduled = pod.status.conditions.first { $0.type == "PodScheduled" && $0.status == "False" }
        for status in pod.status.initContainerStatuses + pod.status.containerStatuses {
            let title = "container \(status.name)"
            // How it ends again and again says more than that it does.
            let isCrashLoop =
                status.state.waiting?.reason == "CrashLoopBackOff" && status.lastState.terminated != nil
            if let waiting = status.state.waiting, !isCrashLoop,
                !["", "PodInitializing", "ContainerCreating"].contains(waiting.reason)
            {
                // A local cluster's own word for a port that another Pod has; a step can't help that.
                let isQueue = waiting.reason == "WaitingForPort"
                return .starting(
                    message: "\(title): \(sentence(waiting.reason, waiting.message, else: waiting.reason))",
                    countsAgainstDeadline: !isQueue
                )
            }
            let ended = status.state.terminated ?? (status.restartCount > 0 ? status.lastState.terminated : nil)
            if let ended, ended.exitCode != 0 || isCrashLoop {
                let count = status.restartCount
                let restarts = count > 1 ? "; it was restarted \(count) times" : ""
                return .starting(message: "\(title) \(ended.sentence)\(restarts)", countsAgainstDeadline: true)
            }
        }
        if let scheduled {
            return .starting(
                message: sentence(scheduled.reason, scheduled.message, else: "the Pod is not scheduled"),
                countsAgainstDeadline: scheduled.reason != "WaitingForPort"
            )
        }
        return .starting(message: nil, countsAgainstDeadline: true)
    }

    private static func disruption(of pod: Pod) -> String? {
        pod.status.conditions.first { $0.type == "DisruptionTarget" && $0.status == "True" }
            .map { sentence($0.reason, $0.message, else: "the Pod was evicted") }
    }

    private static func sentence(_ reason: String, _ message: String, else fallback: String) -> String {
        switch (reason.isEmpty, message.isEmpty) {
        case (true, true): fallback
        case (false, true): reason
        case (true, false): message
        case (false, false): "\(reason): \(message)"
        }
    }
}

extension ContainerStateTerminated {
    /// How a container ended, as it goes on the sentence "container x …".
    var sentence: String {
        let excerpt = message.split(whereSeparator: \.isNewline).last.map { ": \($0)" } ?? ""
        return "stopped (\(reason.isEmpty ? "Error" : reason), exit code \(exitCode))\(excerpt)"
    }
}
