/// Why a path leads to no scalar.
struct YAMLPathProblem: Error {
    let reason: String
}

/// The scalar that an update is about.
struct YAMLScalarTarget {
    let update: YAMLEditor.Update
    /// The collections on the way, outermost first.
    private(set) var ancestors: [YAMLNode] = []
    let node: YAMLNode

    init(_ update: YAMLEditor.Update, in root: YAMLNode?) throws(YAMLPathProblem) {
        guard var node = root else { throw YAMLPathProblem(reason: "not found, the document is empty") }
        for part in update.path {
            ancestors.append(node)
            node = try Self.child(part, of: node)
        }
        guard case .scalar = node.content else {
            throw YAMLPathProblem(reason: "is \(node.kindWithArticle) and not a scalar")
        }
        self.update = update
        self.node = node
    }

    /// The places whose byte offsets are needed.
    var marks: [YAMLNode.Mark] { ancestors.map(\.start) + [node.start, node.end] }

    /// Whether the scalar is read as the update's value.
    var holdsValue: Bool {
        guard case .scalar(let text, let isPlain) = node.content else { return false }
        if case .string(let value) = update.value {
            return text.hasSameBytes(as: value) && (!isPlain || node.tag != nil || text.meansItself)
        }
        return isPlain && text.hasSameBytes(as: YAMLEditor.scalarText(of: update.value))
    }

    private static func child(_ part: String, of node: YAMLNode) throws(YAMLPathProblem) -> YAMLNode {
        switch node.content {
        case .mapping(let entries):
            for entry in entries {
                if case .scalar(let key, _) = entry.key.content, key.hasSameBytes(as: part) { return entry.value }
            }
            throw YAMLPathProblem(reason: "not found, there is no key \"\(part)\" at line \(node.start.line)")
        case .sequence(let elements):
            guard let index = Int(part) else {
                throw YAMLPathProblem(
                    reason: "\"\(part)\" must be an index, for there is a list at line \(node.start.line)"
                )
            }
            guard elements.indices.contains(index) else {
                throw YAMLPathProblem(
                    reason: "not found, the list at line \(node.start.line) has \(elements.count) elements"
                )
            }
            return elements[index]
        case .alias:
            throw YAMLPathProblem(
                reason: "leads through an alias at line \(node.start.line); change what it stands for"
            )
        case .scalar:
            throw YAMLPathProblem(reason: "not found, there is a scalar at line \(node.start.line)")
        }
    }
}

extension YAMLNode {
    fileprivate var kindWithArticle: String {
        switch content {
        case .scalar: "a scalar"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .alias: "an alias"
        }
    }
}

/// Where characters stand in UTF-8: libyaml counts them without a byte order mark.
struct YAMLByteOffsets {
    private var offsets: [Int: Int] = [:]

    init(of marks: [YAMLNode.Mark], in bytes: [UInt8]) {
        var wanted = Set(marks.map(\.index)).sorted()[...]
        var index = -1
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        for offset in start..<bytes.count where bytes[offset] & 0xC0 != 0x80 {
            guard let next = wanted.first else { return }
            index += 1
            if index == next { offsets[wanted.removeFirst()] = offset }
        }
        for index in wanted { offsets[index] = bytes.count }
    }

    subscript(mark: YAMLNode.Mark) -> Int { offsets[mark.index] ?? 0 }
}
