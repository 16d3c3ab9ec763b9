extension RegularExpression {
    /// A deterministic automaton that is built as texts are matched, and keeps what it has found out.
    struct Automaton {
        private enum Transition {
            case unknown
            case accept
            case reject
            case state(Int32)
        }

        /// How many transitions and instructions may be kept, which bounds it to about a megabyte.
        static let capacity = 1 << 16

        private let alphabet: Alphabet
        private var walker: Walker
        private var states: [Walker.Position] = []
        private var indices: [Walker.Position: Int32] = [:]
        /// One row for each state, with a column for each symbol and one for the end of the text.
        private var transitions: [Transition] = []
        private var heldInstructions = 0

        init(_ program: Program) {
            alphabet = program.alphabet
            walker = Walker(program)
        }

        /// Whether the states of a program are small enough that some can be kept.
        static func suits(_ program: Program) -> Bool {
            program.alphabet.count + program.instructions.count < capacity / 16
        }

        /// Whether a text has a match.
        mutating func matches(_ text: String) -> Bool {
            var state = index(of: walker.first)
            for scalar in text.unicodeScalars {
                switch transition(from: state, on: alphabet.symbol(of: scalar)) {
                case .accept: return true
                case .state(let next): state = next
                case .reject, .unknown: return false
                }
            }
            if case .accept = transition(from: state, on: alphabet.count) { return true }
            return false
        }

        private mutating func transition(from state: Int32, on symbol: Int) -> Transition {
            let cell = Int(state) * (alphabet.count + 1) + symbol
            let known = transitions[cell]
            guard case .unknown = known else { return known }
            guard let position = walker.step(from: states[Int(state)], on: symbol) else {
                transitions[cell] = .accept
                return .accept
            }
            guard !position.instructions.isEmpty else {
                transitions[cell] = .reject
                return .reject
            }
            if transitions.count + heldInstructions > Self.capacity {
                removeAll()
                return .state(index(of: position))
            }
            let next = Transition.state(index(of: position))
            transitions[cell] = next
            return next
        }

        private mutating func index(of position: Walker.Position) -> Int32 {
            if let index = indices[position] { return index }
            let index = Int32(states.count)
            indices[position] = index
            states.append(position)
            heldInstructions += position.instructions.count
            transitions.append(contentsOf: repeatElement(.unknown, count: alphabet.count + 1))
            return index
        }

        private mutating func removeAll() {
            states.removeAll(keepingCapacity: true)
            indices.removeAll(keepingCapacity: true)
            transitions.removeAll(keepingCapacity: true)
            heldInstructions = 0
        }
    }
}
