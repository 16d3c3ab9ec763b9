import ExecutorRPC
import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

/// What a node tells of a Pod, and what becomes of the Promotion.
@Suite("Kubelet and Promotion", .timeLimit(.minutes(2)))
struct KubeletTests {
    private static func waiting(_ reason: String, _ message: String) -> String {
        """
        phase: Pending
        initContainerStatuses:
        - name: probe-step-plugin
          image: x
          imageID: ''
          ready: false
          restartCount: 0
          state: {waiting: {reason: \(reason), message: '\(message)'}}
        """
    }

    private static func stopping(_ reason: String, _ exitCode: Int, restarts: Int, state: String) -> String {
        """
        phase: Pending
        initContainerStatuses:
        - name: probe-step-plugin
          image: x
          imageID: ''
          ready: false
          restartCount: \(restarts)
          state: {\(state)}
          lastState: {terminated: {reason: \(reason), exitCode: \(exitCode), message: 'KeyError: path'}}
        """
    }

    /// What the kubelet or the scheduler says while a Pod may still start, and what the Promotion says then.
    private static let delays: [(status: String, message: String)] = [
        (
            """
            phase: Pending
            conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: 0/3 nodes}]
            """, "Unschedulable: 0/3 nodes"
        ),
        (waiting("ErrImagePull", "not found"), "container probe-step-plugin: ErrImagePull: not found"),
        (waiting("ImagePullBackOff", "Back-off"), "container probe-step-plugin: ImagePullBackOff: Back-off"),
        (
            waiting("CreateContainerConfigError", "secret \"x\" not found"),
            "container probe-step-plugin: CreateContainerConfigError: secret \"x\" not found"
        ),
        (waiting("RunContainerError", "no such file"), "container probe-step-plugin: RunContainerError: no such file"),
        (
            stopping("Error", 1, restarts: 4, state: "waiting: {reason: CrashLoopBackOff, message: back-off 1m}"),
            "container probe-step-plugin stopped (Error, exit code 1): KeyError: path; it was restarted 4 times"
        ),
        (
            stopping("OOMKilled", 137, restarts: 3, state: "running: {}"),
            "container probe-step-plugin stopped (OOMKilled, exit code 137): KeyError: path; it was restarted 3 times"
        ),
    ]

    @Test func `a Promotion says what its Pod waits for, and goes on when it runs`() async throws {
        try await KubeletLab.with { lab in
            let (promotion, pod) = try await lab.promote()
            for (status, message) in Self.delays {
                try await lab.report(pod, "{conditions: null, initContainerStatuses: null}")
                try await lab.report(pod, status)
                try await lab.wait { $0 == message }
            }
            try await lab.report(pod, "{conditions: null}")
            try await lab.report(pod, try KubeletLab.running())
            lab.agent.finish(try await lab.agent.waitForStarts(1), .succeeded())
            #expect(try await lab.end(of: promotion).status.phase == .succeeded)
            #expect(lab.agent.starts == ["start 0.0.1"])
            try await lab.removeWhenAsked(pod)
        }
    }

    @Test(
        arguments: [
            ("InvalidImageName", "bad name", "InvalidImageName: bad name"),
            ("ErrImageNeverPull", "not present", "ErrImageNeverPull: not present"),
            (
                "CreateContainerConfigError", "container has runAsNonRoot and image will run as root",
                "container has runAsNonRoot and image will run as root; set securityContext.runAsUser to a number "
                    + "other than 0"
            ),
        ]
    )
    func `a Promotion ends at once where no waiting helps`(reason: String, message: String, told: String) async throws {
        try await KubeletLab.with { lab in
            let (promotion, pod) = try await lab.promote()
            try await lab.report(pod, Self.waiting(reason, message))
            let status = try await lab.end(of: promotion).status
            #expect(status.phase == .errored)
            #expect(status.message == "the agent Pod can't start: container probe-step-plugin: \(told)")
            try await lab.removeWhenAsked(pod)
        }
    }

    @Test(arguments: ["FailedMount", "FailedCreatePodSandBox", "FailedToRetrieveImagePullSecret"])
    func `a Promotion says what only the Events of a silent Pod tell`(reason: String) async throws {
        try await KubeletLab.with { lab in
            let (promotion, pod) = try await lab.promote()
            try await lab.wait { $0 == "the agent Pod is starting" }
            let event = """
                apiVersion: v1
                kind: Event
                metadata: {name: told, namespace: demo}
                involvedObject: {kind: Pod, namespace: demo, name: \(pod.metadata.name), uid: \(pod.metadata.uid)}
                type: Warning
                reason: \(reason)
                message: something is missing
                lastTimestamp: '2026-01-02T03:04:05Z'
                """
            try await Lab.add(lab.api, .events, event)
            await lab.clock.waitForSleepers()
            lab.clock.advance(by: .seconds(10))
            try await lab.wait { $0 == "\(reason): something is missing" }
            try await lab.report(pod, try KubeletLab.running())
            lab.agent.finish(try await lab.agent.waitForStarts(1), .succeeded())
            #expect(try await lab.end(of: promotion).status.phase == .succeeded)
        }
    }

