#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Stage {
    /// Whether Freight may be promoted to the Stage.
    ///
    /// It may if the Stage takes Freight of its origin and somebody approved it for the Stage, or it comes straight
    /// from its Warehouse, or the Stages before have verified it, and had it as long as is asked for.
    ///
    /// - Parameters:
    ///   - freight: The Freight.
    ///   - now: The time, up to which Freight that a Stage still has counts as having been there.
    /// - Returns: Whether it may.
    public func isAvailable(_ freight: Freight, at now: Date) -> Bool {
        guard freight.metadata.namespace == metadata.namespace else { return false }
        return spec.requestedFreight.contains { request in
            guard request.origin == freight.origin else { return false }
            if freight.status.approvedFor[metadata.name] != nil || request.sources.direct { return true }
            let isVerified = { (stage: String) in
                freight.isVerified(in: stage, soakedFor: request.sources.requiredSoakTime, at: now)
            }
            return request.sources.availabilityStrategy == "All"
                ? request.sources.stages.allSatisfy(isVerified) : request.sources.stages.contains(where: isVerified)
        }
    }
}

extension Freight {
    fileprivate func isVerified(in stage: String, soakedFor required: GoDuration?, at now: Date) -> Bool {
        guard let verified = status.verifiedIn[stage] else { return false }
        guard let required else { return true }
        var longest = verified.longestSoak?.duration ?? .zero
        if let since = status.currentlyIn[stage]?.since?.date {
            longest = max(longest, .seconds(now.timeIntervalSince(since)))
        }
        return longest >= required.duration
    }
}
