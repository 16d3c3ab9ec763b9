import KargoCore

/// Reads TOML 1.0.
struct TOMLParser {
    var reader: TOMLReader
    private let root = TOMLTable(depth: 0)
    /// The table that keys belong to.
    private var current: TOMLTable
    /// How many headers have been read.
    private var section = 0
    /// How many tables in braces have been read; each is a section of its own, with a negative number.
    private var inlineTableCount = 0

    private init(_ text: String) {
        reader = TOMLReader(Array(text.utf8))
        current = root
    }

    /// Reads a document.
    ///
    /// - Throws: `SyntaxError` if the text is not TOML, or nested deeper than `JSONValue.maximumDepth`.
    static func parse(_ text: String) throws(SyntaxError) -> TOMLTable {
        var parser = TOMLParser(text)
        try parser.parseDocument()
        return parser.root
    }

    private mutating func parseDocument() throws(SyntaxError) {
        while true {
            reader.skipBlanks()
            switch reader.peek() {
            case nil: return
            case UInt8(ascii: "#"), 0x0A, 0x0D: break
            case UInt8(ascii: "["): try parseHeader()
            default: try parseKeyValue(in: current, section: section)
            }
            try reader.endLine()
        }
    }

    // MARK: Headers

    private mutating func parseHeader() throws(SyntaxError) {
        let place = reader.offset
        reader.offset += 1
        let isList = reader.consume("[")
        reader.skipBlanks()
        let key = try parseKey()
        guard reader.consume("]"), !isList || reader.consume("]") else {
            throw reader.error("expected \(isList ? "]]" : "]") behind the name of a table")
        }
        section += 1
        var table = root
        for name in key.dropLast() { table = try descend(to: name, in: table, at: place) }
        guard let name = key.last else { return }
        current = isList ? try appendTable(name, to: table, at: place) : try openTable(name, in: table, at: place)
    }

    private func descend(to name: String, in table: TOMLTable, at place: Int) throws(SyntaxError) -> TOMLTable {
        switch table.members[name] {
        case nil: return try makeTable(name, in: table, at: place)
        case .table(let child) where !child.isInline: return child
        case .some(let item):
            if case .tables(let list) = item, let last = list.tables.last { return last }
            throw reader.error("\"\(name)\" is \(item.kindWithArticle) already", at: place)
        }
    }

    private func openTable(_ name: String, in table: TOMLTable, at place: Int) throws(SyntaxError) -> TOMLTable {
        let child: TOMLTable
        switch table.members[name] {
        case nil: child = try makeTable(name, in: table, at: place)
        case .table(let known) where !known.isInline && !known.hasHeader && known.dottedIn == nil: child = known
        case .table: throw reader.error("the table \"\(name)\" is there already", at: place)
        case .some(let item): throw reader.error("\"\(name)\" is \(item.kindWithArticle) already", at: place)
        }
        child.hasHeader = true
        return child
    }

    private func appendTable(_ name: String, to table: TOMLTable, at place: Int) throws(SyntaxError) -> TOMLTable {
        let list: TOMLTableList
        switch table.members[name] {
        case nil:
            list = TOMLTableList()
            table.members[name] = .tables(list)
        case .tables(let known): list = known
        case .some(let item): throw reader.error("\"\(name)\" is \(item.kindWithArticle) already", at: place)
        }
        let child = TOMLTable(depth: try depth(below: table, at: place))
        child.hasHeader = true
        list.tables.append(child)
        return child
    }

    private func makeTable(_ name: String, in table: TOMLTable, at place: Int) throws(SyntaxError) -> TOMLTable {
        let child = TOMLTable(depth: try depth(below: table, at: place))
        table.members[name] = .table(child)
        return child
    }

    private func depth(below table: TOMLTable, at place: Int) throws(SyntaxError) -> Int {
        guard table.depth < JSONValue.maximumDepth else {
            throw reader.error("nested deeper than \(JSONValue.maximumDepth) levels", at: place)
        }
        return table.depth + 1
    }

    // MARK: Keys

    private mutating func parseKeyValue(in table: TOMLTable, section: Int) throws(SyntaxError) {
        let place = reader.offset
        let key = try parseKey()
        guard reader.consume("=") else { throw reader.error("expected = behind a key") }
        reader.skipBlanks()
        var table = table
        for name in key.dropLast() {
            switch table.members[name] {
            case nil: table = try makeTable(name, in: table, at: place)
            case .table(let child) where !child.isInline && !child.hasHeader && child.dottedIn ?? section == section:
                table = child
            case .some(let item):
                throw reader.error("\"\(name)\" is \(item.kindWithArticle) already", at: place)
            }
            table.dottedIn = section
        }
        guard let name = key.last else { return }
        if table.members[name] != nil { throw reader.error("the key \"\(name)\" is there already", at: place) }
        table.members[name] = try parseValue(depth: table.depth)
    }

    /// Names with dots in between, and the blanks behind them.
    private mutating func parseKey() throws(SyntaxError) -> [String] {
        var names: [String] = []
        repeat {
            reader.skipBlanks()
            names.append(try reader.readName())
            reader.skipBlanks()
        } while reader.consume(".")
        return names
    }

    // MARK: Values

    private mutating func parseValue(depth: Int) throws(SyntaxError) -> TOMLItem {
        guard depth < JSONValue.maximumDepth else {
            throw reader.error("nested deeper than \(JSONValue.maximumDepth) levels")
        }
        switch reader.peek() {
        case UInt8(ascii: "["): return try parseArray(depth: depth + 1)
        case UInt8(ascii: "{"): return try parseInlineTable(depth: depth + 1)
        default:
            let start = reader.offset
            let scalar = try reader.readScalar()
            return .scalar(scalar, start..<reader.offset)
        }
    }

    private mutating func parseArray(depth: Int) throws(SyntaxError) -> TOMLItem {
        reader.offset += 1
        var items: [TOMLItem] = []
        while true {
            try reader.skipBlanksAndLines()
            if reader.consume("]") { return .array(items) }
            items.append(try parseValue(depth: depth))
            try reader.skipBlanksAndLines()
            if reader.consume(",") { continue }
            guard reader.consume("]") else { throw reader.error("expected , or ] in an array") }
            return .array(items)
        }
    }

    private mutating func parseInlineTable(depth: Int) throws(SyntaxError) -> TOMLItem {
        reader.offset += 1
        // Its own dotted keys may add to it while it is read.
        let table = TOMLTable(depth: depth, isInline: true)
        inlineTableCount += 1
        let own = -inlineTableCount
        reader.skipBlanks()
        if reader.consume("}") { return .table(table) }
        while true {
            try parseKeyValue(in: table, section: own)
            reader.skipBlanks()
            if reader.consume(",") { continue }
            guard reader.consume("}") else { throw reader.error("expected , or } in an inline table") }
            table.close()
            return .table(table)
        }
    }
}

extension TOMLTable {
    /// Lets nobody add to the tables of dotted keys in an inline table.
    fileprivate func close() {
        for case .table(let table) in members.values where !table.isInline {
            table.hasHeader = true
            table.close()
        }
    }
}
