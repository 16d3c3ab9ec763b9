extension RegularExpression {
    /// Makes a program of a syntax tree, from its end to its start.
    ///
    /// Backwards, because then what an instruction leads to is always there already, except in a loop. What remains to
    /// be done is kept in a list, not on the stack, so that deep nesting can't exhaust it.
    struct Compiler {
        /// Far more than patterns of people need, and few enough to follow them all through a text.
        static let maximumInstructions = 20_000
        /// What one step through the text may have to copy: the places of all groups for every instruction.
        static let maximumSlots = 1 << 20

        private enum Job {
            case node(SyntaxTree.NodeID)
            case save(slot: Int)
            /// Sets the alternatives that are done aside, and begins with one that goes before them.
            case startAlternative(exit: Int32)
            case endAlternative
            case option(exit: Int32, greedy: Bool)
            case loop(split: Int32, exit: Int32, isOptional: Bool, isNullable: Bool, greedy: Bool)
        }

        private let tree: SyntaxTree
        private var instructions: [Program.Instruction] = [.match]
        private var jobs: [Job] = []
        /// The instruction to go on with after what is compiled now.
        private var next: Int32 = 0
        private var laterAlternatives: [Int32] = []
        private var looksBehind = false
        private var tellsNewline = false
        private var tellsWord = false

        init(_ tree: SyntaxTree) {
            self.tree = tree
        }

        mutating func compile() throws(RegularExpressionError) -> Program {
            push([.save(slot: 1), .node(tree.root), .save(slot: 0)])
            while let job = jobs.popLast() {
                try perform(job)
            }
            guard instructions.count * tree.groupNames.count * 2 <= Self.maximumSlots else {
                throw Self.tooLarge("the pattern has too many groups for its size, use (?:...) where none is captured")
            }
            return Program(
                instructions: instructions,
                start: next,
                groupNames: tree.groupNames,
                alphabet: try Alphabet(tree.sets, tellsNewline: tellsNewline, tellsWord: tellsWord),
                isAnchored: tree.nodes[tree.root].isAnchored,
                looksBehind: looksBehind
            )
        }

        private mutating func push(_ ordered: [Job]) {
            jobs.append(contentsOf: ordered.reversed())
        }

        private mutating func emit(_ instruction: Program.Instruction) throws(RegularExpressionError) {
            guard instructions.count < Self.maximumInstructions else {
                throw Self.tooLarge(
                    "the pattern compiles to more than \(Self.maximumInstructions) instructions, use smaller counts"
                )
            }
            next = Int32(instructions.count)
            instructions.append(instruction)
        }

        private func split(_ body: Int32, _ exit: Int32, greedy: Bool) -> Program.Instruction {
            greedy ? .split(body, exit) : .split(exit, body)
        }

        private mutating func perform(_ job: Job) throws(RegularExpressionError) {
            switch job {
            case .node(let id):
                try compile(tree.nodes[id])
            case .save(let slot):
                try emit(.save(slot: Int32(slot), next: next))
            case .startAlternative(let exit):
                laterAlternatives.append(next)
                next = exit
            case .endAlternative:
                if let later = laterAlternatives.popLast() { try emit(.split(next, later)) }
            case .option(let exit, let greedy):
                try emit(split(next, exit, greedy: greedy))
            case .loop(let index, let exit, let isOptional, let isNullable, let greedy):
                let body = next
                instructions[Int(index)] = split(body, exit, greedy: greedy)
                guard isOptional else { break }
                // x* is (x+)? where x can match nothing, so that the first round may do so, as in RE2 and Go.
                if isNullable { try emit(split(body, exit, greedy: greedy)) } else { next = index }
            }
        }

        private mutating func compile(_ node: SyntaxTree.Node) throws(RegularExpressionError) {
            guard !node.isVoid else { return }
            switch node.kind {
            case .empty:
                break
            case .scalar(let set):
                try emit(.take(set: Int32(set), next: next))
            case .assertion(let assertion):
                note(assertion)
                try emit(.check(assertion, next: next))
            case .capture(let group, let child):
                push([.save(slot: 2 * group + 1), .node(child), .save(slot: 2 * group)])
            case .concatenation(let children):
                push(children.reversed().map { .node($0) })
            case .alternation(let children):
                let earlier = children.dropLast().reversed()
                    .flatMap { child -> [Job] in
                        [.startAlternative(exit: next), .node(child), .endAlternative]
                    }
                push(children.suffix(1).map { .node($0) } + earlier)
            case .repetition(let child, let minimum, let maximum, let greedy):
                try compileRepetition(of: child, minimum: minimum, maximum: maximum, greedy: greedy)
            }
        }

        /// Compiles x{2,4} as xx(x(x)?)? and x{2,} as xx+.
        private mutating func compileRepetition(
            of child: SyntaxTree.NodeID,
            minimum: Int,
            maximum: Int?,
            greedy: Bool
        ) throws(RegularExpressionError) {
            var ordered: [Job] = []
            let exit = next
            if let maximum {
                for _ in minimum..<maximum { ordered += [.node(child), .option(exit: exit, greedy: greedy)] }
            } else {
                // The way back into the loop is known only when its body is compiled.
                try emit(.match)
                ordered = [
                    .node(child),
                    .loop(
                        split: next,
                        exit: exit,
                        isOptional: minimum == 0,
                        isNullable: tree.nodes[child].isNullable,
                        greedy: greedy
                    ),
                ]
            }
            let isLastInLoop = maximum == nil && minimum > 0
            ordered += Array(repeating: .node(child), count: isLastInLoop ? minimum - 1 : minimum)
            push(ordered)
        }

        private mutating func note(_ assertion: SyntaxTree.Assertion) {
            looksBehind = true
            switch assertion {
            case .lineStart, .lineEnd: tellsNewline = true
            case .wordBoundary, .noWordBoundary: tellsWord = true
            case .textStart, .textEnd: break
            }
        }

        static func tooLarge(_ message: String) -> RegularExpressionError {
            RegularExpressionError(code: .tooLarge, message: message, offset: 0)
        }
    }
}
