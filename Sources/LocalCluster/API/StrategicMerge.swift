import KargoCore

/// Kubernetes' strategic merge patch, for the kinds whose lists it knows.
///
/// Lists of objects are merged by a key, lists of values are united where they are sets, all others are replaced. The
/// directives `$patch: delete|replace|merge`, `$retainKeys`, `$deleteFromPrimitiveList/…` and `$setElementOrder/…` are
/// understood.
enum StrategicMerge {
    /// By what the elements of a list are told apart; the same name means the same list in all kinds served.
    private static let mergeKeys = [
        "containers": "name", "initContainers": "name", "ephemeralContainers": "name", "env": "name",
        "volumes": "name", "volumeMounts": "mountPath", "volumeDevices": "devicePath", "ports": "containerPort",
        "imagePullSecrets": "name", "hostAliases": "ip", "ownerReferences": "uid", "secrets": "name",
        "conditions": "type", "podIPs": "ip", "resourceClaims": "name", "topologySpreadConstraints": "topologyKey",
        "schedulingGates": "name",
    ]
    private static let sets: Set<String> = ["finalizers"]

    static func apply(_ patch: JSONValue, to original: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        switch changes["$patch"]?.stringValue {
        case "replace": return .object(changes.filter { $0.key != "$patch" })
        case "delete": return [:]
        default: break
        }
        var members = original.objectValue ?? [:]
        if let kept = changes["$retainKeys"]?.arrayValue?.compactMap(\.stringValue) {
            members = members.filter { kept.contains($0.key) }
        }
        for (key, change) in changes where !key.hasPrefix("$") {
            if change.isNull {
                members[key] = nil
            } else if let elements = change.arrayValue {
                members[key] = .array(merge(elements, into: members[key]?.arrayValue ?? [], list: key))
            } else if change.objectValue != nil {
                members[key] = apply(change, to: members[key] ?? .null)
            } else {
                members[key] = change
            }
        }
        for (key, value) in changes {
            if key.hasPrefix("$deleteFromPrimitiveList/") {
                let list = String(key.dropFirst("$deleteFromPrimitiveList/".count))
                let gone = value.arrayValue ?? []
                if let elements = members[list]?.arrayValue {
                    members[list] = .array(elements.filter { !gone.contains($0) })
                }
            } else if key.hasPrefix("$setElementOrder/") {
                let list = String(key.dropFirst("$setElementOrder/".count))
                if let elements = members[list]?.arrayValue {
                    members[list] = .array(order(elements, by: value.arrayValue ?? [], list: list))
                }
            }
        }
        return .object(members)
    }

    private static func merge(_ changes: [JSONValue], into original: [JSONValue], list: String) -> [JSONValue] {
        if sets.contains(list) { return original + changes.filter { !original.contains($0) } }
        guard let key = mergeKeys[list], changes.allSatisfy({ $0.objectValue != nil }) else { return changes }
        if changes.contains(where: { $0["$patch"] == "replace" && $0.objectValue?.count == 1 }) {
            return changes.filter { $0["$patch"] == nil }
        }
        var elements = original
        for change in changes {
            let index = elements.firstIndex { $0[key] != nil && $0[key] == change[key] }
            switch (change["$patch"]?.stringValue, index) {
            case ("delete", let index?): elements.remove(at: index)
            case ("delete", nil): break
            case (_, let index?): elements[index] = apply(change, to: elements[index])
            case (_, nil): elements.append(apply(change, to: [:]))
            }
        }
        return elements
    }

    /// Elements that the order names in that order, the others behind them.
    private static func order(_ elements: [JSONValue], by order: [JSONValue], list: String) -> [JSONValue] {
        func place(_ element: JSONValue) -> Int {
            order.firstIndex { wanted in
                guard let key = mergeKeys[list], wanted.objectValue != nil else { return wanted == element }
                return wanted[key] == element[key]
            } ?? order.count
        }
        return elements.enumerated()
            .sorted { (place($0.element), $0.offset) < (place($1.element), $1.offset) }
            .map(\.element)
    }
}
