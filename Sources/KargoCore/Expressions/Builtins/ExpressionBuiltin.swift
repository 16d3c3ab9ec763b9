/// A function of the language itself that takes values; those that take a predicate are ``LoopFunction``s.
enum ExpressionBuiltin: String, CaseIterable, Sendable {
    case abs
    case bitand
    case bitnand
    case bitnot
    case bitor
    case bitshl
    case bitshr
    case bitushr
    case bitxor
    case ceil
    case concat
    case date
    case duration
    case first
    case flatten
    case float
    case floor
    case fromBase64
    case fromJSON
    case fromPairs
    case get
    case hasPrefix
    case hasSuffix
    case indexOf
    case int
    case join
    case keys
    case last
    case lastIndexOf
    case len
    case lower
    case max
    case mean
    case median
    case min
    case now
    case repeating = "repeat"
    case replace
    case reverse
    case round
    case sort
    case split
    case splitAfter
    case string
    case take
    case timezone
    case toBase64
    case toJSON
    case toPairs
    case trim
    case trimPrefix
    case trimSuffix
    case type
    case uniq
    case upper
    case values

    /// How many arguments it takes.
    var arity: ClosedRange<Int> {
        switch self {
        case .abs, .bitnot, .ceil, .duration, .first, .flatten, .float, .floor, .fromBase64, .fromJSON, .fromPairs,
            .int, .keys,
            .last, .len, .lower, .reverse, .round, .string, .timezone, .toBase64, .toJSON, .toPairs, .type, .uniq,
            .upper,
            .values:
            1...1
        case .bitand, .bitnand, .bitor, .bitshl, .bitshr, .bitushr, .bitxor, .get, .hasPrefix, .hasSuffix, .indexOf,
            .lastIndexOf, .repeating, .take:
            2...2
        case .join, .sort, .trim, .trimPrefix, .trimSuffix: 1...2
        case .split, .splitAfter: 2...3
        case .replace: 3...4
        case .concat, .max, .mean, .median, .min: 1...Int.max
        case .date: 1...4
        case .now: 0...1
        }
    }

    /// The kind of every result, not told of maps whose keys may be anything.
    var result: ExpressionKind {
        switch self {
        case .bitand, .bitnand, .bitnot, .bitor, .bitshl, .bitshr, .bitushr, .bitxor, .indexOf, .int, .lastIndexOf,
            .len:
            .int
        case .ceil, .float, .floor, .round: .double
        case .fromBase64, .join, .lower, .repeating, .replace, .string, .toBase64, .toJSON, .trim, .trimPrefix,
            .trimSuffix, .type, .upper:
            .string
        case .concat, .flatten, .keys, .reverse, .sort, .split, .splitAfter, .toPairs, .uniq, .values: .array
        case .hasPrefix, .hasSuffix: .bool
        case .date, .now: .time
        case .duration: .duration
        case .timezone: .zone
        case .abs, .first, .fromJSON, .fromPairs, .get, .last, .max, .mean, .median, .min, .take: .unknown
        }
    }

    /// Whether a literal `nil` is no mistake as an argument.
    func takesNil(at position: Int) -> Bool {
        switch self {
        case .date, .string, .toJSON, .type: true
        case .get: position == 1
        default: false
        }
    }

    /// Whether the first argument may be of a kind; with variables that hold others it just finds nothing.
    func canTake(_ kind: ExpressionKind) -> Bool {
        switch self {
        case .first, .last, .sort: kind.canBe(.array) || kind == .bytes
        case .max, .mean, .median, .min: kind.canBe(.array) || kind == .bytes || kind.isNumber
        case .get: kind.canBe(.array) || kind == .bytes || kind == .map
        default: true
        }
    }

    /// The positions at which a literal with a fraction is a mistake, though a variable that holds one may not be.
    var integerParameters: [Int] {
        switch self {
        case .bitand, .bitnand, .bitor, .bitshl, .bitshr, .bitushr, .bitxor: [0, 1]
        case .bitnot: [0]
        case .repeating, .take: [1]
        case .split, .splitAfter: [2]
        case .replace: [3]
        default: []
        }
    }
}

