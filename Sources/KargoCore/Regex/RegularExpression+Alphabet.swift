extension RegularExpression {
    /// The scalars as one pattern tells them apart.
    ///
    /// Scalars that are in the same sets of the pattern are one symbol. A pattern has few symbols, so that a matcher
    /// can use them as the columns of a table.
    struct Alphabet {
        /// What stands on one side of a place in the text.
        enum Neighbor: UInt8 {
            /// The start or the end of the text.
            case edge
            case newline
            case word
            case other
        }

        /// The bits that tell which symbol is in which set are not allowed to be more than this.
        private static let maximumMemberships = 1 << 26
        /// Neither is the sum of the intervals in all sets.
        private static let maximumIntervals = 1 << 22

        /// How many symbols there are; the number itself serves as the symbol for the end of the text.
        private(set) var count = 1
        /// The first scalars of intervals which together are all of Unicode.
        private let starts: [UInt32]
        /// The symbol of each interval.
        private var symbols: [Int32]
        private var asciiSymbols: [Int32] = []
        /// For each symbol, what it is to the symbols beside it.
        private(set) var neighbors: [Neighbor] = []
        /// For each set as many words as it takes for a bit per symbol.
        private var memberships: [UInt64] = []
        private var wordsPerSet = 1

        /// Divides the scalars by the sets of a pattern, and by what its assertions look at.
        init(_ sets: [ScalarSet], tellsNewline: Bool, tellsWord: Bool) throws(RegularExpressionError) {
            let dividers = sets + (tellsNewline ? [.newline] : []) + (tellsWord ? [.word] : [])
            var bounds: Set<UInt32> = [0]
            for range in dividers.lazy.flatMap(\.ranges) {
                bounds.insert(range.lowerBound)
                if range.upperBound < ScalarSet.maximum { bounds.insert(range.upperBound + 1) }
            }
            starts = bounds.sorted()
            symbols = Array(repeating: 0, count: starts.count)
            try divide(by: dividers)
            renumber()
            asciiSymbols = (0..<0x80).map { symbols[interval(of: $0)] }
            try fillMemberships(of: sets)
            fillNeighbors(tellsNewline: tellsNewline, tellsWord: tellsWord)
        }

        func symbol(of scalar: Unicode.Scalar) -> Int {
            if scalar.value < 0x80 { return Int(asciiSymbols[Int(scalar.value)]) }
            return Int(symbols[interval(of: scalar.value)])
        }

        /// Whether the scalars of a symbol are in a set; no set has the end of the text.
        func contains(_ symbol: Int, inSet set: Int) -> Bool {
            symbol < count && memberships[set * wordsPerSet + symbol / 64] & (1 << UInt64(symbol % 64)) != 0
        }

        private func interval(of scalar: UInt32) -> Int {
            var low = 0
            var high = starts.count
            while high - low > 1 {
                let middle = (low + high) / 2
                if starts[middle] <= scalar { low = middle } else { high = middle }
            }
            return low
        }

        private func intervals(of range: ClosedRange<UInt32>) -> ClosedRange<Int> {
            interval(of: range.lowerBound)...interval(of: range.upperBound)
        }

        /// The symbols of a set that the scalars were divided by, some more than once.
        private func members(of set: ScalarSet) -> [Int] {
            set.ranges.flatMap { range in intervals(of: range).map { Int(symbols[$0]) } }
        }

        /// Splits each symbol that is in a set only in part.
        private mutating func divide(by sets: [ScalarSet]) throws(RegularExpressionError) {
            var used: Int32 = 1
            var visited = 0
            for set in sets {
                var inside: [Int32: Int32] = [:]
                for range in set.ranges {
                    let covered = intervals(of: range)
                    visited += covered.count
                    guard visited <= Self.maximumIntervals else { throw Self.tooManyClasses }
                    for interval in covered {
                        let symbol = symbols[interval]
                        if inside[symbol] == nil {
                            inside[symbol] = used
                            used += 1
                        }
                        symbols[interval] = inside[symbol, default: 0]
                    }
                }
            }
        }

        /// Closes the gaps in the numbers that were left where a symbol was in a set as a whole.
        private mutating func renumber() {
            var numbers: [Int32: Int32] = [:]
            for interval in symbols.indices {
                let number = numbers[symbols[interval]] ?? Int32(numbers.count)
                numbers[symbols[interval]] = number
                symbols[interval] = number
            }
            count = numbers.count
        }

        private mutating func fillMemberships(of sets: [ScalarSet]) throws(RegularExpressionError) {
            wordsPerSet = (count + 63) / 64
            guard sets.count * wordsPerSet <= Self.maximumMemberships / 64 else { throw Self.tooManyClasses }
            memberships = Array(repeating: 0, count: sets.count * wordsPerSet)
            for (index, set) in sets.enumerated() {
                for symbol in members(of: set) {
                    memberships[index * wordsPerSet + symbol / 64] |= 1 << UInt64(symbol % 64)
                }
            }
        }

        private mutating func fillNeighbors(tellsNewline: Bool, tellsWord: Bool) {
            neighbors = Array(repeating: .other, count: count) + [.edge]
            if tellsWord {
                for symbol in members(of: .word) { neighbors[symbol] = .word }
            }
            if tellsNewline { neighbors[Int(symbols[interval(of: 0x0A)])] = .newline }
        }

        private static let tooManyClasses = RegularExpressionError(
            code: .tooLarge,
            message: "the pattern has too many different character classes, use fewer",
            offset: 0
        )
    }
}
