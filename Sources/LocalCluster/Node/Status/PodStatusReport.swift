import KargoCore

/// Makes the status of a Pod of what is known of it, by the rules of the kubelet.
struct PodStatusReport {
    /// The Pod, with the status that it has so far.
    var pod: Pod
    /// The node.
    var node: NodeFacts
    /// The Pod's address, once it has one.
    var address: String?
    /// What has become of the containers, once there were any.
    var state: ShimState?
    /// Why the Pod can't be started.
    var blocker: PodBlocker?
    /// Whether a shim runs the Pod.
    var isUp: Bool
    /// Whether nothing will run any more.
    var isFinal: Bool
    /// The time of day.
    var now: KubernetesTime
    /// The digests of the images that containers run, by their names.
    var images: [String: String] = [:]

    /// The status.
    func status() -> PodStatus {
        var status = pod.status
        status.observedGeneration = pod.metadata.generation
        status.phase = phase
        if isFinal, state?.hasExceededDeadline == true {
            status.reason = EventReason.deadlineExceeded
            status.message = "Pod was active on the node longer than the specified deadline"
        }
        status.hostIP = node.address
        status.hostIPs = [HostIP(node.address)]
        if let address {
            status.podIP = address
            status.podIPs = [PodIP(address)]
        }
        status.startTime = status.startTime ?? now
        status.initContainerStatuses = pod.spec.initContainers.map { containerStatus($0, isInit: true) }
        status.containerStatuses = pod.spec.containers.map { containerStatus($0, isInit: false) }
        status.conditions = conditions(status)
        return status
    }

    private var records: [ContainerRecord] { state?.containers ?? [] }

    private var phase: String {
        if isFinal { return state?.hasSucceeded == true ? PodPhase.succeeded : PodPhase.failed }
        let mains = records.filter { $0.kind == .main }
        return !mains.isEmpty && mains.allSatisfy(\.hasRun) ? PodPhase.running : PodPhase.pending
    }

    // MARK: Containers

    private func containerStatus(_ container: Container, isInit: Bool) -> ContainerStatus {
        var status = ContainerStatus()
        status.name = container.name
        status.image = container.image
        status.imageID = images[container.name] ?? ""
        status.started = false
        let record = records.first { $0.name == container.name }
        if let record {
            status.restartCount = record.restartCount
            status.lastState.terminated = record.lastTermination.map(ContainerStateTerminated.init)
            switch record.state {
            case .waiting(let reason, let message):
                status.state.waiting = ContainerStateWaiting(reason: reason, message: message)
                status.containerID = record.lastTermination?.process?.containerID ?? ""
            case .running(let run):
                var running = ContainerStateRunning()
                running.startedAt = KubernetesTime(run.startedAt.date)
                status.state.running = running
                status.containerID = run.process.containerID
                status.ready = record.kind != .initialization && record.isReady
                status.started = record.isStarted
            case .terminated(let termination):
                status.state.terminated = ContainerStateTerminated(termination)
                status.containerID = termination.process?.containerID ?? ""
                status.ready = record.kind == .initialization && termination.exitCode == 0
            }
        } else {
            status.state.waiting = ContainerStateWaiting(reason: defaultReason, message: "")
        }
        if let blocker, !isUp, record?.isFinished != true {
            status.state = ContainerState()
            if case .terminated(let termination) = record?.state {
                status.lastState.terminated = ContainerStateTerminated(termination)
            }
            let isMeant = blocker.container.map { $0 == container.name } ?? true
            status.state.waiting =
                isMeant
                ? ContainerStateWaiting(reason: blocker.reason, message: blocker.message)
                : ContainerStateWaiting(reason: defaultReason, message: "")
            status.ready = false
        }
        return status
    }

    private var defaultReason: String {
        pod.spec.initContainers.isEmpty ? ContainerReason.containerCreating : ContainerReason.podInitializing
    }

    // MARK: Conditions

