import KargoCore

/// What is different between two states of an object, as fields.
struct FieldComparison {
    private(set) var added = FieldSet()
    private(set) var modified = FieldSet()
    private(set) var removed = FieldSet()

    /// What was added or has another value.
    var changed: FieldSet { added.union(modified) }

    var isEmpty: Bool { added.isEmpty && modified.isEmpty && removed.isEmpty }

    init(from old: JSONValue, to new: JSONValue, _ shape: FieldShape) {
        compare(old, new, shape, [])
    }

    private mutating func compare(
        _ old: JSONValue?,
        _ new: JSONValue?,
        _ shape: FieldShape,
        _ path: [FieldSet.Element]
    ) {
        if old == new { return }
        let isObject = (old?.objectValue != nil || old == nil) && (new?.objectValue != nil || new == nil)
        let isArray = (old?.arrayValue != nil || old == nil) && (new?.arrayValue != nil || new == nil)
        if isObject, !shape.isAtomicObject, !(old.isBare && new.isBare) {
            let names = Set((old?.objectValue ?? [:]).keys).union((new?.objectValue ?? [:]).keys)
            for name in names {
                compare(old?[name], new?[name], shape.member(name).shape, path + [.field(name)])
            }
            note(place: path, old, new)
        } else if isArray, shape.listKind != .atomic, !(old.isBare && new.isBare) {
            let before = elements(old, shape)
            let after = elements(new, shape)
            for step in Set(before.keys).union(after.keys) {
                compare(before[step], after[step], shape.element, path + [step])
            }
            note(place: path, old, new)
        } else if old == nil || new == nil {
            note(place: path, old, new)
        } else {
            // Of another type now: what was inside is gone.
            if old?.objectValue != nil || old?.arrayValue != nil { compare(old, nil, shape, path) }
            if new?.objectValue != nil || new?.arrayValue != nil { compare(nil, new, shape, path) }
            modified.insert(path)
        }
    }

    private mutating func note(place path: [FieldSet.Element], _ old: JSONValue?, _ new: JSONValue?) {
        if old == nil { added.insert(path) }
        if new == nil { removed.insert(path) }
    }

    private func elements(_ list: JSONValue?, _ shape: FieldShape) -> [FieldSet.Element: JSONValue] {
        var elements: [FieldSet.Element: JSONValue] = [:]
        for element in list?.arrayValue ?? [] {
            if let step = shape.step(to: element) { elements[step] = element }
        }
        return elements
    }
}

extension JSONValue? {
    /// Whether there is nothing inside.
    fileprivate var isBare: Bool {
        switch self {
        case nil, .null: true
        case .object(let members): members.isEmpty
        case .array(let elements): elements.isEmpty
        default: false
        }
    }
}

extension FieldSet {
    /// All fields that an applied configuration claims.
    init(applied value: JSONValue, _ shape: FieldShape) {
        self.init()
        claim(value, shape, [])
    }

    private mutating func claim(_ value: JSONValue, _ shape: FieldShape, _ path: [Element]) {
        switch value {
        case .object(let members) where !shape.isAtomicObject:
            for (name, member) in members {
                let (child, isDeclared) = shape.member(name)
                let place = path + [.field(name)]
                claim(member, child, place)
                // A part that the schema names is there anyway; only what is in it is claimed.
                if !isDeclared || member.isNull || member.objectValue?.isEmpty == true { insert(place) }
            }
        case .array(let elements) where shape.listKind != .atomic:
            for element in elements {
                guard let step = shape.step(to: element) else { continue }
                claim(element, shape.element, path + [step])
                insert(path + [step])
            }
        default: insert(path)
        }
    }
}
