import KargoCore
import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Looks at who leads among several controllers, where they elect one.
struct LeaseCheck {
    let api: any KubernetesAPI
    let namespace: String
    let now: @Sendable () -> Date
    /// Whether the Deployment elects nobody, so that a Lease without a shard is left from before.
    var isPlain = false

    /// One for each Lease of a controller; none where there is no election, or nobody may look.
    func findings() async throws -> [Finding] {
        let examination = try await Examination(.lease, "Leases") {
            try await api.list(.leases, namespace: namespace)
        }
        guard case .found(let list) = examination else { return [] }
        return list.items
            .compactMap { try? JSONValueDecoder().decode(Lease.self, from: $0) }
            .filter { $0.metadata.name.hasPrefix(KargoAPI.leaderLease) }
            .filter { !isPlain || $0.metadata.name != KargoAPI.leaderLease }
            .map(finding)
    }

    private func finding(_ lease: Lease) -> Finding {
        let object = "Lease \(ObjectKey(lease.metadata))"
        let remedy = "see that the controller runs"
        guard let holder = lease.spec.holderIdentity, !holder.isEmpty else {
            return Finding(.warning, .lease, object, field: "spec.holderIdentity", "nobody leads; \(remedy)")
        }
        guard let renewed = lease.spec.renewTime?.date else { return Finding(.ok, .lease, object, "\(holder) leads") }
        let age = now().timeIntervalSince(renewed)
        guard age <= Double(lease.spec.leaseDurationSeconds ?? 0) else {
            return Finding(
                .warning,
                .lease,
                object,
                field: "spec.renewTime",
                "\(holder) led and has not said so for \(Int(min(age, 1e9))) s; \(remedy)"
            )
        }
        return Finding(.ok, .lease, object, "\(holder) leads")
    }
}
