/// Writes values in block style, as go-yaml does.
///
/// What go-yaml itself would read as something else is written otherwise: a literal block that begins with a blank says
/// how far it is really indented, one that begins with a tab says so too, and the text `<<` has quotes.
struct YAMLEmitter {
    /// What a document may take.
    struct Limits {
        var bytes = Int.max
        var nodes = Int.max
        var depth = Int.max
    }

    /// Which limit was passed.
    enum Overrun {
        case size
        case depth
    }

    /// Where a node stands.
    private enum Place {
        case document
        /// In a list, whose dashes stand in this column.
        case list(Int)
        /// In a mapping, whose keys stand in this column.
        case mapping(Int)
        /// A key in this column, with its value behind it.
        case key(Int)

        /// Where the collection begins that the node is in.
        var column: Int {
            switch self {
            case .document: 0
            case .list(let column), .mapping(let column), .key(let column): column
            }
        }
    }

    /// A longer key is written in the form `? key`.
    private static let longestSimpleKey = 128

    private let layout: YAMLLayout
    private let limits: Limits
    private var output: YAMLOutput
    private var nodeCount = 0
    private var depth = 0
    /// The limit that was passed, if one was; what has been written is then of no use.
    private(set) var overrun: Overrun?

    init(_ layout: YAMLLayout, limits: Limits = Limits()) {
        self.layout = layout
        self.limits = limits
        output = YAMLOutput(maximumBytes: limits.bytes)
    }

    /// What has been written.
    var text: String { String(decoding: output.bytes, as: UTF8.self) }

    /// Writes a document.
    mutating func write<Value: YAMLWritable>(_ value: Value) throws(Value.Failure) {
        try write(value, in: .document)
        output.writeIndent(0)
        if output.isTruncated { overrun = .size }
    }

    private mutating func write<Value: YAMLWritable>(_ value: Value, in place: Place) throws(Value.Failure) {
        nodeCount += 1
        if output.isTruncated || nodeCount > limits.nodes { overrun = .size }
        if depth > limits.depth { overrun = .depth }
        guard overrun == nil else { return }
        try write(try value.yamlForm(layout), in: place)
    }

    private mutating func write<Value: YAMLWritable>(
        _ form: YAMLForm<Value>,
        in place: Place
    ) throws(Value.Failure) {
        switch form {
        case .plain(let text): output.writePlain(text, indent: indent(in: place), width: nil)
        case .string(let text): write(text, in: place)
        case .list(let elements) where elements.isEmpty: writeEmpty("[", "]")
        case .list(let elements): try write(elements, in: place)
        case .mapping(let entries) where entries.isEmpty: writeEmpty("{", "}")
        case .mapping(let entries): try write(entries, in: place)
        }
    }

    // MARK: Collections

    private mutating func write<Value: YAMLWritable>(_ elements: [Value], in place: Place) throws(Value.Failure) {
        depth += 1
        var indent = collectionIndent(in: place)
        if case .mapping(let column) = place, !layout.indentsLists, !output.isInIndentation { indent = column }
        for element in elements {
            output.writeIndent(indent)
            output.writeIndicator("-", needsWhitespace: true, keepsIndentation: true)
            try write(element, in: .list(indent))
        }
        depth -= 1
    }

    private mutating func write<Value: YAMLWritable>(
        _ entries: [(key: Value, value: Value)],
        in place: Place
    ) throws(Value.Failure) {
        depth += 1
        let indent = collectionIndent(in: place)
        for (key, value) in entries {
            try writeKey(try key.yamlForm(layout), indent: indent)
            try write(value, in: .mapping(indent))
        }
        depth -= 1
    }

    private mutating func writeKey<Key: YAMLWritable>(
        _ form: YAMLForm<Key>,
        indent: Int
    ) throws(Key.Failure) {
        output.writeIndent(indent)
        if Self.isSimpleKey(form) {
            try write(form, in: .key(indent))
            output.writeIndicator(":", needsWhitespace: false)
        } else {
            output.writeIndicator("?", needsWhitespace: true, keepsIndentation: true)
            try write(form, in: .mapping(indent))
            output.writeIndent(indent)
            output.writeIndicator(":", needsWhitespace: true, keepsIndentation: true)
        }
    }

    private static func isSimpleKey<Key>(_ form: YAMLForm<Key>) -> Bool {
        switch form {
        case .plain: true
        case .string(let text): text.utf8.count <= longestSimpleKey && !ScalarAnalysis(text).isMultiline
        case .list(let elements): elements.isEmpty
        case .mapping(let entries): entries.isEmpty
        }
    }

    private mutating func writeEmpty(_ open: Unicode.Scalar, _ close: Unicode.Scalar) {
        output.writeIndicator(open, needsWhitespace: true)
        output.writeIndicator(close, needsWhitespace: false)
    }

    // MARK: Text

    private mutating func write(_ text: String, in place: Place) {
        let isKey = if case .key = place { true } else { false }
        let indent = indent(in: place)
        let width = isKey ? nil : layout.width
        switch ScalarAnalysis(text, allowsTabsInBlocks: layout.allowsTabsInBlocks).style(isKey: isKey) {
        case .plain: output.writePlain(text, indent: indent, width: width)
        case .singleQuoted: output.writeSingleQuoted(text, indent: indent, width: width)
        case .doubleQuoted: output.writeDoubleQuoted(text, indent: indent, width: width)
        case .literal: output.writeLiteral(text, indent: indent, in: place.column)
        }
    }

    // MARK: Indentation

    private func collectionIndent(in place: Place) -> Int {
        if case .document = place { 0 } else { indent(in: place) }
    }

    /// Where the further lines of a scalar begin.
    private func indent(in place: Place) -> Int {
        switch place {
        case .document: layout.indent
        // Beside the dash and its space.
        case .list(let column): column + 2
        case .mapping(let column), .key(let column): (column / layout.indent + 1) * layout.indent
        }
    }
}
