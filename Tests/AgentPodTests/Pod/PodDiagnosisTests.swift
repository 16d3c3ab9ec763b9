import AgentPod
import KargoCore
import Testing

@Suite("Pod diagnosis")
struct PodDiagnosisTests {
    /// A Pod of a status in YAML.
    private func diagnosis(_ status: String, deleting: Bool = false) throws -> PodDiagnosis {
        var pod = Pod()
        if deleting { pod.metadata.deletionTimestamp = try KubernetesTime("2026-01-02T03:04:05Z") }
        pod.status = try JSONValueDecoder().decode(PodStatus.self, from: JSONValue(yaml: status))
        return PodDiagnosis(pod)
    }

    private func starting(_ message: String?, counts: Bool = true) -> PodDiagnosis {
        .starting(message: message, countsAgainstDeadline: counts)
    }

    @Test(arguments: ["{}", "{phase: Pending}", "{phase: Unknown}"])
    func `sees a Pod start that says nothing`(status: String) throws {
        #expect(try diagnosis(status) == starting(nil))
    }

    @Test func `sees the agent run`() throws {
        let status = """
            {phase: Running, podIP: 10.0.0.7,
             initContainerStatuses: [{name: probe-step-plugin, state: {waiting: {reason: CrashLoopBackOff}}}],
             containerStatuses: [{name: promotion-agent, state: {running: {}}}]}
            """
        #expect(try diagnosis(status) == .running(address: "10.0.0.7"))
    }

    @Test(
        arguments: [
            "{phase: Running, containerStatuses: [{name: promotion-agent, state: {running: {}}}]}",
            "{phase: Running, podIP: 10.0.0.7, containerStatuses: [{name: other, state: {running: {}}}]}",
            "{phase: Running, podIP: 10.0.0.7, containerStatuses: [{name: promotion-agent, state: {}}]}",
        ]
    )
    func `does not take it for running without an address or its container`(status: String) throws {
        #expect(try diagnosis(status) == starting(nil))
    }

    @Test(arguments: ["PodInitializing", "ContainerCreating", ""])
    func `has no word for what is the usual course`(reason: String) throws {
        let status = "{containerStatuses: [{name: promotion-agent, state: {waiting: {reason: '\(reason)'}}}]}"
        #expect(try diagnosis(status) == starting(nil))
    }

    @Test(
        arguments: [
            ("{reason: ErrImagePull, message: not found}", "ErrImagePull: not found"),
            (
                "{reason: ImagePullBackOff, message: 'Back-off pulling image \"x\"'}",
                "ImagePullBackOff: Back-off pulling image \"x\""
            ),
            ("{reason: CrashLoopBackOff}", "CrashLoopBackOff"),
            ("{reason: RunContainerError, message: no such command}", "RunContainerError: no such command"),
            (
                "{reason: CreateContainerConfigError, message: 'secret \"x\" not found'}",
                "CreateContainerConfigError: secret \"x\" not found"
            ),
        ]
    )
    func `tells what a container waits for`(waiting: String, sentence: String) throws {
        let container = "{name: probe-step-plugin, state: {waiting: \(waiting)}}"
        let expected = starting("container probe-step-plugin: \(sentence)")
        #expect(try diagnosis("{phase: Pending, initContainerStatuses: [\(container)]}") == expected)
        #expect(try diagnosis("{phase: Pending, containerStatuses: [\(container)]}") == expected)
    }

    @Test(
        arguments: [
            ("{reason: InvalidImageName, message: 'couldn''t parse \"X\"'}", "InvalidImageName: couldn't parse \"X\""),
            ("{reason: ErrImageNeverPull}", "ErrImageNeverPull"),
            (
                "{reason: CreateContainerConfigError, message: container has runAsNonRoot and image will run as root}",
                "container has runAsNonRoot and image will run as root; set securityContext.runAsUser to a number "
                    + "other than 0"
            ),
            (
                "{reason: CreateContainerConfigError, message: image has non-numeric user (nobody)}",
                "image has non-numeric user (nobody); set securityContext.runAsUser to a number other than 0"
            ),
        ]
    )
    func `gives up where no waiting helps`(waiting: String, sentence: String) throws {
        let status = "{initContainerStatuses: [{name: probe-step-plugin, state: {waiting: \(waiting)}}]}"
        #expect(try diagnosis(status) == .hopeless(message: "container probe-step-plugin: \(sentence)"))
    }

