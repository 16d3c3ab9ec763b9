#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A moment in nanoseconds and the zone in which it is shown: Go's `time.Time`.
public struct GoTime: Sendable, Hashable {
    /// The whole seconds since 1970 in UTC, negative before it.
    public let secondsSince1970: Int64
    /// The nanoseconds of the second that has begun, 0 to 999,999,999.
    public let nanosecond: Int64
    /// The zone in which the moment is shown.
    public let location: GoLocation

    /// The beginning of the year 1, which is Go's zero time.
    static let zeroSeconds: Int64 = -62_135_596_800

    /// Makes a moment.
    ///
    /// - Parameters:
    ///   - secondsSince1970: The whole seconds since 1970 in UTC.
    ///   - nanosecond: Nanoseconds to add.
    ///   - location: The zone in which to show the moment.
    public init(secondsSince1970: Int64, nanosecond: Int64 = 0, location: GoLocation = .utc) {
        let carry = CivilTime.floorDivide(nanosecond, by: 1_000_000_000)
        self.secondsSince1970 = secondsSince1970 &+ carry
        self.nanosecond = nanosecond &- carry &* 1_000_000_000
        self.location = location
    }

    /// Makes the moment at which clocks in a zone show a time.
    ///
    /// Of a time that a zone skips or has twice, Go's choice.
    init(_ civil: CivilTime, nanosecond: Int64 = 0, in location: GoLocation) {
        let seconds = location.seconds(ofLocal: civil.localSeconds)
        self.init(secondsSince1970: seconds, nanosecond: nanosecond, location: location)
    }

    /// The moment at which this is called, in the zone of the machine.
    public static func now() -> GoTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return GoTime(
            secondsSince1970: Int64(time.tv_sec),
            nanosecond: Int64(time.tv_nsec),
            location: ZoneDatabase.local
        )
    }

    /// What a calendar and a clock show in the moment's zone.
    var civil: CivilTime { CivilTime(localSeconds: secondsSince1970 &+ period.offset) }

    /// The period of its zone in which the moment lies.
    var period: ZonePeriod { location.period(at: secondsSince1970) }

    /// The same moment in another zone.
    func shown(in location: GoLocation) -> GoTime {
        GoTime(secondsSince1970: secondsSince1970, nanosecond: nanosecond, location: location)
    }

    func isSameMoment(as other: GoTime) -> Bool {
        secondsSince1970 == other.secondsSince1970 && nanosecond == other.nanosecond
    }

    func isBefore(_ other: GoTime) -> Bool {
        secondsSince1970 != other.secondsSince1970
            ? secondsSince1970 < other.secondsSince1970 : nanosecond < other.nanosecond
    }

    // MARK: Arithmetic

    func adding(_ duration: GoDuration) -> GoTime {
        let (seconds, rest) = duration.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return GoTime(
            secondsSince1970: secondsSince1970 &+ seconds,
            nanosecond: nanosecond + rest,
            location: location
        )
    }

    /// The time since another moment, cut to what a duration can hold.
    func since(_ other: GoTime) -> GoDuration {
        let seconds = Int128(secondsSince1970) - Int128(other.secondsSince1970)
        return GoDuration(nanoseconds: Int64(clamping: seconds * 1_000_000_000 + Int128(nanosecond - other.nanosecond)))
    }

    /// The moment some years, months and days later, where 31 April is 1 May.
    func adding(years: Int64, months: Int64, days: Int64) -> GoTime {
        var civil = civil
        civil.year &+= years
        civil.month &+= months
        civil.day &+= days
        return GoTime(civil, nanosecond: nanosecond, in: location)
    }

    /// What is left over when the time since the year 1 is divided.
    func remainder(of duration: GoDuration) -> GoDuration {
        let seconds = Int128(secondsSince1970) - Int128(Self.zeroSeconds)
        let divisor = Int128(duration.nanoseconds)
        let rest = (seconds * 1_000_000_000 + Int128(nanosecond)) % divisor
        return GoDuration(nanoseconds: Int64(rest < 0 ? rest + divisor : rest))
    }
}

extension GoTime: CustomStringConvertible {
    /// The text that Go's `Time.String` gives, such as `2006-01-02 15:04:05.5 +0100 CET`.
    public var description: String { formatted(.description) }
}
