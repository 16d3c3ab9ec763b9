extension RegularExpression {
    /// Finds the leftmost match and the places of its groups, with the preferences of Perl.
    ///
    /// It follows all ways through the program at once, in the order in which a backtracking engine would try them. Of
    /// two ways which come to the same instruction at the same place only the first can become the match.
    struct GroupFinder {
        typealias Places = [String.Index?]

        private enum Step {
            case visit(Int32)
            /// Takes back a place when the ways behind it have been visited.
            case restore(slot: Int, String.Index?)
        }

        /// Ways through the program in order of preference, each with its places.
        private struct Ways {
            var instructions: [Int32] = []
            var places: Places = []

            mutating func removeAll() {
                instructions.removeAll(keepingCapacity: true)
                places.removeAll(keepingCapacity: true)
            }
        }

        private let program: Program
        private let text: String.UnicodeScalarView
        private var index: String.Index
        private var previous = Alphabet.Neighbor.edge
        private var next = Alphabet.Neighbor.edge
        private var symbol = 0
        private var visited: MarkedSet
        private var steps: [Step] = []
        /// The places on the way that is visited now.
        private var places: Places
        private var reached = Ways()
        private var match: Places?

        init(_ program: Program, in text: String) {
            self.program = program
            self.text = text.unicodeScalars
            index = text.startIndex
            visited = MarkedSet(capacity: program.instructions.count)
            places = Array(repeating: nil, count: program.groupNames.count * 2)
        }

        /// The start and the end of each group, if there is a match.
        mutating func find() -> Places? {
            var ways = Ways()
            while true {
                symbol = index < text.endIndex ? program.alphabet.symbol(of: text[index]) : program.alphabet.count
                next = program.alphabet.neighbors[symbol]
                advance(ways)
                guard index < text.endIndex, !reached.instructions.isEmpty || canStartLater else { return match }
                swap(&ways, &reached)
                previous = next
                index = text.index(after: index)
            }
        }

        private var canStartLater: Bool { match == nil && !program.isAnchored }

        /// Takes all ways past the current symbol.
        private mutating func advance(_ ways: Ways) {
            visited.removeAll()
            reached.removeAll()
            for (number, instruction) in ways.instructions.enumerated() {
                let start = number * places.count
                places.replaceSubrange(places.indices, with: ways.places[start..<(start + places.count)])
                // A match ends the ways behind it, which are less preferred.
                if follow(from: instruction) { return }
            }
            guard match == nil, !program.isAnchored || index == text.startIndex else { return }
            for slot in places.indices { places[slot] = nil }
            _ = follow(from: program.start)
        }

        /// Follows a way and its branches to the instructions that take a scalar, and tells whether it came to a match.
        private mutating func follow(from start: Int32) -> Bool {
            steps.append(.visit(start))
            while let step = steps.popLast() {
                switch step {
                case .restore(let slot, let place):
                    places[slot] = place
                case .visit(let instruction) where visited.insert(instruction):
                    if visit(program.instructions[Int(instruction)]) {
                        steps.removeAll(keepingCapacity: true)
                        return true
                    }
                case .visit:
                    continue
                }
            }
            return false
        }

        private mutating func visit(_ instruction: Program.Instruction) -> Bool {
            switch instruction {
            case .match:
                match = places
                return true
            case .take(let set, let target):
                guard program.alphabet.contains(symbol, inSet: Int(set)) else { return false }
                reached.instructions.append(target)
                reached.places.append(contentsOf: places)
            case .check(let assertion, let target):
                if assertion.holds(between: previous, and: next) { steps.append(.visit(target)) }
            case .save(let slot, let target):
                steps.append(.restore(slot: Int(slot), places[Int(slot)]))
                steps.append(.visit(target))
                places[Int(slot)] = index
            case .split(let preferred, let other):
                steps.append(.visit(other))
                steps.append(.visit(preferred))
            }
            return false
        }
    }
}
