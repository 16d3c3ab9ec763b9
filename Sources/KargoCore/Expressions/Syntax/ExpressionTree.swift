/// A parsed expression: nodes in one array that refer to each other by index, children before their parents.
///
/// Nodes hold no references, so that reading one while evaluating costs no reference counting; texts and values stand
/// in tables beside them. A tree can't be copied for the same reason: that would count a reference for each table.
struct ExpressionTree: ~Copyable, Sendable {
    /// A node's place in the tree.
    struct NodeID: Sendable, Hashable {
        var index: Int32
    }

    /// A run of ``children``.
    struct NodeList: Sendable {
        var start: Int32
        var count: Int32
    }

    /// What is done with the elements of an array.
    struct Loop: Sendable {
        var function: LoopFunction
        var collection: NodeID
        var body: NodeID?
        /// The third argument: the order of `sortBy`, the initial value of `reduce`.
        var option: NodeID?
    }

    enum Node: Sendable {
        /// An index into ``constants``.
        case constant(Int32)
        /// An index into ``names``.
        case variable(Int32)
        /// A name that `let` introduced, by slot.
        case local(Int32)
        /// `$env`.
        case environment
        /// `#`.
        case element
        /// `#index`.
        case elementIndex
        /// `#acc`.
        case accumulator
        case unary(UnaryOperator, NodeID)
        case binary(BinaryOperator, NodeID, NodeID)
        /// `matches` with a literal pattern, an index into ``patterns``.
        case matches(NodeID, Int32)
        /// `in` with an array of literal strings, an index into ``textSets``.
        case isOneOf(NodeID, Int32)
        /// `base.name` or `base["name"]`, the name an index into ``names``.
        case member(NodeID, Int32, isOptional: Bool)
        case indexed(NodeID, NodeID, isOptional: Bool)
        case slice(NodeID, from: NodeID?, to: NodeID?)
        /// What `?.` skips when it finds nil.
        case chain(NodeID)
        case conditional(NodeID, NodeID, NodeID)
        case binding(Int32, NodeID, NodeID)
        case sequence(NodeList)
        case array(NodeList)
        /// Keys and values in turn.
        case map(NodeList)
        case builtin(ExpressionBuiltin, NodeList)
        /// An index into ``loops``.
        case loop(Int32)
        /// A call by name, an index into ``names``.
        case call(Int32, NodeList)
        /// A call of a value.
        case invocation(NodeID, NodeList)
    }

    /// A node with what is known of it before evaluation.
    struct Entry: Sendable {
        var node: Node
        var lower: Int32
        var upper: Int32
        var depth: Int16
        var kind: ExpressionKind

        var range: Range<Int> { Int(lower)..<Int(upper) }
    }

    let source: String
    var entries: [Entry] = []
    var children: [NodeID] = []
    var constants: [ExpressionValue] = []
    var names: [String] = []
    var loops: [Loop] = []
    var patterns: [TextPattern] = []
    var textSets: [Set<String>] = []
    /// How many variables `let` introduces.
    var slotCount = 0
    /// The names that `let` introduces; none may be that of a function.
    var bindings: [(name: String, node: NodeID)] = []
    var root = NodeID(index: 0)

    init(_ source: String) {
        self.source = source
        entries.reserveCapacity(min(source.utf8.count / 4 + 2, 64))
    }

    subscript(id: NodeID) -> Node { entries[Int(id.index)].node }

    subscript(list: NodeList) -> ArraySlice<NodeID> { children[Int(list.start)..<Int(list.start + list.count)] }

    func range(of id: NodeID) -> Range<Int> { entries[Int(id.index)].range }

    func kind(of id: NodeID) -> ExpressionKind { entries[Int(id.index)].kind }

    func depth(of id: NodeID?) -> Int { id.map { Int(entries[Int($0.index)].depth) } ?? 0 }

    /// The value of a literal.
    func constant(_ id: NodeID) -> ExpressionValue? {
        guard case .constant(let index) = self[id] else { return nil }
        return constants[Int(index)]
    }

    /// The values of an array of literals.
    func constants(_ id: NodeID) -> [ExpressionValue]? {
        guard case .array(let list) = self[id] else { return nil }
        var values: [ExpressionValue] = []
        for child in self[list] {
            guard let value = constant(child) else { return nil }
            values.append(value)
        }
        return values
    }
}

/// A tree that is complete, where all who evaluate it can share it.
final class ParsedExpression: Sendable {
    let tree: ExpressionTree

    init(_ tree: consuming ExpressionTree) { self.tree = tree }
}