    @Test func `gives up also where another container only waits longer`() throws {
        let status = """
            {initContainerStatuses: [{name: a, state: {waiting: {reason: ImagePullBackOff}}},
                                     {name: b, state: {waiting: {reason: ErrImageNeverPull}}}]}
            """
        #expect(try diagnosis(status) == .hopeless(message: "container b: ErrImageNeverPull"))
    }

    @Test(
        arguments: [
            (
                "{state: {terminated: {exitCode: 1, reason: Error, message: \"line one\\nKeyError: path\\n\"}}}",
                "stopped (Error, exit code 1): KeyError: path"
            ),
            ("{state: {terminated: {exitCode: 2}}}", "stopped (Error, exit code 2)"),
            (
                "{state: {waiting: {reason: CrashLoopBackOff, message: back-off}}, restartCount: 4, "
                    + "lastState: {terminated: {exitCode: 0, reason: Completed}}}",
                "stopped (Completed, exit code 0); it was restarted 4 times"
            ),
            (
                "{state: {running: {}}, restartCount: 3, lastState: {terminated: {exitCode: 137, reason: OOMKilled}}}",
                "stopped (OOMKilled, exit code 137); it was restarted 3 times"
            ),
        ]
    )
    func `tells of a container that stops`(container: String, sentence: String) throws {
        let status = "{initContainerStatuses: [{name: probe, \(container.dropFirst())]}"
        #expect(try diagnosis(status) == starting("container probe \(sentence)"))
    }

    @Test func `does not complain of an init container that is done`() throws {
        let status = "{initContainerStatuses: [{name: init, state: {terminated: {exitCode: 0, reason: Completed}}}]}"
        #expect(try diagnosis(status) == starting(nil))
    }

    @Test func `tells why a Pod has no node`() throws {
        let condition = "{type: PodScheduled, status: 'False', reason: Unschedulable, message: 0/3 nodes are available}"
        #expect(
            try diagnosis("{phase: Pending, conditions: [\(condition)]}")
                == starting("Unschedulable: 0/3 nodes are available")
        )
        let fulfilled = "{type: PodScheduled, status: 'True'}"
        #expect(try diagnosis("{phase: Pending, conditions: [\(fulfilled)]}") == starting(nil))
    }

    @Test func `holds no queue for a port against the Pod`() throws {
        let waiting = "{name: probe, state: {waiting: {reason: WaitingForPort, message: port 9765}}}"
        #expect(
            try diagnosis("{initContainerStatuses: [\(waiting)]}")
                == starting("container probe: WaitingForPort: port 9765", counts: false)
        )
        let condition = "{type: PodScheduled, status: 'False', reason: WaitingForPort, message: port 9765}"
        #expect(try diagnosis("{conditions: [\(condition)]}") == starting("WaitingForPort: port 9765", counts: false))
    }

    @Test(
        arguments: [
            ("{phase: Failed, reason: Evicted, message: too large}", "Evicted: too large"),
            ("{phase: Failed, reason: DeadlineExceeded}", "DeadlineExceeded"),
            (
                "{phase: Failed, message: x, conditions: [{type: DisruptionTarget, status: 'True', reason: TerminationByKubelet}]}",
                "TerminationByKubelet"
            ),
            ("{phase: Failed}", "the Pod failed"),
            ("{phase: Succeeded}", "the Pod ended without being asked to"),
        ]
    )
    func `sees that a Pod is lost`(status: String, reason: String) throws {
        #expect(try diagnosis(status) == .lost(reason: reason))
    }

    @Test(
        arguments: [
            ("{phase: Running}", "the Pod is being deleted"),
            (
                "{conditions: [{type: DisruptionTarget, status: 'True', reason: EvictionByEvictionAPI, message: drain}]}",
                "EvictionByEvictionAPI: drain"
            ), ("{conditions: [{type: DisruptionTarget, status: 'False', reason: x}]}", "the Pod is being deleted"),
        ]
    )
    func `sees that a Pod is being deleted and why`(status: String, reason: String) throws {
        #expect(try diagnosis(status, deleting: true) == .lost(reason: reason))
    }
}
