import KargoCore

/// How an applied configuration changes an object, by the rules of structured merging.
enum FieldMerge {
    /// The object with a configuration laid over it.
    static func merge(_ configuration: JSONValue, into object: JSONValue?, _ shape: FieldShape) -> JSONValue {
        switch (object, configuration) {
        case (.object(var members), .object(let changes)) where !shape.isAtomicObject:
            for (name, change) in changes {
                members[name] = merge(change, into: members[name], shape.member(name).shape)
            }
            return .object(members)
        case (.array(let elements), .array(let changes)) where shape.listKind != .atomic:
            return .array(merge(changes, into: elements, shape))
        default: return configuration
        }
    }

    /// Elements that both have stand in the order of the configuration, the others keep their place among them.
    private static func merge(_ changes: [JSONValue], into elements: [JSONValue], _ shape: FieldShape) -> [JSONValue] {
        let present = Dictionary(
            elements.compactMap { element in shape.step(to: element).map { ($0, element) } },
            uniquingKeysWith: { first, _ in first }
        )
        let wanted = Set(changes.compactMap(shape.step))
        var merged: [JSONValue] = []
        var rest = changes[...]
        /// Takes elements of the configuration up to one that the object has.
        func takeShared() {
            while let change = rest.popFirst() {
                let counterpart = shape.step(to: change).flatMap { present[$0] }
                merged.append(merge(change, into: counterpart, shape.element))
                if counterpart != nil { return }
            }
        }
        for element in elements {
            if let step = shape.step(to: element), wanted.contains(step) {
                takeShared()
            } else {
                merged.append(element)
            }
        }
        while !rest.isEmpty { takeShared() }
        return merged
    }

    /// The object without what its manager has claimed before and nobody claims any more.
    ///
    /// - Parameters:
    ///   - value: The merged object.
    ///   - last: What the manager claimed before.
    ///   - owned: What anybody claims now.
    ///   - shape: What is known of the place.
    /// - Returns: What stays of the value.
    static func prune(_ value: JSONValue, last: FieldSet, owned: FieldSet?, _ shape: FieldShape) -> JSONValue {
        switch value {
        case .object(var members) where !shape.isAtomicObject:
            for (step, claim) in last.children {
                guard case .field(let name) = step, let member = members[name] else { continue }
                let (child, isDeclared) = shape.member(name)
                let owner = owned?[step]
                // A part that the schema names goes when nothing in it is claimed, whatever else is in it.
                let isGone = isDeclared ? owner == nil : claim.isMember && owner?.isMember != true
                if isGone {
                    members.removeValue(forKey: name)
                } else {
                    members[name] = prune(member, last: claim, owned: owner, child)
                }
            }
            return .object(members)
        case .array(let elements) where shape.listKind != .atomic:
            return .array(
                elements.compactMap { element in
                    guard let step = shape.step(to: element), let claim = last[step] else { return element }
                    let owner = owned?[step]
                    if claim.isMember, owner?.isMember != true { return nil }
                    return prune(element, last: claim, owned: owner, shape.element)
                }
            )
        default: return value
        }
    }
}
