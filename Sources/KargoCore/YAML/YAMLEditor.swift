/// Gives scalars of a YAML text new values and leaves every other byte of it as it is.
///
/// Comments, anchors, blank lines, line ends and the layout stay. A scalar keeps its tag unless the new value
/// contradicts it, and its quotes if the new value is a string. Whatever would be read as something else is written in
/// quotes.
public enum YAMLEditor {
    /// A new value for one scalar.
    public struct Update: Sendable, Hashable {
        /// The way to the scalar from the root: keys of mappings and indexes of sequences.
        public var path: [String]
        /// The value: a string, a number, a Boolean or `null`.
        public var value: JSONValue

        /// Makes an update.
        public init(path: [String], value: JSONValue) {
            self.path = path
            self.value = value
        }
    }

    /// Why a text can't be changed.
    public enum Failure: Error, Hashable, CustomStringConvertible {
        /// The first document is not YAML.
        case syntax(SyntaxError)
        /// An update can't be made.
        case update(path: [String], reason: String)

        /// The place or the key, and the reason.
        public var description: String {
            switch self {
            case .syntax(let error): "the text is not YAML: \(error)"
            case .update(let path, let reason): "key \"\(path.joined(separator: "."))\": \(reason)"
            }
        }
    }

    /// Changes the first document of a text.
    ///
    /// - Parameters:
    ///   - updates: The new values; of two for one scalar the last counts. Nothing is created: each scalar must exist.
    ///   - text: The text.
    /// - Returns: The new text.
    /// - Throws: ``Failure`` if the text is not YAML, or an update names nothing, or something that is not a scalar.
    public static func apply(_ updates: [Update], to text: String) throws(Failure) -> String {
        let root: YAMLNode?
        do throws(SyntaxError) {
            root = try YAMLNode.firstDocument(in: text)
        } catch {
            throw .syntax(error)
        }
        var targets: [Int: YAMLScalarTarget] = [:]
        for update in updates {
            do throws(YAMLPathProblem) {
                let target = try YAMLScalarTarget(update, in: root)
                targets[target.node.start.index] = target
            } catch {
                throw .update(path: update.path, reason: error.reason)
            }
        }
        let ordered = targets.values.sorted { $0.node.start.index < $1.node.start.index }
        var bytes = Array(text.utf8)
        let offsets = YAMLByteOffsets(of: ordered.flatMap(\.marks), in: bytes)
        let tokens = ordered.map { YAMLScalarToken($0, in: bytes, offsets) }
        // Scalars don't overlap, so changes from the end on don't move what is still to be changed.
        for (target, token) in zip(ordered, tokens).reversed() {
            for edit in token.edits(for: target.update.value).reversed() {
                bytes.replaceSubrange(edit.range, with: edit.replacement)
            }
        }
        let result = String(decoding: bytes, as: UTF8.self)
        if !tokens.allSatisfy(\.isReplaceable) { try verify(ordered.map(\.update), in: result) }
        return result
    }

    /// A value as it stands in a text of its own, such as a message: quoted where it would be read as something else.
    ///
    /// - Parameter value: The value; an array or an object is written as JSON.
    /// - Returns: One line.
    public static func scalarText(of value: JSONValue) -> String {
        guard case .string(let text) = value else { return value.text() }
        return text.isPlainYAML(inFlow: false) ? text : GoQuote.quote(text)
    }

    /// Some scalars can't be changed where they are, such as the value of `{key}`, which isn't written at all.
    private static func verify(_ updates: [Update], in text: String) throws(Failure) {
        // What the text has become is of no use to anyone if it is no YAML.
        let root = try? YAMLNode.firstDocument(in: text)
        for update in updates {
            if let target = try? YAMLScalarTarget(update, in: root), target.holdsValue { continue }
            throw .update(path: update.path, reason: "can't be changed in place; write it out as \"key: value\"")
        }
    }
}
