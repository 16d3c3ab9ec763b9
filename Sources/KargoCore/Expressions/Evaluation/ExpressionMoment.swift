/// What `now()` gives: one moment in all of an evaluation, even if that has to start over.
struct ExpressionMoment {
    private let clock: @Sendable () -> GoTime
    private var known: GoTime?

    init(clock: @escaping @Sendable () -> GoTime) { self.clock = clock }

    /// The moment, which is that of the first call.
    mutating func read() -> GoTime {
        let moment = known ?? clock()
        known = moment
        return moment
    }
}
