extension LabelSelector {
    /// The selector as the API takes it: `a=b,c in (d,e),!f`.
    ///
    /// - Throws: ``ValueError`` for an operator that there is not, for values where it takes none or no values where it
    ///   needs some, and for what no label has.
    public func text() throws(ValueError) -> String {
        var parts: [String] = []
        for (key, value) in matchLabels.sorted(by: { $0.key < $1.key }) {
            parts.append("\(try Self.checked(key))=\(try Self.checked(value))")
        }
        for requirement in matchExpressions {
            let key = try Self.checked(requirement.key)
            var values: [String] = []
            for value in requirement.values { values.append(try Self.checked(value)) }
            switch requirement.operator {
            case "In", "NotIn":
                guard !values.isEmpty else {
                    throw ValueError(message: "operator \(requirement.operator) on label \"\(key)\" needs values")
                }
                parts.append("\(key) \(requirement.operator.lowercased()) (\(values.joined(separator: ",")))")
            case "Exists", "DoesNotExist":
                guard values.isEmpty else {
                    throw ValueError(message: "operator \(requirement.operator) on label \"\(key)\" takes no values")
                }
                parts.append(requirement.operator == "Exists" ? key : "!\(key)")
            default:
                throw ValueError(
                    message: "\"\(requirement.operator)\" is no operator; use In, NotIn, Exists or DoesNotExist"
                )
            }
        }
        return parts.joined(separator: ",")
    }

    /// A key or value in which nothing has a meaning of its own.
    private static func checked(_ text: String) throws(ValueError) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-_./".utf8.contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        guard isPlain else { throw ValueError(message: "\(text.debugDescription) can't be part of a label") }
        return text
    }
}
