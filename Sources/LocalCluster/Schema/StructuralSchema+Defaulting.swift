import KargoCore

extension StructuralSchema {
    /// Fills in defaults and takes out what the schema does not know.
    ///
    /// - Parameters:
    ///   - value: The value, changed in place.
    ///   - path: Where it stands.
    ///   - unknown: Receives the paths of what was taken out.
    func normalize(_ value: inout JSONValue, path: FieldPath, unknown: inout [FieldPath]) {
        // Most of what is written has not changed; a look at it is cheaper than a copy of it.
        if isNormal(value) { return }
        switch value {
        case .object(var members):
            value = .null
            normalize(&members, path: path, unknown: &unknown)
            value = .object(members)
        case .array(var elements):
            guard let items = node.items else { return }
            value = .null
            for index in elements.indices {
                items.normalize(&elements[index], path: path.appending(index), unknown: &unknown)
            }
            value = .array(elements)
        default: break
        }
    }

    private func normalize(_ members: inout [String: JSONValue], path: FieldPath, unknown: inout [FieldPath]) {
        for (name, schema) in node.properties {
            let isMissing = members[name] == nil || (members[name]?.isNull == true && !schema.node.isNullable)
            if isMissing, let value = schema.node.defaultValue { members[name] = value }
        }
        for name in members.keys {
            if let schema = node.properties[name] ?? node.additionalProperties {
                guard var member = members[name] else { continue }
                // Kubernetes drops a null that the schema does not allow and that has no default.
                if member.isNull, !schema.node.isNullable {
                    members[name] = nil
                    continue
                }
                members[name] = .null
                schema.normalize(&member, path: path.appending(name), unknown: &unknown)
                members[name] = member
            } else if node.isEmbedded, Self.identity.contains(name) {
                continue
            } else if !node.keepsUnknownFields, !node.properties.isEmpty || node.type == .object {
                members[name] = nil
                unknown.append(path.appending(name))
            }
        }
    }

    /// Whether there is nothing to fill in or take out.
    private func isNormal(_ value: JSONValue) -> Bool {
        switch value {
        case .object(let members):
            for (name, schema) in node.properties where schema.node.defaultValue != nil && members[name] == nil {
                return false
            }
            return members.allSatisfy { name, member in
                guard let schema = node.properties[name] ?? node.additionalProperties else {
                    return node.keepsUnknownFields || node.properties.isEmpty && node.type != .object
                }
                return member.isNull ? schema.node.isNullable : schema.isNormal(member)
            }
        case .array(let elements):
            guard let items = node.items else { return true }
            return elements.allSatisfy(items.isNormal)
        default: return true
        }
    }

    /// What every object of Kubernetes has, whatever its schema says.
    private static let identity: Set<String> = ["apiVersion", "kind", "metadata"]
}
