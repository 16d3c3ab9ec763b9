#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension JSONValue {
    /// What becomes of a key that stands twice in one mapping.
    public enum DuplicateKeys: Sendable {
        /// It is an error.
        case rejected
        /// The last one is kept.
        case lastWins
    }

    /// The most nodes that aliases may add to a document.
    private static let maximumAliasedNodes = 100_000

    /// Reads a YAML stream of exactly one document.
    ///
    /// Scalars mean what they mean to Kubernetes' own tools, which is YAML 1.1: `yes` is a Boolean and `0777` is 511.
    ///
    /// - Parameters:
    ///   - text: The stream.
    ///   - duplicateKeys: What becomes of a key that stands twice.
    /// - Throws: ``SyntaxError`` when the text is not YAML, holds more than one document, or a value that JSON has not.
    public init(yaml text: String, duplicateKeys: DuplicateKeys = .rejected) throws(SyntaxError) {
        let documents = try YAMLNode.documents(in: text)
        if documents.count > 1 {
            let start = documents[1].start
            throw SyntaxError(message: "expected one document, found another", line: start.line, column: start.column)
        }
        self = try documents.first?.jsonValue(duplicateKeys: duplicateKeys) ?? .null
    }

    /// Reads every document of a YAML stream; those without content are left out.
    ///
    /// - Parameters:
    ///   - text: The stream.
    ///   - duplicateKeys: What becomes of a key that stands twice.
    /// - Returns: The documents in order.
    /// - Throws: ``SyntaxError`` when the text is not YAML, or holds a value that JSON has not.
    public static func documents(
        inYAML text: String,
        duplicateKeys: DuplicateKeys = .rejected
    ) throws(SyntaxError) -> [JSONValue] {
        var values: [JSONValue] = []
        for document in try YAMLNode.documents(in: text) {
            let value = try document.jsonValue(duplicateKeys: duplicateKeys)
            if !value.isNull { values.append(value) }
        }
        return values
    }

    fileprivate struct Conversion {
        let duplicateKeys: DuplicateKeys
        var aliasDepth = 0
        var aliasedNodes = 0

        init(duplicateKeys: DuplicateKeys) {
            self.duplicateKeys = duplicateKeys
        }

        mutating func enter(_ node: YAMLNode) throws(SyntaxError) {
            guard aliasDepth > 0 else { return }
            aliasedNodes += 1
            if aliasedNodes > maximumAliasedNodes { throw node.error("too many nodes by way of aliases") }
        }
    }
}

extension YAMLNode {
    /// The node as JSON, its aliases followed and its merge keys (`<<`) merged.
    ///
    /// - Parameter duplicateKeys: What becomes of a key that stands twice in one mapping.
    /// - Returns: The value.
    /// - Throws: ``SyntaxError`` for what JSON can't hold: infinity, a key that is `null` or not a scalar, a text that
    ///   is not what its tag says.
    public func jsonValue(duplicateKeys: JSONValue.DuplicateKeys = .rejected) throws(SyntaxError) -> JSONValue {
        var conversion = JSONValue.Conversion(duplicateKeys: duplicateKeys)
        return try jsonValue(&conversion)
    }

    private func jsonValue(_ conversion: inout JSONValue.Conversion) throws(SyntaxError) -> JSONValue {
        try conversion.enter(self)
        switch content {
        case .alias(let target):
            conversion.aliasDepth += 1
            defer { conversion.aliasDepth -= 1 }
            return try target.jsonValue(&conversion)
        case .scalar(let text, let isPlain):
            return try scalarValue(text, isPlain: isPlain)
        case .sequence(let nodes):
            var elements: [JSONValue] = []
            elements.reserveCapacity(nodes.count)
            for node in nodes { elements.append(try node.jsonValue(&conversion)) }
            return .array(elements)
        case .mapping(let entries):
            return .object(try members(entries, &conversion))
        }
    }

    private func members(
        _ entries: [Entry],
        _ conversion: inout JSONValue.Conversion
    ) throws(SyntaxError) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        var merged: [String: JSONValue] = [:]
        for entry in entries {
            if entry.key.isMergeKey {
                for source in entry.value.mergeSources {
                    guard case .object(let other) = try source.jsonValue(&conversion) else {
                        throw source.error("a merge key takes a mapping or a list of mappings")
                    }
                    merged.merge(other) { first, _ in first }
                }
                continue
            }
            let key = try entry.key.memberName()
            let value = try entry.value.jsonValue(&conversion)
            if members.updateValue(value, forKey: key) != nil, conversion.duplicateKeys == .rejected {
                throw entry.key.error("the key \"\(key)\" stands twice in one mapping")
            }
        }
        return members.merging(merged) { own, _ in own }
    }

    private var isMergeKey: Bool {
        guard case .scalar("<<", isPlain: true) = content else { return false }
        return tag == nil || tag == YAMLScalar.coreTagPrefix + "merge"
    }

    private var mergeSources: [YAMLNode] {
        if case .sequence(let nodes) = content { nodes } else { [self] }
    }

    private func memberName() throws(SyntaxError) -> String {
        switch content {
        case .alias(let target): return try target.memberName()
        case .sequence, .mapping: throw error("a key must be a scalar")
        case .scalar(let text, let isPlain):
            switch try scalarValue(text, isPlain: isPlain) {
            case .string(let name): return name
            case .bool(let flag): return flag ? "true" : "false"
            case .int(let number): return String(number)
            case .double(let number): return GoNumber.general(number)
            default: throw error("a key can't be null; write it in quotes")
            }
        }
    }

    private func scalarValue(_ text: String, isPlain: Bool) throws(SyntaxError) -> JSONValue {
        guard let tag else { return isPlain ? try value(of: YAMLScalar.meaning(of: text), text) : .string(text) }
        guard tag.hasPrefix(YAMLScalar.coreTagPrefix) else { return .string(text) }
        let name = tag.dropFirst(YAMLScalar.coreTagPrefix.count)
        switch (name, YAMLScalar.meaning(of: text)) {
        case ("str", _): return .string(text)
        case ("binary", _):
            let compact = text.filter { !$0.isWhitespace }
            guard let data = Data(base64Encoded: compact), let decoded = String(validating: data, as: UTF8.self) else {
                throw error("!!binary is not text in base64")
            }
            return .string(decoded)
        case ("null", let meaning) where meaning == .null: return .null
        case ("bool", .bool(let flag)): return .bool(flag)
        case ("int", .int(let number)): return .int(number)
        case ("float", .int(let number)): return .double(Double(number))
        case ("int", .unsigned(let number)), ("float", .unsigned(let number)): return .double(Double(number))
        case ("float", .double(let number)): return try value(of: .double(number), text)
        case ("timestamp", .timestamp): return .string(text)
        case ("null", _), ("bool", _), ("int", _), ("float", _), ("timestamp", _):
            throw error("\"\(text)\" is no !!\(name)")
        default: return .string(text)
        }
    }

    private func value(of meaning: YAMLScalar.Meaning, _ text: String) throws(SyntaxError) -> JSONValue {
        switch meaning {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .int(let number): return .int(number)
        case .unsigned(let number): return .double(Double(number))
        case .double(let number):
            guard number.isFinite else { throw error("JSON has no \(text); write it in quotes") }
            return .double(number)
        case .merge, .timestamp, .string: return .string(text)
        }
    }

    fileprivate func error(_ message: String) -> SyntaxError {
        SyntaxError(message: message, line: start.line, column: start.column)
    }
}