extension ExpressionBuiltin {
    /// Computes the result for arguments whose number is right.
    func apply(
        to arguments: ExpressionArguments,
        at moment: inout ExpressionMoment,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        switch self {
        case .abs: try NumberFunctions.abs(arguments)
        case .bitand: try NumberFunctions.bits(arguments) { $0 & $1 }
        case .bitnand: try NumberFunctions.bits(arguments) { $0 & ~$1 }
        case .bitnot: .int(~(try arguments.integer(at: 0)))
        case .bitor: try NumberFunctions.bits(arguments) { $0 | $1 }
        case .bitshl: try NumberFunctions.shift(arguments) { $0 << $1 }
        case .bitshr: try NumberFunctions.shift(arguments) { $0 >> $1 }
        case .bitushr: try NumberFunctions.shift(arguments) { Int64(bitPattern: UInt64(bitPattern: $0) >> $1) }
        case .bitxor: try NumberFunctions.bits(arguments) { $0 ^ $1 }
        case .ceil: try NumberFunctions.round(arguments, .up)
        case .concat: try CollectionFunctions.concat(arguments, &budget)
        case .date: try TimeFunctions.date(arguments, &budget)
        case .duration: try TimeFunctions.duration(arguments)
        case .first: CollectionFunctions.element(arguments, at: 0)
        case .flatten: try CollectionFunctions.flatten(arguments, &budget)
        case .float: try NumberFunctions.float(arguments)
        case .floor: try NumberFunctions.round(arguments, .down)
        case .fromBase64: try EncodingFunctions.fromBase64(arguments, &budget)
        case .fromJSON: try EncodingFunctions.fromJSON(arguments, &budget)
        case .fromPairs: try MapFunctions.fromPairs(arguments, &budget)
        case .get: try CollectionFunctions.get(arguments)
        case .hasPrefix: try ExpressionText.test(arguments) { $0.utf8.starts(with: $1.utf8) }
        case .hasSuffix: try ExpressionText.test(arguments) { $0.utf8.reversed().starts(with: $1.utf8.reversed()) }
        case .indexOf: try TextFunctions.indexOf(arguments, &budget)
        case .int: try NumberFunctions.int(arguments)
        case .join: try TextFunctions.join(arguments, &budget)
        case .keys: try MapFunctions.entries(arguments, &budget) { $0.key }
        case .last: CollectionFunctions.element(arguments, at: -1)
        case .lastIndexOf: try TextFunctions.lastIndexOf(arguments, &budget)
        case .len: try CollectionFunctions.len(arguments)
        case .lower: try TextFunctions.mapCase(arguments, &budget, GoText.lowercased)
        case .max: try NumberFunctions.extreme(arguments, .less, &budget)
        case .mean: try NumberFunctions.mean(arguments, &budget)
        case .median: try NumberFunctions.median(arguments, &budget)
        case .min: try NumberFunctions.extreme(arguments, .greater, &budget)
        case .repeating: try TextFunctions.repeating(arguments, &budget)
        case .now: try TimeFunctions.now(arguments, moment.read())
        case .replace: try TextFunctions.replace(arguments, &budget)
        case .reverse: try CollectionFunctions.reverse(arguments, &budget)
        case .round: try NumberFunctions.round(arguments, .toNearestOrAwayFromZero)
        case .sort: try CollectionFunctions.sort(arguments, &budget)
        case .split: try TextFunctions.split(arguments, &budget, keepsSeparator: false)
        case .splitAfter: try TextFunctions.split(arguments, &budget, keepsSeparator: true)
        case .string: .string(try GoText.describe(arguments[0], &budget))
        case .take: try CollectionFunctions.take(arguments, &budget)
        case .timezone: try TimeFunctions.timezone(arguments, &budget)
        case .toBase64: try EncodingFunctions.toBase64(arguments, &budget)
        case .toJSON: .string(try arguments[0].jsonText(.indented, &budget))
        case .toPairs: try MapFunctions.entries(arguments, &budget) { .array([$0.key, $0.value]) }
        case .trim: try TextFunctions.trim(arguments, &budget)
        case .trimPrefix: try TextFunctions.trimPrefix(arguments, &budget)
        case .trimSuffix: try TextFunctions.trimSuffix(arguments, &budget)
        case .type: .string(arguments[0].typeName)
        case .uniq: try CollectionFunctions.uniq(arguments, &budget)
        case .upper: try TextFunctions.mapCase(arguments, &budget, GoText.uppercased)
        case .values: try MapFunctions.entries(arguments, &budget) { $0.value }
        }
    }
}
