public import KubernetesClient

extension KargoController {
    /// Waits for a Lease, works as long as this process holds it, and lets go of it.
    ///
    /// - Parameters:
    ///   - election: Who of several processes works.
    ///   - onLost: Is called when the lease is lost, before the work is cancelled.
    ///   - onReady: Called when everything is known and the work begins.
    /// - Throws: `LeaderElection.Lost`, `CancellationError`, and what `onReady` throws.
    public func run(
        electedBy election: LeaderElection,
        onLost: @escaping @Sendable () -> Void = {},
        onReady: @escaping @Sendable () async throws -> Void = {}
    ) async throws {
        operations.add(LeaderMetrics(lease: election.name, operations: operations))
        operations.watchStandby { election.problem }
        operations.note(.standby)
        try await election.run(
            onLost: {
                operations.note(.ending)
                onLost()
            },
            {
                operations.note(.starting)
                try await run(onReady: onReady)
            }
        )
    }
}
