/// How much of a pattern the names on the way down a tree have matched.
struct GlobProgress: Sendable {
    fileprivate struct State: Sendable, Hashable {
        let alternative: Int
        /// The segment that the next name has to match.
        let segment: Int
    }

    /// Tells what is left to match from everything else that could be left of the same pattern.
    struct Remainder: Sendable, Hashable {
        fileprivate let states: Set<State>
    }

    private let pattern: [GlobPattern.Alternative]
    private var states: Set<State>

    /// Begins at the top.
    init(_ pattern: GlobPattern) {
        self.pattern = pattern.alternatives
        states = Set(pattern.alternatives.indices.map { State(alternative: $0, segment: 0) })
        skipEmptyDirectories()
    }

    /// What is left to match.
    var remainder: Remainder { Remainder(states: states) }

    /// What is left to match below a name.
    func descending(to name: String) -> GlobProgress {
        var next = self
        next.states = []
        for state in states {
            let segments = pattern[state.alternative].segments
            guard state.segment < segments.count else { continue }
            switch segments[state.segment] {
            case .anyDirectories:
                next.states.insert(state)
                if state.segment + 1 == segments.count {
                    next.states.insert(State(alternative: state.alternative, segment: segments.count))
                }
            case .name(let wildcard):
                guard wildcard.matches(name) else { continue }
                next.states.insert(State(alternative: state.alternative, segment: state.segment + 1))
            }
        }
        next.skipEmptyDirectories()
        return next
    }

    /// Whether the names so far are a match.
    ///
    /// - Parameter isDirectory: Whether they lead to a directory: only then does `a/**` match `a` itself.
    /// - Returns: Whether they are.
    func isMatch(isDirectory: @autoclosure () throws -> Bool) rethrows -> Bool {
        var isMatchForDirectories = false
        for state in states {
            let alternative = pattern[state.alternative]
            switch alternative.segments.count - state.segment {
            case 0:
                if !alternative.isForDirectories { return true }
                isMatchForDirectories = true
            case 1: isMatchForDirectories = isMatchForDirectories || alternative.segments.last == .anyDirectories
            default: continue
            }
        }
        return try isMatchForDirectories && isDirectory()
    }

    /// Whether something further down could be a match.
    var canDescend: Bool {
        states.contains { $0.segment < pattern[$0.alternative].segments.count }
    }

    /// Whether the next name is given, so that somebody has asked for just this directory.
    func names(_ name: String) -> Bool {
        states.contains { state in
            let segments = pattern[state.alternative].segments
            guard state.segment < segments.count, case .name(let wildcard) = segments[state.segment] else {
                return false
            }
            return wildcard.isLiteral && wildcard.matches(name)
        }
    }

    /// Lets each `**` but the last one stand for no directory as well.
    private mutating func skipEmptyDirectories() {
        var pending = Array(states)
        while let state = pending.popLast() {
            let segments = pattern[state.alternative].segments
            guard state.segment + 1 < segments.count, segments[state.segment] == .anyDirectories else { continue }
            let next = State(alternative: state.alternative, segment: state.segment + 1)
            if states.insert(next).inserted { pending.append(next) }
        }
    }
}
