import KargoCore
import Logging
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Node {
    /// Writes Events of what the shim of a Pod has noted.
    func tellNotes(of sandbox: PodSandbox, _ pod: Pod) async {
        let notes = sandbox.takeNotes()
        guard !notes.isEmpty else { return }
        for note in notes { await events.record(note, of: pod) }
        do {
            try sandbox.saveRecord()
        } catch {
            // At worst something is told twice.
            logger.debug("what was told is not saved", metadata: ["pod": "\(sandbox.key)", "error": "\(error)"])
        }
    }

    /// Says in an Event why a Pod can't be started; once for each reason.
    func tell(_ blocker: PodBlocker, of pod: Pod) async {
        let isOfScheduler = blocker.reason == PodBlocker.waitingForPort
        let reason =
            if isOfScheduler {
                EventReason.failedScheduling
            } else if blocker.container == nil {
                EventReason.failedMount
            } else {
                EventReason.failed
            }
        await events.record(
            note(reason, blocker.message, container: blocker.container, isWarning: true),
            of: pod,
            by: isOfScheduler ? .scheduler : .kubelet
        )
    }

    /// Says once in an Event what of the Pod's manifest has no effect here.
    func tellWhatIsNotEnforced(_ pod: Pod) async {
        guard state.withLock({ $0.told.insert(pod.metadata.uid).inserted }) else { return }
        switch configuration.runtime {
        case .processes:
            let fields = ["image"] + pod.spec.fieldsOfImages + pod.spec.unsupportedChecks
            await events.record(
                note(
                    "ProcessRuntime",
                    "runs as processes of user \(ProcessInfo.processInfo.userName) on this machine; not enforced: "
                        + Set(fields).sorted().joined(separator: ", ")
                ),
                of: pod
            )
        case .podman:
            let fields = Set(pod.spec.unsupportedChecks).sorted()
            guard !fields.isEmpty else { return }
            await events.record(note("PodmanRuntime", "not enforced: \(fields.joined(separator: ", "))"), of: pod)
        }
    }

    /// Something that the node itself has to say.
    func note(
        _ reason: String,
        _ message: String,
        container: String? = nil,
        isWarning: Bool = false
    ) -> PodNote {
        PodNote(
            number: 0,
            time: KubernetesMicroTime(configuration.now()),
            container: container,
            isWarning: isWarning,
            reason: reason,
            message: message
        )
    }
}

extension PodSpec {
    /// What of the manifest a process of the same user can't have, by field.
    fileprivate var fieldsOfImages: [String] {
        var fields: [String] = []
        if securityContext?.runAsUser != nil { fields.append("runAsUser") }
        if securityContext?.runAsGroup != nil { fields.append("runAsGroup") }
        if securityContext?.fsGroup != nil { fields.append("fsGroup") }
        for container in initContainers + containers {
            if container.securityContext?.runAsUser != nil { fields.append("runAsUser") }
            if container.securityContext?.runAsGroup != nil { fields.append("runAsGroup") }
            if container.securityContext?.capabilities != nil { fields.append("capabilities") }
            if container.securityContext?.readOnlyRootFilesystem == true { fields.append("readOnlyRootFilesystem") }
            if !container.resources.limits.isEmpty { fields.append("resources.limits") }
        }
        return fields
    }

    /// Probes and hooks that no container of this node can have.
    fileprivate var unsupportedChecks: [String] {
        var fields: [String] = []
        for container in initContainers + containers {
            if !CheckPlanner.isSupported(container.startupProbe) { fields.append("startupProbe") }
            if !CheckPlanner.isSupported(container.readinessProbe) { fields.append("readinessProbe") }
            if !CheckPlanner.isSupported(container.livenessProbe) { fields.append("livenessProbe") }
            if !CheckPlanner.isSupported(container.lifecycle?.postStart) { fields.append("lifecycle.postStart") }
            if !CheckPlanner.isSupported(container.lifecycle?.preStop) { fields.append("lifecycle.preStop") }
        }
        return fields
    }
}
