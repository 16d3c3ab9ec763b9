import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A point in time on two clocks.
struct Moment: Sendable, Hashable {
    /// The time since some fixed point, which never goes back.
    var uptime: Duration
    /// The time of day.
    var wall: KubernetesMicroTime

    /// The present.
    static func now(since start: ContinuousClock.Instant) -> Moment {
        Moment(uptime: start.duration(to: .now), wall: KubernetesMicroTime(Date()))
    }
}
