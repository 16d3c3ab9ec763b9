extension RegularExpression {
    /// Takes one step through a text on all ways through a program at once, without a record of the ways.
    struct Walker {
        /// Where the ways through a program have come to before one symbol of the text is read.
        struct Position: Hashable {
            /// The instructions to go on with, each once and in ascending order.
            var instructions: [Int32]
            /// What stands before this place; always the same where the program doesn't look.
            var previous: Alphabet.Neighbor

            func hash(into hasher: inout Hasher) {
                // All the bytes at once take a tenth of the time of one number after the other.
                instructions.withUnsafeBytes { hasher.combine(bytes: $0) }
                hasher.combine(previous)
            }
        }

        private let program: Program
        private var visited: MarkedSet
        /// The instructions to go on with after the symbol, a bit for each, which puts them in order.
        private var reached: [UInt64]
        private var pending: [Int32] = []

        init(_ program: Program) {
            self.program = program
            visited = MarkedSet(capacity: program.instructions.count)
            reached = Array(repeating: 0, count: program.instructions.count / 64 + 1)
        }

        /// The position before the first symbol.
        var first: Position { Position(instructions: [program.start], previous: .edge) }

        /// Reads a symbol, or the end of the text.
        ///
        /// - Returns: The position after it, or nothing if a match ends before it.
        mutating func step(from position: Position, on symbol: Int) -> Position? {
            let next = program.alphabet.neighbors[symbol]
            visited.removeAll()
            if !program.isAnchored { reach(program.start) }
            for instruction in position.instructions {
                pending.append(instruction)
                while let index = pending.popLast() {
                    guard visited.insert(index) else { continue }
                    switch program.instructions[Int(index)] {
                    case .match:
                        pending.removeAll(keepingCapacity: true)
                        _ = takeReached()
                        return nil
                    case .take(let set, let target):
                        if program.alphabet.contains(symbol, inSet: Int(set)) { reach(target) }
                    case .check(let assertion, let target):
                        if assertion.holds(between: position.previous, and: next) { pending.append(target) }
                    case .save(_, let target):
                        pending.append(target)
                    case .split(let preferred, let other):
                        pending.append(other)
                        pending.append(preferred)
                    }
                }
            }
            return Position(instructions: takeReached(), previous: program.looksBehind ? next : .other)
        }

        private mutating func reach(_ instruction: Int32) {
            reached[Int(instruction) / 64] |= 1 << UInt64(instruction % 64)
        }

        private mutating func takeReached() -> [Int32] {
            var instructions: [Int32] = []
            for word in reached.indices where reached[word] != 0 {
                var bits = reached[word]
                reached[word] = 0
                while bits != 0 {
                    instructions.append(Int32(word * 64 + bits.trailingZeroBitCount))
                    bits &= bits - 1
                }
            }
            return instructions
        }

        /// Whether a text has a match.
        mutating func matches(_ text: String) -> Bool {
            var position = first
            for scalar in text.unicodeScalars {
                guard let next = step(from: position, on: program.alphabet.symbol(of: scalar)) else { return true }
                guard !next.instructions.isEmpty else { return false }
                position = next
            }
            return step(from: position, on: program.alphabet.count) == nil
        }
    }

    /// A set of instructions which is emptied in no time.
    struct MarkedSet {
        private var marks: [Int]
        private var mark = 1

        init(capacity: Int) {
            marks = Array(repeating: 0, count: capacity)
        }

        mutating func removeAll() {
            mark += 1
        }

        /// Adds an instruction, and tells whether it was missing.
        mutating func insert(_ instruction: Int32) -> Bool {
            guard marks[Int(instruction)] != mark else { return false }
            marks[Int(instruction)] = mark
            return true
        }
    }
}
