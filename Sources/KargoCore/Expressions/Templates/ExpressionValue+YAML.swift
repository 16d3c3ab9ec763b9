extension ExpressionValue {
    /// The YAML that `yaml.Marshal` of go-yaml 3 would write.
    ///
    /// - Throws: ``ExpressionError`` for a function, and for a value too large or too deep to write down.
    func yamlText() throws(ExpressionError) -> String {
        var emitter = YAMLEmitter(
            .goYAML3,
            limits: YAMLEmitter.Limits(
                bytes: ExpressionBudget.maximumBytes,
                nodes: ExpressionBudget.maximumElements,
                depth: ExpressionBudget.maximumValueDepth
            )
        )
        try emitter.write(self)
        switch emitter.overrun {
        case nil: return emitter.text
        case .size: throw .tooLargeForYAML
        case .depth:
            let most = ExpressionBudget.maximumValueDepth
            throw ExpressionError(.limit, "the value nests deeper than \(most) levels and can't be written as YAML")
        }
    }
}

extension ExpressionError {
    fileprivate static let tooLargeForYAML = ExpressionError(.limit, "the value is too large to be written as YAML")
}

extension ExpressionValue: YAMLWritable {
    typealias Failure = ExpressionError

    func yamlForm(_ layout: YAMLLayout) throws(ExpressionError) -> YAMLForm<ExpressionValue> {
        switch self {
        case .null: return .plain("null")
        case .bool(let flag): return .plain(flag ? "true" : "false")
        case .int(let number): return .plain(String(number))
        case .unsigned(let number): return .plain(String(number))
        case .double(let number): return .plain(YAMLScalar.text(of: number))
        case .string(let text): return .string(text)
        case .array(let elements): return .list(elements)
        case .bytes(let bytes):
            // Each becomes a node, which takes far more memory.
            guard bytes.count <= ExpressionBudget.maximumElements else { throw .tooLargeForYAML }
            return .list(bytes.map { .int(Int64($0)) })
        case .map(let map): return .mapping(map.yamlEntries(layout.keyOrder))
        case .time(let time): return .plain(time.yamlText)
        case .duration(let duration): return .string(duration.description)
        // A structure in Go, of which nothing can be seen.
        case .zone: return .mapping([])
        case .calendar(let unit): return .plain(String(unit.number))
        case .version(let version): return .string(version.description)
        case .record(let record): return .mapping(record.yamlEntries)
        case .function: throw ExpressionError("a function can't be written as YAML; call it")
        }
    }
}

extension GoTime {
    fileprivate var yamlText: String { formatted("2006-01-02T15:04:05.999999999Z07:00") }
}

extension ExpressionRecord {
    /// go-yaml knows nothing of the names in JSON.
    fileprivate var yamlEntries: [(key: ExpressionValue, value: ExpressionValue)] {
        fields.map { field in
            // Kargo's structures have the times of Kubernetes, which are text to go-yaml and so get quotes.
            let value: ExpressionValue =
                if case .time(let time) = field.value { .string(time.yamlText) } else { field.value }
            return (key: .string(field.name.lowercased()), value: value)
        }
    }
}

extension ExpressionMap {
    fileprivate func yamlEntries(_ order: YAMLKeyOrder) -> [(key: ExpressionValue, value: ExpressionValue)] {
        switch storage {
        case .values(let entries):
            entries.sorted { order.precedes($0.key, $1.key) }.map { (key: .string($0.key), value: $0.value) }
        case .texts(let entries):
            entries.sorted { order.precedes($0.key, $1.key) }.map { (key: .string($0.key), value: .string($0.value)) }
        case .keyed(let entries):
            entries.sorted { $0.key.precedes($1.key, order) }.map { (key: $0.key, value: $0.value) }
        }
    }
}

// MARK: Keys of any kind

extension ExpressionValue {
    /// The order of go-yaml for keys that need not be strings: numbers and Booleans by value, all else by its kind.
    fileprivate func precedes(_ other: ExpressionValue, _ order: YAMLKeyOrder) -> Bool {
        if let number = yamlKeyNumber, let otherNumber = other.yamlKeyNumber, number != otherNumber {
            return number < otherNumber
        }
        if yamlKeyRank != other.yamlKeyRank { return yamlKeyRank < other.yamlKeyRank }
        return switch (self, other) {
        case (.string(let text), .string(let otherText)): order.precedes(text, otherText)
        case (.int(let number), .int(let otherNumber)): number < otherNumber
        case (.unsigned(let number), .unsigned(let otherNumber)): number < otherNumber
        // Go leaves these as they come, which is at random.
        case (.time(let time), .time(let otherTime)): time.isBefore(otherTime)
        case (.version(let version), .version(let otherVersion)):
            version.description.precedesInBytes(otherVersion.description)
        default: false
        }
    }

    private var yamlKeyNumber: Double? {
        switch self {
        case .bool(let flag): flag ? 1 : 0
        case .int(let number): Double(number)
        case .unsigned(let number): Double(number)
        case .double(let number): number
        case .duration(let duration): Double(duration.nanoseconds)
        case .calendar(let unit): Double(unit.number)
        default: nil
        }
    }

    /// Where the kind stands among Go's `reflect.Kind`.
    private var yamlKeyRank: Int {
        switch self {
        case .bool: 1
        case .int, .calendar: 2
        case .duration: 6
        case .unsigned: 11
        case .double: 14
        case .null: 20
        case .string: 24
        // Structures.
        default: 25
        }
    }
}
