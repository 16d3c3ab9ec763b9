extension JSONValue {
    /// The value after a JSON merge patch (RFC 7386): members are merged, `null` removes one, and anything else,
    /// arrays included, is replaced.
    public func applying(mergePatch patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members = objectValue ?? [:]
        for (key, change) in changes {
            if change.isNull {
                members[key] = nil
            } else {
                members[key] = (members[key] ?? .null).applying(mergePatch: change)
            }
        }
        return .object(members)
    }

    /// The JSON merge patch that makes `target` of this value; an empty object where they are equal.
    ///
    /// A member that is `null` in `target` can't be expressed: the patch removes it.
    public func mergePatch(to target: JSONValue) -> JSONValue {
        guard case .object(let old) = self, case .object(let new) = target else { return target }
        var changes: [String: JSONValue] = [:]
        for key in old.keys where new[key] == nil { changes[key] = .null }
        for (key, value) in new {
            guard let before = old[key] else {
                changes[key] = value
                continue
            }
            if before != value { changes[key] = before.mergePatch(to: value) }
        }
        return .object(changes)
    }
}
