import KargoCore

extension StructuralSchema {
    /// What is wrong with the number of an object's members.
    func countCauses(_ count: Int, _ path: FieldPath) -> [ValidationCause] {
        var causes: [ValidationCause] = []
        if let minimum = node.minProperties, count < minimum {
            causes.append(
                .invalid(path, .int(Int64(count)), "\(path) in body should have at least \(minimum) properties")
            )
        }
        if let maximum = node.maxProperties, count > maximum {
            causes.append(
                ValidationCause(
                    reason: .tooMany,
                    path: path,
                    message: "Too many: \(count): must have at most \(maximum) items"
                )
            )
        }
        return causes
    }

    /// What is wrong with a value by `allOf`, `anyOf`, `oneOf` and `not`.
    func combinationCauses(
        _ value: JSONValue,
        old: JSONValue?,
        path: FieldPath,
        rules: ValidationRules
    ) -> [ValidationCause] {
        func problems(_ schema: StructuralSchema) -> [ValidationCause] {
            schema.validate(value, old: old, path: path, rules: rules)
        }
        var causes = node.all.flatMap(problems)
        if !node.any.isEmpty, node.any.allSatisfy({ !problems($0).isEmpty }) {
            causes.append(.invalid(path, value, "\(path) in body must validate at least one schema (anyOf)"))
        }
        if !node.one.isEmpty, node.one.count(where: { problems($0).isEmpty }) != 1 {
            causes.append(.invalid(path, value, "\(path) in body must validate one and only one schema (oneOf)"))
        }
        if let excluded = node.excluded, problems(excluded).isEmpty {
            causes.append(.invalid(path, value, "\(path) in body must not validate the schema (not)"))
        }
        return causes
    }
}
