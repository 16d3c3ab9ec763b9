/// The builtins that make times.
enum TimeFunctions {
    /// The layouts that `date` tries in turn.
    private static let layouts = [
        "2006-01-02", "15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04:05Z07:00", "02 Jan 06 15:04 MST",
        "Monday, 02-Jan-06 15:04:05 MST", "Mon, 02 Jan 2006 15:04:05 MST",
    ]
    .map(TimeLayout.init)

    /// A zone may take a file, a date seven layouts.
    private static let cost = 1000

    static func now(_ arguments: ExpressionArguments, _ moment: GoTime) throws(ExpressionError) -> ExpressionValue {
        guard arguments.count > 0 else { return .time(moment) }
        guard case .zone(let location) = arguments[0] else {
            throw arguments.mismatch(at: 0, expected: "a time zone, which timezone() gives")
        }
        return .time(moment.shown(in: location))
    }

    /// `date(text)`, `date(text, layout)` or `date(text, layout, zone)`, and before these a zone as a value.
    static func date(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        try budget.spend(steps: cost)
        var location: GoLocation?
        var first = 0
        if case .zone(let zone) = arguments[0] {
            location = zone
            first = 1
        }
        guard (1...3).contains(arguments.count - first) else {
            throw ExpressionError("date takes a text, and at most a layout and the name of a time zone besides")
        }
        let text = try arguments.string(at: first)
        guard arguments.count > first + 1 else {
            for layout in layouts {
                if let time = GoTime.parse(text, layout: layout, in: location) { return .time(time) }
            }
            throw ExpressionError("the text given to date is no date that it knows; give its layout as well")
        }
        let layout = try arguments.string(at: first + 1)
        try budget.spend(steps: layout.utf8.count)
        if arguments.count > first + 2 { location = try self.location(arguments, at: first + 2) }
        do {
            return .time(try GoTime(text, layout: layout, in: location))
        } catch {
            throw ExpressionError("\(error)")
        }
    }

    static func duration(_ arguments: ExpressionArguments) throws(ExpressionError) -> ExpressionValue {
        let text = try arguments.string(at: 0)
        guard let duration = try? GoDuration(text) else {
            throw ExpressionError("the text given to duration is none; write for example \"90s\" or \"1h30m\"")
        }
        return .duration(duration)
    }

    static func timezone(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        try budget.spend(steps: cost)
        return .zone(try location(arguments, at: 0))
    }

    private static func location(
        _ arguments: ExpressionArguments,
        at index: Int
    ) throws(ExpressionError) -> GoLocation {
        let name = try arguments.string(at: index)
        do {
            return try GoLocation.named(name)
        } catch {
            throw ExpressionError("\(error)")
        }
    }
}
