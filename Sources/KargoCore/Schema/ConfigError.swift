/// A configuration that does not fit its schema.
package struct ConfigError: Error, Hashable, CustomStringConvertible {
    let kind: String
    let problems: [SchemaProblem]

    /// Makes an error of what is wrong with a step of a kind.
    package init(kind: String, problems: [SchemaProblem]) {
        self.kind = kind
        self.problems = problems
    }

    /// The kind and each problem on a line of its own.
    package var description: String {
        "invalid \(kind) config: " + problems.map(\.description).joined(separator: "\n")
    }
}

/// What is wrong with one value.
package struct SchemaProblem: Sendable, Hashable, CustomStringConvertible {
    /// Names of members and indexes of elements on the way to the value.
    let path: [String]
    let reason: String

    /// Makes a problem.
    package init(path: [String], reason: String) {
        self.path = path
        self.reason = reason
    }

    /// The place as gojsonschema writes it, and the reason.
    package var description: String { "\(path.isEmpty ? "(root)" : path.joined(separator: ".")): \(reason)" }
}
