import KargoCore

/// A selector by labels: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, with commas between them.
struct LabelQuery: Sendable, Hashable {
    private enum Requirement: Sendable, Hashable {
        case oneOf(String, Set<String>)
        case noneOf(String, Set<String>)
        case present(String)
        case absent(String)
    }

    /// The text is no selector.
    struct Malformed: Error {
        var text: String
    }

    private var requirements: [Requirement] = []

    init(_ text: String) throws(Malformed) {
        for part in Self.parts(of: text) {
            let requirement = part.trimmed
            if requirement.isEmpty { continue }
            requirements.append(try Self.requirement(requirement, in: text))
        }
    }

    /// The requirements: a comma inside parentheses does not separate.
    private static func parts(of text: String) -> [Substring] {
        var depth = 0
        return text.split(omittingEmptySubsequences: true) { character in
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            return character == "," && depth == 0
        }
    }

    private static func requirement(_ text: Substring, in whole: String) throws(Malformed) -> Requirement {
        if let range = text.firstRange(of: "!=") {
            return .noneOf(String(text[..<range.lowerBound].trimmed), [String(text[range.upperBound...].trimmed)])
        }
        if let range = text.firstRange(of: "==") ?? text.firstRange(of: "=") {
            return .oneOf(String(text[..<range.lowerBound].trimmed), [String(text[range.upperBound...].trimmed)])
        }
        if text.hasPrefix("!") { return .absent(String(text.dropFirst().trimmed)) }
        guard let space = text.firstIndex(where: { $0 == " " || $0 == "(" }) else { return .present(String(text)) }
        let key = String(text[..<space])
        let rest = text[space...].trimmed
        for (word, isPositive) in [("notin", false), ("in", true)] where rest.hasPrefix(word) {
            let list = rest.dropFirst(word.count).trimmed
            guard list.hasPrefix("("), list.hasSuffix(")") else { break }
            let values = Set(list.dropFirst().dropLast().split(separator: ",").map { String($0.trimmed) })
            return isPositive ? .oneOf(key, values) : .noneOf(key, values)
        }
        throw Malformed(text: whole)
    }

    func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .oneOf(let key, let values): labels[key].map(values.contains) ?? false
            case .noneOf(let key, let values): !(labels[key].map(values.contains) ?? false)
            case .present(let key): labels[key] != nil
            case .absent(let key): labels[key] == nil
            }
        }
    }
}

/// A selector by fields: `metadata.name=x,status.phase!=Running`.
struct FieldQuery: Sendable, Hashable {
    private struct Requirement: Sendable, Hashable {
        var path: [String]
        var value: String
        var isEqual: Bool
    }

    private var requirements: [Requirement] = []

    init(_ text: String) throws(LabelQuery.Malformed) {
        for part in text.split(separator: ",") {
            guard let range = part.firstRange(of: "!=") ?? part.firstRange(of: "==") ?? part.firstRange(of: "=") else {
                throw LabelQuery.Malformed(text: text)
            }
            requirements.append(
                Requirement(
                    path: part[..<range.lowerBound].split(separator: ".").map { String($0.trimmed) },
                    value: String(part[range.upperBound...].trimmed),
                    isEqual: part[range] != "!="
                )
            )
        }
    }

    var isEmpty: Bool { requirements.isEmpty }

    /// Whether an object matches; its text is read only if the names do not decide.
    func matches(_ object: StoredObject) throws -> Bool {
        var rest: [Requirement] = []
        for requirement in requirements {
            switch requirement.path {
            case ["metadata", "name"]:
                if (object.key.name == requirement.value) != requirement.isEqual { return false }
            case ["metadata", "namespace"]:
                if (object.key.namespace == requirement.value) != requirement.isEqual { return false }
            default: rest.append(requirement)
            }
        }
        guard !rest.isEmpty else { return true }
        let value = try object.json()
        return rest.allSatisfy { requirement in
            let found = requirement.path.reduce(Optional(value)) { $0?[$1] }
            let text =
                switch found {
                case .string(let text): text
                case nil, .null: ""
                case let other?: other.text()
                }
            return (text == requirement.value) == requirement.isEqual
        }
    }
}

/// Which objects of a collection are meant.
struct Selection: Sendable {
    var namespace: String?
    var labels: LabelQuery
    var fields: FieldQuery

    func contains(_ object: StoredObject) throws -> Bool {
        if let namespace, object.key.namespace != namespace { return false }
        return try labels.matches(object.labels) && fields.matches(object)
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
