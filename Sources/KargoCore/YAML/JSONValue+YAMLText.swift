extension JSONValue {
    /// The value as a YAML document, in the exact layout of Kubernetes' own tools.
    ///
    /// The layout is that of go-yaml 2 as `sigs.k8s.io/yaml` drives it: members in natural order (`a2` before `a10`),
    /// lists not indented below their key, text of several lines as a literal block where one can hold it, a string
    /// in quotes where it would be read as something else, long strings folded after 80 columns.
    public func yaml() -> String {
        var emitter = YAMLEmitter(.goYAML2)
        emitter.write(self)
        return emitter.text
    }
}

extension JSONValue: YAMLWritable {
    typealias Failure = Never

    func yamlForm(_ layout: YAMLLayout) -> YAMLForm<JSONValue> {
        switch self {
        case .null: .plain("null")
        case .bool(let flag): .plain(flag ? "true" : "false")
        case .int(let number): .plain(String(number))
        case .double(let number): .plain(Self.yamlText(of: number))
        case .string(let text): .string(text)
        case .array(let elements): .list(elements)
        case .object(let members):
            .mapping(
                members.sorted { layout.keyOrder.precedes($0.key, $1.key) }
                    .map { (key: .string($0.key), value: $0.value) }
            )
        }
    }

    /// `sigs.k8s.io/yaml` reads the JSON text of a number back as YAML before it writes it: integral numbers lose
    /// their point.
    private static func yamlText(of number: Double) -> String {
        let json = GoNumber.json(number)
        return Int64(json) != nil || UInt64(json) != nil ? json : YAMLScalar.text(of: number)
    }
}
