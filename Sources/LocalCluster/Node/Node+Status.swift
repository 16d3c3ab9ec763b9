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
            now: KubernetesTime(configuration.now()),
            images: images(of: sandbox, state)
        )
        try await write(report.status(), of: pod)
        await tellNotes(of: sandbox, pod)
    }

    /// The digests of the images that containers run, by their names.
    private func images(of sandbox: PodSandbox, _ state: ShimState?) -> [String: String] {
        guard case .podman = configuration.runtime else { return [:] }
        var images: [String: String] = [:]
        for container in state?.containers ?? [] {
            do {
                let path = "\(sandbox.directory)/\(ImageFacts.file(of: container.name))"
                images[container.name] = try StoredValue.read(ImageFacts.self, from: path)?.image
            } catch {
                logger.debug("an image is not known", metadata: ["pod": "\(sandbox.key)", "error": "\(error)"])
            }
        }
        return images
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
                await events.record(
                    note(
                        EventReason.scheduled,
                        "Successfully assigned \(namespace)/\(name) to \(configuration.name)"
                    ),
                    of: pod,
                    by: .scheduler
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
}
