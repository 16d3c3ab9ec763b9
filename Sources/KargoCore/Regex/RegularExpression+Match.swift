extension RegularExpression {
    /// A match, with what its groups matched.
    public struct Match: Sendable, Hashable {
        /// The text that was searched.
        public let text: String
        /// Where the match is.
        public let range: Range<String.Index>
        /// Where each group is, in the order of the opening parentheses; the first is the match itself.
        ///
        /// A group has no range if the match doesn't go through it, and its last one if it goes through repeatedly.
        public let groups: [Range<String.Index>?]
        private let names: [String?]

        init?(text: String, places: [String.Index?], names: [String?]) {
            let groups = names.indices.map { group -> Range<String.Index>? in
                guard let start = places[2 * group], let end = places[2 * group + 1] else { return nil }
                return start..<end
            }
            guard let range = groups[0] else { return nil }
            self.text = text
            self.range = range
            self.groups = groups
            self.names = names
        }

        /// What a group matched; nothing if it matched nothing or if there is no such group.
        public subscript(_ group: Int) -> Substring? {
            guard groups.indices.contains(group), let range = groups[group] else { return nil }
            return text[range]
        }

        /// What the first group of this name matched; nothing if it matched nothing or if there is no such group.
        public subscript(_ name: String) -> Substring? {
            names.firstIndex(of: name).flatMap { self[$0] }
        }
    }
}
