import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Node {
    /// How many addresses are tried for a Pod whose ports are taken on the first.
    private static let addressAttempts = 16

    /// Starts the shim of a Pod.
    ///
    /// - Throws: ``PodBlocker`` when something is missing.
    func prepareAndStart(_ pod: Pod, _ sandbox: PodSandbox) async throws {
        // Everything that takes time comes before the ports, which a Pod that waits must not keep from others.
        let references = try await PodReferences(of: pod, api: api, tokens: tokens)
        try Task.checkCancellation()
        let demand = PortDemand(pod.spec)
        let (address, locks): (String, [Descriptor])
        do {
            let candidates = addresses(for: sandbox)
            (address, locks) = try leases.take(
                demand,
                for: "\(sandbox.key)",
                uid: sandbox.key.uid,
                address: candidates[0],
                others: Array(candidates.dropFirst())
            )
        } catch let conflict as PortLeases.Conflict {
            throw PodBlocker(conflict)
        }
        do {
            sandbox.update { snapshot in
                snapshot.record.address = address
                snapshot.record.demand = demand
            }
            let spec = try spec(of: pod, sandbox, references, address: address, lockCount: locks.count)
            try sandbox.start(spec, executable: configuration.shimExecutable, locks: locks)
        } catch {
            releasePorts(of: sandbox.key)
            throw error
        }
    }

    private func spec(
        of pod: Pod,
        _ sandbox: PodSandbox,
        _ references: PodReferences,
        address: String,
        lockCount: Int
    ) throws -> ShimSpec {
        let downwardAPI = DownwardAPI(pod: pod, address: address, node: facts)
        let volumePlanner = VolumePlanner(downwardAPI: downwardAPI, references: references)
        var volumes: [String: String] = [:]
        for volume in pod.spec.volumes {
            volumes[volume.name] = try volumeDirectory(volume, sandbox).make(volumePlanner.content(of: volume))
        }
        var histories: [String: ContainerPlan.History] = [:]
        if case .ended(let outcome) = sandbox.snapshot.phase {
            histories = outcome.state?.histories(restartPolicy: pod.spec.restartPolicy) ?? [:]
        }
        let planner = PodPlanner(
            downwardAPI: downwardAPI,
            references: references,
            baseEnvironment: configuration.baseEnvironment,
            serviceEnvironment: configuration.serviceEnvironment(),
            executableDirectory: configuration.executableDirectory,
            runtime: configuration.runtime
        )
        return ShimSpec(
            pod: "\(sandbox.key)",
            containers: try planner.containers(volumes: volumes, directory: sandbox.directory, histories: histories),
            gracePeriodSeconds: pod.spec.terminationGracePeriodSeconds ?? 30,
            leaseCount: lockCount,
            activeDeadlineSeconds: remainingSeconds(of: pod, sandbox),
            runtime: configuration.runtime
        )
    }

    /// For how long a Pod may still run; what it has waited for before it was first started does not count.
    private func remainingSeconds(of pod: Pod, _ sandbox: PodSandbox) -> Int64? {
        let now = KubernetesMicroTime(configuration.now())
        let start = sandbox.snapshot.record.firstStart ?? now
        sandbox.update { $0.record.firstStart = start }
        guard let seconds = pod.spec.activeDeadlineSeconds else { return nil }
        return max(0, seconds - Int64(now.date.timeIntervalSince(start.date)))
    }

    /// Addresses for a Pod that no other Pod of this node has: first the one that it had.
    private func addresses(for sandbox: PodSandbox) -> [String] {
        let taken = Set(sandboxes.filter { $0 !== sandbox }.compactMap(\.snapshot.record.address))
        var candidates: [String] = []
        if let address = sandbox.snapshot.record.address { candidates.append(address) }
        var attempt = 0
        while candidates.count < Self.addressAttempts {
            let address = configuration.addresses.address(for: sandbox.key.uid, attempt: attempt)
            // A range that is used up is shared rather than searched for ever.
            if !taken.contains(address) || attempt > 10_000 { candidates.append(address) }
            attempt += 1
        }
        return candidates
    }
}
