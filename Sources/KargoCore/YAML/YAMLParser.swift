import CLibYAML

extension YAMLNode {
    /// Reads every document of a YAML stream, of which JSON is one.
    ///
    /// - Parameter text: The stream.
    /// - Returns: The root node of each document; a document without content is a plain empty scalar, that is `null`.
    /// - Throws: ``SyntaxError`` when the text is not YAML 1.1, an alias has no anchor or contains itself, or nesting
    ///   is deeper than ``JSONValue/maximumDepth``.
    public static func documents(in text: String) throws(SyntaxError) -> [YAMLNode] {
        var composer = YAMLComposer(Array(text.utf8))
        return try composer.documents()
    }
}

/// Builds nodes of libyaml's events.
private struct YAMLComposer: ~Copyable {
    /// libyaml keeps pointers into its own struct and into the input, so neither may move.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let event = UnsafeMutablePointer<yaml_event_t>.allocate(capacity: 1)
    private var hasEvent = false
    private var anchors: [String: YAMLNode?] = [:]
    private var depth = 0

    init(_ bytes: [UInt8]) {
        input = UnsafeMutableBufferPointer.allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        parser.initialize(to: yaml_parser_t())
        event.initialize(to: yaml_event_t())
        yaml_parser_initialize(parser)
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    deinit {
        if hasEvent { yaml_event_delete(event) }
        yaml_parser_delete(parser)
        parser.deallocate()
        event.deallocate()
        input.deallocate()
    }

    mutating func documents() throws(SyntaxError) -> [YAMLNode] {
        var documents: [YAMLNode] = []
        while true {
            try advance()
            switch event.pointee.type {
            case YAML_STREAM_END_EVENT: return documents
            case YAML_DOCUMENT_START_EVENT:
                anchors = [:]
                try advance()
                documents.append(try node())
            default: continue
            }
        }
    }

    private mutating func advance() throws(SyntaxError) {
        if hasEvent { yaml_event_delete(event) }
        hasEvent = false
        guard yaml_parser_parse(parser, event) != 0 else { throw problem() }
        hasEvent = true
    }

    private func problem() -> SyntaxError {
        let state = parser.pointee
        let message = state.problem.map { String(cString: $0) } ?? "not readable"
        let context = state.context.map { String(cString: $0) + ": " } ?? ""
        // A reader's problem (encoding, control character) has an offset and no mark.
        let mark = state.error == YAML_READER_ERROR ? state.mark : state.problem_mark
        return SyntaxError(message: context + message, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    private func error(_ message: String) -> SyntaxError {
        let mark = YAMLNode.Mark(event.pointee.start_mark)
        return SyntaxError(message: message, line: mark.line, column: mark.column)
    }

    /// The node that begins with the current event; on return the current event is the node's last.
    private mutating func node() throws(SyntaxError) -> YAMLNode {
        guard depth < JSONValue.maximumDepth else { throw error("nested deeper than \(JSONValue.maximumDepth) levels") }
        depth += 1
        defer { depth -= 1 }
        let start = YAMLNode.Mark(event.pointee.start_mark)
        var end = YAMLNode.Mark(event.pointee.end_mark)
        let content: YAMLNode.Content
        let anchor: String?
        let tag: String?
        switch event.pointee.type {
        case YAML_ALIAS_EVENT:
            let name = String(cString: event.pointee.data.alias.anchor)
            guard let target = anchors[name] else { throw error("alias *\(name) has no anchor") }
            guard let target else { throw error("alias *\(name) stands inside the node that it names") }
            return YAMLNode(content: .alias(target), tag: nil, start: start, end: end, isAnchored: false)
        case YAML_SCALAR_EVENT:
            let scalar = event.pointee.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            anchor = scalar.anchor.map { String(cString: $0) }
            tag = scalar.tag.map { String(cString: $0) }
            content = .scalar(String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        case YAML_SEQUENCE_START_EVENT:
            anchor = event.pointee.data.sequence_start.anchor.map { String(cString: $0) }
            tag = event.pointee.data.sequence_start.tag.map { String(cString: $0) }
            if let anchor { anchors[anchor] = .some(nil) }
            content = .sequence(try elements(&end))
        case YAML_MAPPING_START_EVENT:
            anchor = event.pointee.data.mapping_start.anchor.map { String(cString: $0) }
            tag = event.pointee.data.mapping_start.tag.map { String(cString: $0) }
            if let anchor { anchors[anchor] = .some(nil) }
            content = .mapping(try entries(&end))
        default:
            throw error("unexpected end of a document")
        }
        let node = YAMLNode(content: content, tag: tag, start: start, end: end, isAnchored: anchor != nil)
        if let anchor { anchors[anchor] = node }
        return node
    }

    private mutating func elements(_ end: inout YAMLNode.Mark) throws(SyntaxError) -> [YAMLNode] {
        var elements: [YAMLNode] = []
        while true {
            try advance()
            if event.pointee.type == YAML_SEQUENCE_END_EVENT {
                end = YAMLNode.Mark(event.pointee.end_mark)
                return elements
            }
            elements.append(try node())
        }
    }

    private mutating func entries(_ end: inout YAMLNode.Mark) throws(SyntaxError) -> [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = []
        while true {
            try advance()
            if event.pointee.type == YAML_MAPPING_END_EVENT {
                end = YAMLNode.Mark(event.pointee.end_mark)
                return entries
            }
            let key = try node()
            try advance()
            entries.append(YAMLNode.Entry(key: key, value: try node()))
        }
    }
}

extension YAMLNode.Mark {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(index: Int(mark.index), line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
