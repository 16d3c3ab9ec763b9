import KargoCore
import Logging

/// What a process knows of the Lease that it wants to hold or holds.
actor LeaderCandidate {
    /// What has come of an attempt.
    enum Outcome: Sendable {
        case held
        case heldBySomebodyElse
        /// Somebody was faster just now, or the server could not be asked.
        case failed
    }

    private let election: LeaderElection
    private let stopwatch: @Sendable () -> Duration
    /// The Lease as the server had it last, whole.
    private var lease: JSONValue?
    private var observed = LeaseSpec()
    /// When ``observed`` was seen first; the only time that counts.
    private var observedAt = Duration.zero

    init(_ election: LeaderElection) {
        self.election = election
        stopwatch = election.clock.stopwatch
    }

    /// The time since the candidate was made.
    func elapsed() -> Duration { stopwatch() }

    /// Gets the lease if nobody has it, or renews it.
    func hold() async throws -> Outcome {
        if let lease, isMine {
            do {
                return try await store(renewed(), in: lease)
            } catch let error as KubernetesError where error.code == .conflict || error.code == .notFound {
                // Somebody has touched it; how, the server says.
            }
        }
        let found: JSONValue
        do {
            found = try await election.api.get(.leases, namespace: election.namespace, name: election.name)
        } catch let error as KubernetesError where error.code == .notFound {
            return try await create()
        }
        try observe(found)
        if let holder = observed.holderIdentity, !holder.isEmpty, !isMine {
            let duration = observed.leaseDurationSeconds.map { Duration.seconds($0) } ?? election.timing.leaseDuration
            if observedAt + duration > elapsed() { return .heldBySomebodyElse }
        }
        do {
            return try await store(renewed(), in: found)
        } catch let error as KubernetesError where error.code == .conflict || error.code == .notFound {
            return .failed
        }
    }

    /// Lets go of the lease if it is held.
    func release() async throws {
        guard let lease, isMine else { return }
        do {
            _ = try await store(released(), in: lease)
        } catch let error as KubernetesError where error.code == .conflict {
            // A renewal that was cut short may have reached the server.
            let found = try await election.api.get(.leases, namespace: election.namespace, name: election.name)
            try observe(found)
            if isMine { _ = try await store(released(), in: found) }
        }
    }

    private var isMine: Bool { observed.holderIdentity == election.identity }

    private func released() -> LeaseSpec {
        var spec = observed
        let time = KubernetesMicroTime(election.now())
        spec.holderIdentity = nil
        spec.leaseDurationSeconds = 1
        spec.acquireTime = time
        spec.renewTime = time
        return spec
    }

    /// The specification with this process as the holder, from now on or still.
    private func renewed() -> LeaseSpec {
        var spec = observed
        let time = KubernetesMicroTime(election.now())
        if !isMine {
            spec.acquireTime = time
            spec.leaseTransitions = (observed.leaseTransitions ?? 0) &+ (lease == nil ? 0 : 1)
        }
        spec.holderIdentity = election.identity
        spec.leaseDurationSeconds = Int32(clamping: election.timing.leaseDuration.components.seconds)
        spec.renewTime = time
        return spec
    }

    private func create() async throws -> Outcome {
        lease = nil
        observed = LeaseSpec()
        let metadata: JSONValue = ["name": .string(election.name), "namespace": .string(election.namespace)]
        let new: JSONValue = [
            "apiVersion": .string(APIResource.leases.apiVersion), "kind": .string(APIResource.leases.kind),
            "metadata": metadata, "spec": try JSONValueEncoder().encode(renewed()),
        ]
        do {
            try observe(await election.api.create(.leases, namespace: election.namespace, new))
            return .held
        } catch let error as KubernetesError where error.code == .alreadyExists {
            return .failed
        }
    }

    /// Replaces the Lease; what others keep in it stays.
    private func store(_ spec: LeaseSpec, in lease: JSONValue) async throws -> Outcome {
        var lease = lease
        var members = lease["spec"]?.objectValue ?? [:]
        for key in ["holderIdentity", "leaseDurationSeconds", "acquireTime", "renewTime", "leaseTransitions"] {
            members[key] = nil
        }
        members.merge(try JSONValueEncoder().encode(spec).objectValue ?? [:]) { _, new in new }
        lease["spec"] = .object(members)
        try observe(
            await election.api.replace(.leases, namespace: election.namespace, name: election.name, lease)
        )
        return .held
    }

    private func observe(_ lease: JSONValue) throws {
        let spec = try JSONValueDecoder().decode(Lease.self, from: lease).spec
        let isFirst = self.lease == nil
        self.lease = lease
        guard isFirst || spec != observed else { return }
        if spec.holderIdentity != observed.holderIdentity, let holder = spec.holderIdentity {
            election.logger.info(
                "lease has a new holder",
                metadata: ["lease.name": "\(election.namespace)/\(election.name)", "lease.holder": "\(holder)"]
            )
        }
        observed = spec
        observedAt = elapsed()
    }
}
