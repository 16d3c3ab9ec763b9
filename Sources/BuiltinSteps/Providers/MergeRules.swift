/// What merging has in common whatever the service.
enum MergeRules {
    /// How often to look whether a pull request has been merged, where that happens later.
    private static let looks = 10

    /// - Throws: ``ProviderRefusal`` if a service knows no such way of merging.
    static func check(
        _ method: String,
        isOneOf known: [String],
        of service: String
    ) throws(ProviderRefusal) {
        if known.contains(method) { return }
        throw ProviderRefusal(
            description: "\(service) merges by one of \(known.joined(separator: ", ")), not by \"\(method)\""
        )
    }

    /// Waits for a service that merges later, though not for long.
    ///
    /// - Parameters:
    ///   - clock: Tells how long to wait between two looks.
    ///   - look: Gives the pull request once it is merged.
    /// - Returns: The pull request; nil if it is not merged yet.
    /// - Throws: What the look throws; `CancellationError`.
    static func merged(
        clock: any Clock<Duration>,
        look: () async throws -> PullRequest?
    ) async throws -> PullRequest? {
        for number in 1...looks {
            if let pull = try await look() { return pull }
            if number < looks { try await clock.sleep(for: .seconds(1)) }
        }
        return nil
    }
}
