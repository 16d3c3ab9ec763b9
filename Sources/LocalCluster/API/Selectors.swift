import KargoCore

/// Which objects of a collection are meant.
struct Selection: Sendable {
    var namespace: String?
    var labels: LabelQuery
    var fields: FieldQuery

    /// Whether nothing but the namespace is said.
    var isEverything: Bool { labels.isEmpty && fields.isEmpty }

    func contains(_ object: StoredObject) throws -> Bool {
        if let namespace, object.key.namespace != namespace { return false }
        return try labels.matches(object.labels) && fields.matches(object)
    }
}

/// The text is no selector.
struct MalformedSelector: Error {
    var text: String
}

/// A selector by labels: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, `a>1`, `a<1`, with commas between
/// them.
struct LabelQuery: Sendable, Hashable {
    private enum Requirement: Sendable, Hashable {
        case oneOf(String, Set<String>)
        case noneOf(String, Set<String>)
        case present(String)
        case absent(String)
        case greater(String, Int64)
        case less(String, Int64)

        var key: String {
            switch self {
            case .oneOf(let key, _), .noneOf(let key, _), .present(let key), .absent(let key), .greater(let key, _),
                .less(let key, _):
                key
            }
        }

        var values: Set<String> {
            switch self {
            case .oneOf(_, let values), .noneOf(_, let values): values
            case .present, .absent, .greater, .less: []
            }
        }
    }

    private var requirements: [Requirement] = []

    var isEmpty: Bool { requirements.isEmpty }

    init(_ text: String) throws(MalformedSelector) {
        guard !text.allSatisfy({ $0 == " " }) else { return }
        for part in Self.parts(of: text) {
            guard let requirement = Self.requirement(part.trimmed), ObjectName.isQualifiedName(requirement.key),
                requirement.values.allSatisfy(ObjectName.isLabelValue)
            else { throw MalformedSelector(text: text) }
            requirements.append(requirement)
        }
    }

    /// The requirements: a comma inside parentheses does not separate.
    private static func parts(of text: String) -> [Substring] {
        var depth = 0
        return text.split(omittingEmptySubsequences: false) { character in
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            return character == "," && depth == 0
        }
    }

    private static func requirement(_ text: Substring) -> Requirement? {
        func sides(_ range: Range<Substring.Index>) -> (key: String, value: String) {
            (String(text[..<range.lowerBound].trimmed), String(text[range.upperBound...].trimmed))
        }
        if let range = text.firstRange(of: "!=") {
            let (key, value) = sides(range)
            return .noneOf(key, [value])
        }
        if let range = text.firstRange(of: "==") ?? text.firstRange(of: "=") {
            let (key, value) = sides(range)
            return .oneOf(key, [value])
        }
        if let range = text.firstRange(of: ">") {
            let (key, value) = sides(range)
            return Int64(value).map { .greater(key, $0) }
        }
        if let range = text.firstRange(of: "<") {
            let (key, value) = sides(range)
            return Int64(value).map { .less(key, $0) }
        }
        if text.hasPrefix("!") { return .absent(String(text.dropFirst().trimmed)) }
        guard let space = text.firstIndex(where: { $0 == " " || $0 == "(" }) else { return .present(String(text)) }
        let key = String(text[..<space])
        let rest = text[space...].trimmed
        for (word, isPositive) in [("notin", false), ("in", true)] where rest.hasPrefix(word) {
            let list = rest.dropFirst(word.count).trimmed
            guard list.hasPrefix("("), list.hasSuffix(")") else { return nil }
            let values = list.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
                .map { String($0.trimmed) }
            return isPositive ? .oneOf(key, Set(values)) : .noneOf(key, Set(values))
        }
        return nil
    }

    func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .oneOf(let key, let values): labels[key].map(values.contains) ?? false
            case .noneOf(let key, let values): !(labels[key].map(values.contains) ?? false)
            case .present(let key): labels[key] != nil
            case .absent(let key): labels[key] == nil
            case .greater(let key, let bound): labels[key].flatMap(Int64.init).map { $0 > bound } ?? false
            case .less(let key, let bound): labels[key].flatMap(Int64.init).map { $0 < bound } ?? false
            }
        }
    }
}

/// A selector by fields: `metadata.name=x,status.phase!=Running`.
///
/// A backslash takes the meaning of a comma, an equals sign or a backslash in a value away.
struct FieldQuery: Sendable, Hashable {
    private struct Requirement: Sendable, Hashable {
        var path: String
        var value: String
        var isEqual: Bool
    }

    private var requirements: [Requirement] = []

    init(_ text: String) throws(MalformedSelector) {
        for part in Self.parts(of: text) {
            guard let range = part.firstRange(of: "!=") ?? part.firstRange(of: "==") ?? part.firstRange(of: "=") else {
                throw MalformedSelector(text: text)
            }
            requirements.append(
                Requirement(
                    path: String(part[..<range.lowerBound].trimmed),
                    value: Self.unescaped(part[range.upperBound...].trimmed),
                    isEqual: part[range] != "!="
                )
            )
        }
    }

    var isEmpty: Bool { requirements.isEmpty }

    /// The fields that are looked at.
    var paths: [String] { requirements.map(\.path) }

    private static func parts(of text: String) -> [Substring] {
        var isEscaped = false
        return text.split { character in
            defer { isEscaped = character == "\\" && !isEscaped }
            return character == "," && !isEscaped
        }
    }

    private static func unescaped(_ text: Substring) -> String {
        var value = ""
        var rest = text
        while let next = rest.popFirst() { value.append(next == "\\" ? rest.popFirst() ?? next : next) }
        return value
    }

    /// Whether an object matches; its text is read only if the names do not decide.
    func matches(_ object: StoredObject) throws -> Bool {
        var rest: [Requirement] = []
        for requirement in requirements {
            switch requirement.path {
            case "metadata.name":
                if (object.key.name == requirement.value) != requirement.isEqual { return false }
            case "metadata.namespace":
                if (object.key.namespace == requirement.value) != requirement.isEqual { return false }
            default: rest.append(requirement)
            }
        }
        guard !rest.isEmpty else { return true }
        let paths = rest.map { $0.path.split(separator: ".").map(String.init) }
        let value = try JSONValue(parsing: object.body, keeping: FieldOutline(paths))
        return rest.allSatisfy { requirement in
            let found = requirement.path.split(separator: ".").reduce(Optional(value)) { $0?[String($1)] }
            let text =
                switch found {
                case .string(let text): text
                case nil, .null: requirement.path == "spec.hostNetwork" ? "false" : ""
                case let other?: other.text()
                }
            return (text == requirement.value) == requirement.isEqual
        }
    }
}

extension ResourceDefinition {
    /// Fields besides name and namespace by which Kubernetes selects objects of the kinds that are not custom.
    private static let builtinFields: [ResourceID: Set<String>] = [
        ResourceID(group: "", plural: "pods"): [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
            "status.phase", "status.podIP", "status.nominatedNodeName",
        ],
        ResourceID(group: "", plural: "events"): [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
            "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
            "reportingComponent", "type",
        ],
        ResourceID(group: "", plural: "secrets"): ["type"],
        ResourceID(group: "", plural: "namespaces"): ["status.phase"],
    ]

    /// Whether objects can be selected by a field.
    func selectsFields(_ path: String) -> Bool {
        path == "metadata.name" || path == "metadata.namespace"
            || selectableFields.contains(path) || Self.builtinFields[resource]?.contains(path) == true
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
