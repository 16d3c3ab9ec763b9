import KargoCore

/// A set of fields of an object: what `metadata.managedFields` says of a manager (`FieldsV1`).
///
/// It is a tree in the shape of the object. A place in it can be in the set itself, or only lead to what is.
struct FieldSet: Sendable, Hashable {
    /// A step from a value to a part of it.
    enum Element: Sendable, Hashable {
        /// A member of an object.
        case field(String)
        /// The element of a list that has these members.
        case key([String: JSONValue])
        /// The element of a list that equals this.
        case value(JSONValue)
        /// The element of a list at this place.
        case index(Int)
    }

    /// Whether the place itself is in the set.
    private(set) var isMember = false
    private(set) var children: [Element: FieldSet] = [:]

    init() {}

    private init(isMember: Bool, children: [Element: FieldSet]) {
        self.isMember = isMember
        self.children = children.filter { !$0.value.isEmpty }
    }

    var isEmpty: Bool { !isMember && children.isEmpty }

    subscript(_ element: Element) -> FieldSet? { children[element] }

    mutating func insert(_ path: [Element]) { insert(path[...]) }

    private mutating func insert(_ path: ArraySlice<Element>) {
        guard let first = path.first else {
            isMember = true
            return
        }
        children[first, default: FieldSet()].insert(path.dropFirst())
    }

    func union(_ other: FieldSet) -> FieldSet {
        FieldSet(
            isMember: isMember || other.isMember,
            children: children.merging(other.children) { $0.union($1) }
        )
    }

    func subtracting(_ other: FieldSet) -> FieldSet {
        FieldSet(
            isMember: isMember && !other.isMember,
            children: Dictionary(
                uniqueKeysWithValues: children.map { element, child in
                    (element, other[element].map(child.subtracting) ?? child)
                }
            )
        )
    }

    func intersection(_ other: FieldSet) -> FieldSet {
        var common: [Element: FieldSet] = [:]
        for (element, child) in children {
            if let counterpart = other[element] { common[element] = child.intersection(counterpart) }
        }
        return FieldSet(isMember: isMember && other.isMember, children: common)
    }

    /// Whether `fieldsV1` that was made of a set has all fields of this one.
    func isContained(in fieldsV1: JSONValue) -> Bool {
        guard case .object(let members) = fieldsV1 else { return isEmpty }
        if isMember, !members.isEmpty, members["."] == nil { return false }
        return children.allSatisfy { element, child in members[element.text].map(child.isContained) ?? child.isEmpty }
    }

    /// Whether `fieldsV1` that was made of a set has no field of this one.
    func isDisjoint(from fieldsV1: JSONValue) -> Bool {
        guard case .object(let members) = fieldsV1 else { return true }
        if isMember, members.isEmpty || members["."] != nil { return false }
        return children.allSatisfy { element, child in members[element.text].map(child.isDisjoint) ?? true }
    }

    /// The fields in the set as paths, in order: `.spec.containers[name="main"].image`.
    var paths: [String] {
        let own = isMember ? [""] : []
        return own
            + children.sorted { $0.key.text < $1.key.text }
            .flatMap { element, child in child.paths.map { element.pathText + $0 } }
    }
}

extension FieldSet {
    /// Reads `fieldsV1`; what is no field is passed over.
    init(fieldsV1 value: JSONValue) {
        for (text, content) in value.objectValue ?? [:] {
            if text == "." {
                isMember = true
            } else if let element = Element(text) {
                var child = FieldSet(fieldsV1: content)
                if child.isEmpty { child.isMember = true }
                children[element] = child
            }
        }
    }

    /// The set as `fieldsV1` has it.
    var fieldsV1: JSONValue {
        var members = Dictionary(uniqueKeysWithValues: children.map { ($0.key.text, $0.value.fieldsV1) })
        if isMember, !children.isEmpty { members["."] = [:] }
        return .object(members)
    }
}

extension FieldSet.Element {
    /// Reads `f:name`, `k:{"name":"main"}`, `v:1` or `i:0`.
    fileprivate init?(_ text: String) {
        let content = String(text.dropFirst(2))
        switch text.prefix(2) {
        case "f:": self = .field(content)
        case "k:":
            guard let members = try? JSONValue(parsing: Array(content.utf8)).objectValue else { return nil }
            self = .key(members)
        case "v:":
            guard let value = try? JSONValue(parsing: Array(content.utf8)) else { return nil }
            self = .value(value)
        case "i:":
            guard let index = Int(content) else { return nil }
            self = .index(index)
        default: return nil
        }
    }

    /// The step as `fieldsV1` has it.
    fileprivate var text: String {
        switch self {
        case .field(let name): "f:\(name)"
        case .key(let members): "k:" + JSONValue.object(members).text()
        case .value(let value): "v:" + value.text()
        case .index(let index): "i:\(index)"
        }
    }

    /// The step as messages have it.
    fileprivate var pathText: String {
        switch self {
        case .field(let name): ".\(name)"
        case .key(let members):
            "[" + members.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text())" }.joined(separator: ",") + "]"
        case .value(let value): "[=\(value.text())]"
        case .index(let index): "[\(index)]"
        }
    }
}