    /// How a Pod is lost, and how that is told.
    struct Loss: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var told: String
        /// What the kubelet or somebody else does.
        var happen: @Sendable (KubeletLab, Pod) async throws -> Void

        static let all = [
            Loss(testDescription: "evicted by the kubelet", told: "Evicted: the node was low on memory") { lab, pod in
                try await lab.report(pod, "{phase: Failed, reason: Evicted, message: the node was low on memory}")
            },
            Loss(testDescription: "its node is lost", told: "NodeLost: node went away") { lab, pod in
                try await lab.report(pod, "{phase: Failed, reason: NodeLost, message: node went away}")
            },
            Loss(testDescription: "preempted", told: "PreemptionByScheduler: a more important Pod") { lab, pod in
                let condition = "{type: DisruptionTarget, status: 'True', reason: PreemptionByScheduler"
                try await lab.report(pod, "{conditions: [\(condition), message: a more important Pod}]}")
                try await lab.api.delete(.pods, namespace: pod.metadata.namespace, name: pod.metadata.name)
                lab.agent.vanish()
            },
            Loss(testDescription: "ended without being asked", told: "the Pod ended without being asked to") {
                try await $0.report($1, "{phase: Succeeded}")
            },
            Loss(testDescription: "taken away", told: "the agent Pod is gone") { lab, pod in
                try await lab.remove(pod)
            },
        ]
    }

    @Test(arguments: Loss.all)
    func `a Promotion begins anew in a new Pod when its Pod is lost`(loss: Loss) async throws {
        try await KubeletLab.with { lab in
            let steps = ["{uses: probe, as: first}", "{uses: probe, as: second}"]
            let (promotion, pod) = try await lab.promote(steps: steps)
            try await lab.report(pod, try KubeletLab.running())
            lab.agent.finish(try await lab.agent.waitForStarts(1), .succeeded())
            try await lab.agent.waitForStarts(2)
            let began = try await lab.promotions.wait(for: promotion) {
                $0.status.stepExecutionMetadata.last?.startedAt != nil && $0.status.currentStep == 1
            }
            try await loss.happen(lab, pod)
            let told = try await lab.wait { $0.hasPrefix("restarted") }
            #expect(told == "restarted from the first step (1 of 2): \(loss.told)")
            try await lab.removeWhenAsked(pod)
            let next = try await lab.newPod(besides: pod.metadata.uid)
            let restarted = try await lab.promotions.wait(for: promotion) { $0.status.currentStep == 0 }
            #expect(
                restarted.status.stepExecutionMetadata.map(\.startedAt)
                    == [nil, began.status.stepExecutionMetadata.last?.startedAt]
            )
            #expect(restarted.metadata.annotations[KargoAPI.Annotation.agentPod]?.contains("\"losses\":1") == true)
            lab.agent.restart()
            try await lab.report(next, try KubeletLab.running())
            for count in 3...4 { lab.agent.finish(try await lab.agent.waitForStarts(count), .succeeded()) }
            #expect(try await lab.end(of: promotion).status.phase == .succeeded)
            try await lab.removeWhenAsked(next)
        }
    }

    @Test func `a Promotion whose Pods are lost again and again ends`() async throws {
        try await KubeletLab.with { lab in
            var (promotion, pod) = try await lab.promote()
            for _ in 0..<2 {
                try await lab.report(pod, try KubeletLab.running())
                try await lab.report(pod, "{phase: Failed, reason: Evicted, message: low on memory}")
                let last = pod.metadata.uid
                try await lab.removeWhenAsked(pod)
                pod = try await lab.newPod(besides: last)
            }
            try await lab.report(pod, "{phase: Failed, reason: Evicted, message: low on memory}")
            let status = try await lab.end(of: promotion).status
            #expect(status.phase == .errored)
            #expect(
                status.message
                    == "the agent Pod was lost 3 times, the last time because: Evicted: low on memory"
            )
            try await lab.removeWhenAsked(pod)
        }
    }

    @Test func `a Promotion makes no second Pod beside one whose node is silent`() async throws {
        try await KubeletLab.with { lab in
            let (promotion, pod) = try await lab.promote()
            try await lab.report(pod, try KubeletLab.running())
            try await lab.agent.waitForStarts(1)
            // The taint manager deletes it; the kubelet never says that it has ended.
            try await lab.api.delete(.pods, namespace: pod.metadata.namespace, name: pod.metadata.name)
            lab.agent.vanish()
            let loss = "restarted from the first step (1 of 2): the Pod is being deleted"
            try await lab.wait { $0 == loss }
            let waiting = "the next Pod waits until its node says that the old one has ended"
            try await lab.wait { $0 == "\(loss); \(waiting)" }
            #expect(lab.pods.all.map(\.metadata.uid) == [pod.metadata.uid])
            // The node is back, or somebody knows that it never will be.
            try await lab.remove(pod)
            let next = try await lab.newPod(besides: pod.metadata.uid)
            lab.agent.restart()
            try await lab.report(next, try KubeletLab.running())
            lab.agent.finish(try await lab.agent.waitForStarts(2), .succeeded())
            #expect(try await lab.end(of: promotion).status.phase == .succeeded)
        }
    }

    @Test func `an aborted Promotion waits for no silent node`() async throws {
        try await KubeletLab.with { lab in
            let (promotion, pod) = try await lab.promote()
            try await lab.report(pod, try KubeletLab.running())
            try await lab.agent.waitForStarts(1)
            try await lab.api.delete(.pods, namespace: pod.metadata.namespace, name: pod.metadata.name)
            lab.agent.vanish()
            try await lab.wait { $0.contains("the next Pod waits") }
            try await Lab.abort(lab.api, promotion)
            #expect(try await lab.end(of: promotion).status.phase == .aborted)
        }
    }

    @Test func `a Promotion uses no Pod of its name that somebody else made`() async throws {
        try await KubeletLab.with { lab in
            let (promotion, pod) = try await lab.promote()
            try await lab.report(pod, try KubeletLab.running())
            try await lab.agent.waitForStarts(1)
            var double = try JSONValueEncoder().encode(pod)
            double["status"] = nil
            for field in ["uid", "resourceVersion", "creationTimestamp"] { double[path: "metadata", field] = nil }
            try await lab.remove(pod)
            // Whoever is faster: the controller must end up with its own.
            let stranger = try? await lab.api.create(.pods, namespace: Lab.project, double)
            let uid = stranger?[path: "metadata", "uid"]?.stringValue ?? ""
            if let stranger {
                let pod = try JSONValueDecoder().decode(Pod.self, from: stranger)
                try await lab.pods.wait { $0.contains { $0.metadata.uid == uid } }
                try await lab.removeWhenAsked(pod)
            }
            let next = try await lab.newPod(besides: pod.metadata.uid, uid)
            lab.agent.restart()
            try await lab.report(next, try KubeletLab.running())
            lab.agent.finish(try await lab.agent.waitForStarts(2), .succeeded())
            let ended = try await lab.end(of: promotion)
            #expect(ended.status.phase == .succeeded)
            #expect(ended.metadata.annotations[KargoAPI.Annotation.agentPod]?.contains(next.metadata.uid) == true)
        }
    }

    @Test func `a plugin that runs out of memory costs the attempt, not the work directory`() async throws {
        try await KubeletLab.with { lab in
            let (promotion, pod) = try await lab.promote(steps: ["{uses: probe, retry: {errorThreshold: 2}}"])
            try await lab.report(pod, try KubeletLab.running())
            try await lab.agent.waitForStarts(1)
            let dead = "state: {terminated: {reason: OOMKilled, exitCode: 137}}"
            try await lab.report(pod, try KubeletLab.running(plugin: dead))
            let told = try await lab.promotions.wait(for: promotion) {
                $0.status.stepExecutionMetadata.first?.errorCount == 1
            }
            #expect(
                told.status.stepExecutionMetadata.first?.message
                    .contains(
                        "plugin container probe-step-plugin stopped (OOMKilled, exit code 137)"
                    ) == true
            )
            let again = "state: {running: {}}, lastState: {terminated: {reason: OOMKilled, exitCode: 137}}"
            try await lab.report(pod, try KubeletLab.running(plugin: again))
            #expect(try await lab.agent.waitForStarts(2) == "0.1.1")
            lab.agent.finish("0.1.1", .succeeded())
            #expect(try await lab.end(of: promotion).status.phase == .succeeded)
            #expect(lab.pods.all.allSatisfy { $0.metadata.uid == pod.metadata.uid })
        }
    }

    @Test func `the certificate is read anew when the init container ran again`() async throws {
        try await KubeletLab.with { lab in
            let (first, second) = KubeletLab.certificates
            let (promotion, pod) = try await lab.promote(steps: ["{uses: probe}", "{uses: probe}"])
            lab.agent.show(certificate: first)
            try await lab.report(pod, try KubeletLab.running(certificate: first))
            let execution = try await lab.agent.waitForStarts(1)
            // The sandbox was lost with the memory in which the key was.
            lab.agent.show(certificate: second)
            try await lab.report(pod, try KubeletLab.running(certificate: second))
            lab.agent.finish(execution, .succeeded())
            lab.agent.finish(try await lab.agent.waitForStarts(2), .succeeded())
            #expect(try await lab.end(of: promotion).status.phase == .succeeded)
        }
    }
}
