import KargoCore
import KubernetesClient
import Logging
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Node {
    /// Writes what is known of a Pod into its status, if that is anything new.
    func report(_ sandbox: PodSandbox) async throws {
        guard let pod = pod(sandbox.key) else { return }
        let snapshot = sandbox.snapshot
        var state: ShimState?
        var isUp = false
        var isFinal = false
        switch snapshot.phase {
        case .idle: isFinal = pod.metadata.deletionTimestamp != nil
        case .running(_, let known):
            // Until it is heard of, a new shim has done nothing.
            state = known
            isUp = true
        case .ended(let outcome):
            state = outcome.state
            isFinal = !snapshot.startsAgain(pod) || pod.metadata.deletionTimestamp != nil
        }
        let report = PodStatusReport(
            pod: pod,
            node: facts,
            address: snapshot.record.address,
            state: state,
            blocker: isFinal ? nil : snapshot.blocker,
            isUp: isUp,
            isFinal: isFinal,
            now: KubernetesTime(configuration.now())
        )
        try await write(report.status(), of: pod)
    }

    /// Writes a status as far as it differs from the one that the Pod has.
    func write(_ status: PodStatus, of pod: Pod) async throws {
        let (before, after) = (try JSONValueEncoder().encode(pod.status), try JSONValueEncoder().encode(status))
        let identity: JSONValue = ["uid": .string(pod.metadata.uid)]
        let (namespace, name) = (pod.metadata.namespace, pod.metadata.name)
        do {
            if pod.spec.nodeName.isEmpty {
                let spec: JSONValue = ["nodeName": .string(configuration.name)]
                note(
                    try await api.patch(
                        .pods,
                        namespace: namespace,
                        name: name,
                        .merge(["metadata": identity, "spec": spec])
                    )
                )
            }
            guard before != after else { return }
            let change = before.mergePatch(to: after)
            note(
                try await api.patch(
                    .pods,
                    namespace: namespace,
                    name: name,
                    subresource: "status",
                    .merge(["metadata": identity, "status": change])
                )
            )
        } catch let error as KubernetesError where error.code == .notFound || error.code == .conflict {
            // The Pod is gone, or another one has its name: the informer tells.
        }
    }

    private func note(_ object: JSONValue) {
        do {
            let pod = try JSONValueDecoder().decode(Pod.self, from: object)
            state.withLock(\.drive)?.pods.note(pod)
        } catch {
            // What the informer says counts as well, only later.
            logger.debug("the answer to a status can't be read", metadata: ["error": "\(error)"])
        }
    }

    /// Says once in an Event what of the Pod's manifest has no effect here.
    func tellWhatIsNotEnforced(_ pod: Pod) async {
        guard state.withLock({ $0.told.insert(pod.metadata.uid).inserted }) else { return }
        let fields = pod.spec.unenforcedFields
        var event = Event()
        event.metadata.name = "\(pod.metadata.name).\(String(UInt64.random(in: .min ... .max), radix: 16))"
        event.metadata.namespace = pod.metadata.namespace
        event.involvedObject.apiVersion = "v1"
        event.involvedObject.kind = "Pod"
        event.involvedObject.namespace = pod.metadata.namespace
        event.involvedObject.name = pod.metadata.name
        event.involvedObject.uid = pod.metadata.uid
        event.reason = "ProcessRuntime"
        event.message =
            "runs as processes of user \(ProcessInfo.processInfo.userName) on this machine; not enforced: "
            + fields.joined(separator: ", ")
        event.type = "Normal"
        event.source.component = "kubelet"
        event.source.host = configuration.name
        event.reportingComponent = "kubelet"
        event.reportingInstance = configuration.name
        let now = KubernetesTime(configuration.now())
        event.firstTimestamp = now
        event.lastTimestamp = now
        event.count = 1
        do {
            _ = try await api.create(.events, namespace: pod.metadata.namespace, JSONValueEncoder().encode(event))
        } catch {
            logger.debug("an Event can't be written", metadata: ["pod": "\(PodKey(pod))", "error": "\(error)"])
        }
    }
}

extension PodSpec {
    /// What of the manifest a process of the same user can't have, by field.
    fileprivate var unenforcedFields: [String] {
        var fields: Set<String> = ["image"]
        if securityContext?.runAsUser != nil { fields.insert("runAsUser") }
        if securityContext?.runAsGroup != nil { fields.insert("runAsGroup") }
        if securityContext?.fsGroup != nil { fields.insert("fsGroup") }
        for container in initContainers + containers {
            if container.securityContext?.runAsUser != nil { fields.insert("runAsUser") }
            if container.securityContext?.runAsGroup != nil { fields.insert("runAsGroup") }
            if container.securityContext?.capabilities != nil { fields.insert("capabilities") }
            if container.securityContext?.readOnlyRootFilesystem == true { fields.insert("readOnlyRootFilesystem") }
            if !container.resources.limits.isEmpty { fields.insert("resources.limits") }
            if container.lifecycle != nil { fields.insert("lifecycle") }
            if container.startupProbe != nil { fields.insert("startupProbe") }
            if container.readinessProbe != nil { fields.insert("readinessProbe") }
            if container.livenessProbe != nil { fields.insert("livenessProbe") }
        }
        return fields.sorted()
    }
}
