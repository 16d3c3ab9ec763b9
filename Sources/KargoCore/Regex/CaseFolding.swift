/// Which code points are one letter when case is ignored: Unicode's simple case folding, as in RE2.
///
/// A letter may have more than two forms: `k`, `K` and the Kelvin sign, or `s`, `S` and the long s.
enum CaseFolding {
    private struct Pair: Sendable {
        var scalar: UInt32
        var equivalent: UInt32
    }

    /// The set with every other form of its letters.
    static func closure(of set: ScalarSet) -> ScalarSet {
        let isASCII = (set.ranges.last?.upperBound ?? 0) < 0x80
        let added = (isASCII ? asciiPairs : pairs).filter { set.contains($0.scalar) }
        return set.union(ScalarSet(added.map { $0.equivalent...$0.equivalent }))
    }

    /// The forms of the ASCII letters; most patterns need no others, and so don't pay for finding them.
    private static let asciiPairs: [Pair] = {
        var pairs = (UInt32(0x41)...0x5A)
            .flatMap { upper in
                [Pair(scalar: upper, equivalent: upper + 0x20), Pair(scalar: upper + 0x20, equivalent: upper)]
            }
        for (letter, other) in [(UInt32(0x4B), UInt32(0x212A)), (0x53, 0x17F)] {
            pairs.append(Pair(scalar: letter, equivalent: other))
            pairs.append(Pair(scalar: letter + 0x20, equivalent: other))
        }
        return pairs
    }()

    private static let pairs: [Pair] = {
        var orbits: [UInt32: [UInt32]] = [:]
        for value in UInt32(0)...0x1_FFFF {
            guard let scalar = Unicode.Scalar(value), scalar.properties.changesWhenCaseMapped else { continue }
            orbits[representative(of: scalar), default: []].append(value)
        }
        return orbits.values.flatMap { orbit in
            orbit.flatMap { scalar in
                orbit.filter { $0 != scalar }.map { Pair(scalar: scalar, equivalent: $0) }
            }
        }
    }()

    /// The form that all forms of a letter have in common.
    private static func representative(of scalar: Unicode.Scalar) -> UInt32 {
        // The Turkish dotless i has I as its capital, but isn't an i: CaseFolding.txt leaves it alone.
        guard scalar != "\u{131}" else { return scalar.value }
        let upper = single(scalar.properties.uppercaseMapping) ?? scalar
        return (single(upper.properties.lowercaseMapping) ?? upper).value
    }

    private static func single(_ mapping: String) -> Unicode.Scalar? {
        mapping.unicodeScalars.count == 1 ? mapping.unicodeScalars.first : nil
    }
}
