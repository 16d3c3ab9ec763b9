/// A time zone: Go's `*time.Location`.
public final class GoLocation: Sendable {
    /// The zone's name, such as `Europe/Berlin`.
    public let name: String
    let rules: ZoneRules

    /// Coordinated Universal Time.
    public static let utc = GoLocation(name: "UTC", rules: ZoneRules(offset: 0, abbreviation: "UTC"))

    init(name: String, rules: ZoneRules) {
        self.name = name
        self.rules = rules
    }

    /// Makes a zone that is always ahead of UTC by a number of seconds.
    convenience init(fixed name: String, offset: Int64) {
        self.init(name: name, rules: ZoneRules(offset: offset, abbreviation: name))
    }

    /// Finds a zone in the machine's database, which is the folder `TZDIR` or the system's.
    ///
    /// - Parameter name: A name such as `Europe/Berlin`; `UTC` or empty for UTC, `Local` for the machine's own zone.
    /// - Throws: ``ValueError`` if there is no such zone.
    /// - Returns: The zone.
    public static func named(_ name: String) throws(ValueError) -> GoLocation { try ZoneDatabase.location(named: name) }

    func period(at seconds: Int64) -> ZonePeriod { rules.period(at: seconds) }

    /// The seconds since 1970 in UTC, given those in the zone.
    func seconds(ofLocal seconds: Int64) -> Int64 {
        let guess = rules.period(at: seconds)
        guard guess.offset != 0 else { return seconds }
        let adjusted = seconds &- guess.offset
        let isRight = guess.range.contains(adjusted)
        return seconds &- (isRight ? guess.offset : rules.period(at: adjusted).offset)
    }
}

extension GoLocation: Hashable {
    /// Whether both are the same zone.
    public static func == (left: GoLocation, right: GoLocation) -> Bool {
        left === right || (left.name == right.name && left.rules == right.rules)
    }

    /// Hashes the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
