/// A node of a YAML document with its comments, as it can be written again.
struct YAMLPart {
    /// How a scalar is written.
    enum Style: Equatable {
        case plain
        case singleQuoted
        case doubleQuoted
        /// `|` or `>` with what follows it, and the lines without their indentation.
        case block(header: String, lines: [String])
    }

    enum Content {
        /// The value, and what stands for it in one line of the text; nothing if it takes several.
        case scalar(String, Style, token: String?)
        case mapping([Entry])
        case sequence([Entry])
        /// The name of an anchor.
        case alias(String)
    }

    /// An entry of a mapping, or of a sequence, which has no key.
    struct Entry {
        /// Lines above it: comments, and blank ones.
        var head: [String] = []
        var key: Key?
        /// What stands behind the key where the value begins in another line.
        var keyComment: String?
        var value: YAMLPart
    }

    /// A key of a mapping.
    struct Key {
        /// What it says.
        let text: String
        /// What it is written as.
        let token: String
    }

    var content: Content
    /// Tag and anchor.
    var properties = ""
    /// Whether a collection is in braces or brackets, in one line.
    var isFlow = false
    /// Whether a scalar means nothing.
    var isNull = false
    /// Whether a scalar is text.
    var isText = false
    /// A comment behind it.
    var comment: String?

    /// What messages call it.
    var kindName: String {
        switch content {
        case .scalar: "a scalar"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}

/// A YAML document with its comments.
struct YAMLPartDocument {
    var root: YAMLPart
    /// Lines behind the last node.
    var foot: [String] = []
}