    private func conditions(_ status: PodStatus) -> [PodCondition] {
        let serving = status.containerStatuses + status.initContainerStatuses.filter { isSidecar($0.name) }
        let unready = serving.filter { !$0.ready }.map(\.name)
        let isInitialized = state?.isInitialized == true
        let incomplete = status.initContainerStatuses.filter { status in
            isSidecar(status.name) ? status.started != true : !status.ready
        }
        let ready: Finding =
            if isFinal {
                .unmet(phase == PodPhase.succeeded ? "PodCompleted" : "PodFailed")
            } else if !isUp || !unready.isEmpty {
                .unmet("ContainersNotReady", "containers with unready status: [\(unready.joined(separator: " "))]")
            } else {
                .met()
            }
        let initialized: Finding =
            if isInitialized || pod.spec.initContainers.isEmpty {
                .met(phase == PodPhase.succeeded ? "PodCompleted" : "")
            } else {
                .unmet(
                    "ContainersNotInitialized",
                    "containers with incomplete status: [\(incomplete.map(\.name).joined(separator: " "))]"
                )
            }
        var scheduled = Finding.met()
        if let blocker, blocker.reason == PodBlocker.waitingForPort, !isUp {
            scheduled = .unmet(blocker.reason, blocker.message)
        }
        let own = [
            condition("PodReadyToStartContainers", isUp ? .met() : .unmet()), condition("Initialized", initialized),
            condition("Ready", ready), condition("ContainersReady", ready), condition("PodScheduled", scheduled),
        ]
        let types = Set(own.map(\.type))
        return pod.status.conditions.filter { !types.contains($0.type) } + own
    }

    private func isSidecar(_ name: String) -> Bool {
        pod.spec.initContainers.contains { $0.name == name && $0.restartPolicy == RestartPolicy.always }
    }

    /// Whether a condition is met, and why not.
    private struct Finding {
        var isMet: Bool
        var reason: String
        var message: String

        static func met(_ reason: String = "") -> Finding { Finding(isMet: true, reason: reason, message: "") }

        static func unmet(_ reason: String = "", _ message: String = "") -> Finding {
            Finding(isMet: false, reason: reason, message: message)
        }
    }

    private func condition(_ type: String, _ finding: Finding) -> PodCondition {
        var condition = PodCondition()
        condition.type = type
        condition.status = finding.isMet ? "True" : "False"
        condition.reason = finding.reason
        condition.message = finding.message
        condition.observedGeneration = pod.metadata.generation
        let before = pod.status.conditions.first { $0.type == type }
        condition.lastTransitionTime = before?.status == condition.status ? before?.lastTransitionTime ?? now : now
        return condition
    }
}

extension ContainerRecord {
    /// Whether the container has been started at least once.
    fileprivate var hasRun: Bool {
        if case .waiting = state { lastTermination != nil } else { true }
    }

    /// Whether the container has ended and will not run again.
    fileprivate var isFinished: Bool {
        if case .terminated = state { isDone } else { false }
    }
}

extension ProcessIdentity {
    /// What stands for the identity of a container, which here is its first process.
    fileprivate var containerID: String { "process://\(pid)-\(startTime)" }
}

extension ContainerStateWaiting {
    fileprivate init(reason: String, message: String) {
        self.init()
        self.reason = reason
        self.message = message
    }
}

extension ContainerStateTerminated {
    fileprivate init(_ termination: Termination) {
        self.init()
        exitCode = termination.exitCode
        signal = termination.signal ?? 0
        reason = termination.reason
        message = termination.message
        startedAt = KubernetesTime(termination.startedAt.date)
        finishedAt = KubernetesTime(termination.finishedAt.date)
        containerID = termination.process?.containerID ?? ""
    }
}

extension HostIP {
    fileprivate init(_ ip: String) {
        self.init()
        self.ip = ip
    }
}

extension PodIP {
    fileprivate init(_ ip: String) {
        self.init()
        self.ip = ip
    }
}
