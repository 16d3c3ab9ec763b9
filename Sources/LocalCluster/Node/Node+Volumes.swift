import KargoCore
import KubernetesClient
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Node {
    /// Looks at the Pods again that refer to a ConfigMap or Secret.
    func enqueuePods(referringTo resource: APIResource, _ object: ObjectMeta) {
        guard let pods = state.withLock(\.drive?.pods) else { return }
        for pod in pods.all where pod.metadata.namespace == object.namespace {
            guard PodReferences.names(resource, of: pod.spec).contains(object.name) else { continue }
            enqueue(PodKey(pod))
        }
    }

    /// Brings the volumes of a Pod that runs up to date with what they were made of.
    ///
    /// What is gone meanwhile leaves a volume as it was, as the kubelet does.
    func refreshVolumes(of pod: Pod, _ sandbox: PodSandbox) async throws {
        let volumes = pod.spec.volumes.filter(\.changes)
        guard !volumes.isEmpty, let address = sandbox.snapshot.record.address else { return }
        let planner = VolumePlanner(
            downwardAPI: DownwardAPI(pod: pod, address: address, node: facts),
            references: try await PodReferences(of: pod, api: api, tokens: tokens)
        )
        for volume in volumes {
            do {
                _ = try volumeDirectory(volume, sandbox).make(planner.content(of: volume))
            } catch let blocker as PodBlocker {
                await events.record(note(EventReason.failedMount, blocker.message, isWarning: true), of: pod)
            }
        }
    }

    /// When the volumes of a Pod have to be looked at again although nothing has changed.
    func pauseBeforeRefresh(of pod: Pod) -> Duration? {
        tokens.renewal(ofPod: pod.metadata.uid)
            .map { .seconds(max(1, $0.timeIntervalSince(configuration.now()))) }
    }

    /// Where a volume of a Pod is kept.
    func volumeDirectory(_ volume: Volume, _ sandbox: PodSandbox) -> VolumeDirectory {
        VolumeDirectory(name: volume.name, path: "\(sandbox.directory)/\(PodFile.volume(volume.name))")
    }
}

extension Volume {
    /// Whether what it is made of may change while the Pod runs.
    fileprivate var changes: Bool { configMap != nil || secret != nil || downwardAPI != nil || projected != nil }
}
