/// A builtin that evaluates its second argument once for each element of its first.
enum LoopFunction: String, CaseIterable, Sendable {
    case all
    case any
    case count
    case filter
    case find
    case findIndex
    case findLast
    case findLastIndex
    case groupBy
    case map
    case none
    case one
    case reduce
    case sortBy
    case sum

    /// Whether the second argument may be left out.
    var bodyIsOptional: Bool { self == .count || self == .sum }

    /// Whether there may be a third argument.
    var takesOption: Bool { self == .reduce || self == .sortBy }

    /// Whether the second argument says yes or no.
    var bodyIsCondition: Bool {
        switch self {
        case .all, .any, .count, .filter, .find, .findIndex, .findLast, .findLastIndex, .none, .one: true
        case .groupBy, .map, .reduce, .sortBy, .sum: false
        }
    }

    /// Whether the second argument may ask for `#index`.
    var providesIndex: Bool { self == .map || self == .reduce }

    /// The kind of the result, not told of maps whose keys may be anything.
    var result: ExpressionKind {
        switch self {
        case .all, .any, .none, .one: .bool
        case .count: .int
        case .filter, .map: .array
        // That of the collection.
        case .sortBy: .unknown
        case .find, .findIndex, .findLast, .findLastIndex, .groupBy, .reduce, .sum: .unknown
        }
    }
}
