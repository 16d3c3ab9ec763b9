/// A set of Unicode code points, kept as sorted ranges that neither overlap nor touch.
///
/// Code points rather than `Unicode.Scalar`, since a pattern may name surrogates; no text has any.
struct ScalarSet: Hashable, Sendable {
    static let maximum: UInt32 = 0x10_FFFF
    static let all = ScalarSet([0...maximum])
    static let newline = ScalarSet([0x0A...0x0A])
    /// What `\w` and word boundaries mean in RE2: ASCII only.
    static let word = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])

    private(set) var ranges: [ClosedRange<UInt32>]

    /// Makes a set of ranges in any order.
    init(_ unordered: [ClosedRange<UInt32>] = []) {
        ranges = []
        for range in unordered.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            append(range)
        }
    }

    /// The only member, if there is just one.
    var onlyMember: UInt32? {
        guard ranges.count == 1, ranges[0].lowerBound == ranges[0].upperBound else { return nil }
        return ranges[0].lowerBound
    }

    var inverted: ScalarSet {
        var result = ScalarSet()
        var start: UInt32 = 0
        for range in ranges {
            if start < range.lowerBound { result.ranges.append(start...(range.lowerBound - 1)) }
            start = range.upperBound + 1
        }
        if start <= Self.maximum { result.ranges.append(start...Self.maximum) }
        return result
    }

    func contains(_ scalar: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(scalar)
    }

    func union(_ other: ScalarSet) -> ScalarSet {
        guard !ranges.isEmpty else { return other }
        var result = ScalarSet()
        result.ranges.reserveCapacity(ranges.count + other.ranges.count)
        var left = ranges[...]
        var right = other.ranges[...]
        while let first = left.first, let second = right.first {
            if first.lowerBound <= second.lowerBound {
                result.append(first)
                left.removeFirst()
            } else {
                result.append(second)
                right.removeFirst()
            }
        }
        for range in left { result.append(range) }
        for range in right { result.append(range) }
        return result
    }

    func intersection(_ other: ScalarSet) -> ScalarSet {
        inverted.union(other.inverted).inverted
    }

    /// Adds a range that doesn't start before the last one.
    private mutating func append(_ range: ClosedRange<UInt32>) {
        if let last = ranges.last, range.lowerBound <= last.upperBound + 1 {
            ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        } else {
            ranges.append(range)
        }
    }
}
