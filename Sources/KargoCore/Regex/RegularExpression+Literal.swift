extension RegularExpression {
    /// A pattern that is a plain text with an anchor at one end or both, for which bytes are compared instead.
    struct Literal {
        private let bytes: [UInt8]
        private let isAtStart: Bool
        private let isAtEnd: Bool

        /// The plain text of a pattern, if it is one.
        init?(_ tree: SyntaxTree) {
            guard case .concatenation(var parts) = tree.nodes[tree.root].kind else { return nil }
            isAtStart = Self.removeAssertion(.textStart, from: &parts, at: parts.startIndex, in: tree)
            isAtEnd = Self.removeAssertion(.textEnd, from: &parts, at: parts.endIndex - 1, in: tree)
            guard isAtStart || isAtEnd else { return nil }
            var text = String.UnicodeScalarView()
            for part in parts {
                guard case .scalar(let set) = tree.nodes[part].kind,
                    let scalar = tree.sets[set].onlyMember.flatMap(Unicode.Scalar.init)
                else { return nil }
                text.append(scalar)
            }
            bytes = Array(String(text).utf8)
        }

        private static func removeAssertion(
            _ wanted: SyntaxTree.Assertion,
            from parts: inout [SyntaxTree.NodeID],
            at index: Int,
            in tree: SyntaxTree
        ) -> Bool {
            guard parts.indices.contains(index), case .assertion(wanted) = tree.nodes[parts[index]].kind else {
                return false
            }
            parts.remove(at: index)
            return true
        }

        func matches(_ text: String) -> Bool {
            let text = text.utf8
            if isAtStart, isAtEnd { return text.elementsEqual(bytes) }
            return isAtStart ? text.starts(with: bytes) : text.suffix(bytes.count).elementsEqual(bytes)
        }
    }
}
