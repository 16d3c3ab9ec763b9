/// A time during which a zone does not change.
struct ZonePeriod: Hashable {
    /// The seconds by which the zone's clocks are ahead of UTC.
    var offset: Int64
    var abbreviation: String
    var isDaylightSaving: Bool
    /// The seconds since 1970 for which it holds; all of them where nothing is known to change.
    var range: Range<Int64> = .min..<(.max)
}

/// When a zone's clocks are set, and to what.
struct ZoneRules: Sendable, Hashable {
    /// A way to set the clocks.
    struct Setting: Sendable, Hashable {
        var offset: Int64
        var isDaylightSaving: Bool
        var abbreviation: String
    }

    struct Transition: Sendable, Hashable {
        var seconds: Int64
        /// An index into the settings.
        var setting: Int
    }

    let settings: [Setting]
    private let transitions: [Transition]
    /// What holds after the last transition.
    private let future: PosixZone?

    init(offset: Int64, abbreviation: String) {
        settings = [Setting(offset: offset, isDaylightSaving: false, abbreviation: abbreviation)]
        transitions = []
        future = nil
    }

    /// Makes rules.
    ///
    /// - Parameters:
    ///   - settings: At least one.
    ///   - transitions: In order, each with a setting that there is.
    ///   - future: What holds after the last transition.
    init(settings: [Setting], transitions: [Transition], future: PosixZone?) {
        self.settings = settings
        self.transitions = transitions
        self.future = future
    }

    func period(at seconds: Int64) -> ZonePeriod {
        var lower = 0
        var upper = transitions.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if transitions[middle].seconds <= seconds { lower = middle + 1 } else { upper = middle }
        }
        // `lower` counts the transitions until then.
        if lower == transitions.count, let future {
            let period = future.period(at: seconds)
            let begin = max(transitions.last?.seconds ?? .min, period.range.lowerBound)
            if begin < period.range.upperBound {
                return ZonePeriod(
                    offset: period.offset,
                    abbreviation: period.abbreviation,
                    isDaylightSaving: period.isDaylightSaving,
                    range: begin..<period.range.upperBound
                )
            }
        }
        let setting = lower == 0 ? initialSetting : settings[transitions[lower - 1].setting]
        let start = lower == 0 ? Int64.min : transitions[lower - 1].seconds
        let end = lower == transitions.count ? Int64.max : transitions[lower].seconds
        return ZonePeriod(
            offset: setting.offset,
            abbreviation: setting.abbreviation,
            isDaylightSaving: setting.isDaylightSaving,
            range: start..<max(start, end)
        )
    }

    /// What holds before the first transition: Go takes the first setting if no transition leads to it, else the
    /// standard time before the first one, else any standard time.
    private var initialSetting: Setting {
        guard let first = transitions.first, transitions.contains(where: { $0.setting == 0 }) else {
            return settings[0]
        }
        if settings[first.setting].isDaylightSaving,
            let standard = settings[..<first.setting].last(where: { !$0.isDaylightSaving })
        {
            return standard
        }
        return settings.first { !$0.isDaylightSaving } ?? settings[0]
    }

    /// The offset that an abbreviation stands for at about a time.
    func offset(of abbreviation: String, ofLocal seconds: Int64) -> Int64? {
        let candidates = settings.filter { $0.abbreviation == abbreviation }
        for candidate in candidates {
            let period = period(at: seconds &- candidate.offset)
            if period.abbreviation == abbreviation { return period.offset }
        }
        return candidates.first?.offset
    }
}
