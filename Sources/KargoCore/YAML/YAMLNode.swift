/// A node of a YAML document as it was written: styles, tags and places are kept.
public struct YAMLNode: Sendable {
    /// What the node holds.
    public indirect enum Content: Sendable {
        /// Text, and whether it was written without quotes and block indicators.
        case scalar(String, isPlain: Bool)
        /// Elements in order.
        case sequence([YAMLNode])
        /// Entries in order, duplicates included.
        case mapping([Entry])
        /// A copy of the node that an alias (`*name`) stands for.
        case alias(YAMLNode)
    }

    /// An entry of a mapping.
    public struct Entry: Sendable {
        /// The key.
        public var key: YAMLNode
        /// The value.
        public var value: YAMLNode
    }

    /// A place in the text.
    public struct Mark: Sendable, Hashable {
        /// Characters before it, as libyaml counts them: Unicode scalars of the text.
        public var index: Int
        /// Line, counted from 1.
        public var line: Int
        /// Column, counted from 1, in characters.
        public var column: Int
    }

    /// What the node holds.
    public var content: Content
    /// The tag as written out (`tag:yaml.org,2002:str`), if there is one.
    public var tag: String?
    /// Where the node begins: at its tag or anchor, if it has one.
    public var start: Mark
    /// Where the node ends; for plain and quoted scalars the place behind the last character.
    public var end: Mark
    /// Whether the node has an anchor.
    public var isAnchored: Bool
}
