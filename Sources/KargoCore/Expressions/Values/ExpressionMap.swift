/// A map of the expression language.
public struct ExpressionMap: Sendable, Hashable {
    /// Go's `map[string]any`, `map[string]string` and `map[any]any`: they differ in what a missing key gives, and maps
    /// of different types are never equal.
    enum Storage: Sendable, Hashable {
        case values([String: ExpressionValue])
        case texts([String: String])
        /// What `groupBy` and `fromPairs` make. Keys are told apart by kind too, and JSON has no such thing.
        case keyed([ExpressionValue: ExpressionValue])
    }

    let storage: Storage

    /// Makes a map in which a missing key reads as `nil`.
    public init(_ values: [String: ExpressionValue]) { storage = .values(values) }

    /// Makes a map of strings, such as a Secret's data, in which a missing key reads as `""`.
    public init(texts: [String: String]) { storage = .texts(texts) }

    init(keyed entries: [ExpressionValue: ExpressionValue]) { storage = .keyed(entries) }

    /// How many entries there are.
    public var count: Int {
        switch storage {
        case .values(let entries): entries.count
        case .texts(let entries): entries.count
        case .keyed(let entries): entries.count
        }
    }

    /// The value of a key, or what the map gives for a missing one.
    public subscript(key: String) -> ExpressionValue {
        switch storage {
        case .values(let entries): entries[key] ?? .null
        case .texts(let entries): .string(entries[key] ?? "")
        case .keyed(let entries): entries[.string(key)] ?? .null
        }
    }

    /// The value of a key that is there.
    func value(ifPresent key: String) -> ExpressionValue? {
        switch storage {
        case .values(let entries): entries[key]
        case .texts(let entries): entries[key].map(ExpressionValue.string)
        case .keyed(let entries): entries[.string(key)]
        }
    }

    /// The values in no order.
    var values: [ExpressionValue] {
        switch storage {
        case .values(let entries): Array(entries.values)
        case .texts(let entries): entries.values.map(ExpressionValue.string)
        case .keyed(let entries): Array(entries.values)
        }
    }

    /// About how many steps it takes to compare or to hash all keys.
    var keyCost: Int {
        switch storage {
        case .values(let entries): entries.keys.reduce(0) { $0 + $1.utf8.count / ExpressionBudget.bytesPerStep }
        case .texts(let entries): entries.keys.reduce(0) { $0 + $1.utf8.count / ExpressionBudget.bytesPerStep }
        case .keyed(let entries): entries.keys.reduce(0) { $0 + $1.textCost }
        }
    }

    /// About how many steps ``sortedEntries`` takes.
    var sortingCost: Int { (count + keyCost) * (Int.bitWidth - count.leadingZeroBitCount) }

    /// The entries in the order of their keys: Go's order is random, but a Promotion should not be.
    var sortedEntries: [(key: ExpressionValue, value: ExpressionValue)] {
        switch storage {
        case .values(let entries):
            entries.sorted { $0.key.precedesInBytes($1.key) }.map { (.string($0.key), $0.value) }
        case .texts(let entries):
            entries.sorted { $0.key.precedesInBytes($1.key) }.map { (.string($0.key), .string($0.value)) }
        case .keyed(let entries):
            entries.sorted { ExpressionComparison.precedesInMap($0.key, $1.key) }.map { ($0.key, $0.value) }
        }
    }
}
