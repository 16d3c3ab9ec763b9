extension RegularExpression {
    /// What a pattern says.
    ///
    /// The nodes lie in one array and name each other by index, so that no walk, and no release, recurses however
    /// deeply a pattern is nested.
    struct SyntaxTree {
        typealias NodeID = Int

        enum Assertion {
            case textStart
            case textEnd
            case lineStart
            case lineEnd
            case wordBoundary
            case noWordBoundary
        }

        enum Kind {
            case empty
            /// One scalar out of the set at this index of ``sets``.
            case scalar(set: Int)
            case assertion(Assertion)
            case capture(group: Int, NodeID)
            case concatenation([NodeID])
            case alternation([NodeID])
            /// No maximum means any number of times.
            case repetition(NodeID, minimum: Int, maximum: Int?, greedy: Bool)
        }

        struct Node {
            var kind: Kind
            /// Whether it matches the empty text and leaves no trace.
            var isVoid = false
            /// Whether it can match the empty text.
            var isNullable = false
            /// Whether it matches at the start of the text only.
            var isAnchored = false
            /// The number of nodes from here to the farthest leaf.
            var height = 1
            /// How many copies of its innermost part the counted repetitions ask for.
            var copies = 1
        }

        private(set) var nodes: [Node] = []
        private(set) var sets: [ScalarSet] = []
        private var setIndices: [ScalarSet: Int] = [:]
        /// The names of the groups; the group at 0 is the whole match.
        var groupNames: [String?] = [nil]
        var root: NodeID = 0

        mutating func scalar(in set: ScalarSet) -> NodeID {
            let index = setIndices[set] ?? sets.count
            if index == sets.count {
                setIndices[set] = index
                sets.append(set)
            }
            return add(Node(kind: .scalar(set: index)))
        }

        mutating func assertion(_ assertion: Assertion) -> NodeID {
            var node = Node(kind: .assertion(assertion), isNullable: true)
            if case .textStart = assertion { node.isAnchored = true }
            return add(node)
        }

        mutating func capture(group: Int, _ child: NodeID) -> NodeID {
            var node = nodes[child]
            node.kind = .capture(group: group, child)
            node.isVoid = false
            node.height += 1
            return add(node)
        }

        mutating func concatenation(_ children: [NodeID]) -> NodeID {
            let copies = children.map { nodes[$0].copies }.max() ?? 1
            let parts = children.filter { !nodes[$0].isVoid }
            guard let first = parts.first else {
                return add(Node(kind: .empty, isVoid: true, isNullable: true, copies: copies))
            }
            guard parts.count > 1 else { return first }
            return add(
                Node(
                    kind: .concatenation(parts),
                    isNullable: parts.allSatisfy { nodes[$0].isNullable },
                    isAnchored: nodes[first].isAnchored,
                    height: 1 + (parts.map { nodes[$0].height }.max() ?? 0),
                    copies: copies
                )
            )
        }

        mutating func alternation(_ children: [NodeID]) -> NodeID {
            if children.count == 1 { return children[0] }
            return add(
                Node(
                    kind: .alternation(children),
                    isNullable: children.contains { nodes[$0].isNullable },
                    isAnchored: children.allSatisfy { nodes[$0].isAnchored },
                    height: 1 + (children.map { nodes[$0].height }.max() ?? 0),
                    copies: children.map { nodes[$0].copies }.max() ?? 1
                )
            )
        }

        mutating func repetition(_ child: NodeID, minimum: Int, maximum: Int?, greedy: Bool) -> NodeID {
            var node = nodes[child]
            node.kind = .repetition(child, minimum: minimum, maximum: maximum, greedy: greedy)
            node.isVoid = node.isVoid || maximum == 0
            node.isNullable = node.isNullable || minimum == 0
            node.isAnchored = node.isAnchored && minimum > 0
            node.height += 1
            // What is repeated no times is never copied.
            node.copies = maximum == 0 ? 1 : node.copies * max(1, maximum ?? minimum)
            return add(node)
        }

        private mutating func add(_ node: Node) -> NodeID {
            nodes.append(node)
            return nodes.count - 1
        }
    }
}
