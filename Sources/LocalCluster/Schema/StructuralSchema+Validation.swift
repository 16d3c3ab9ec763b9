public import KargoCore

/// What is wrong with a field, in the words of the Kubernetes API.
struct ValidationCause: Sendable, Hashable {
    enum Reason: String, Sendable {
        case required = "FieldValueRequired"
        case invalid = "FieldValueInvalid"
        case notSupported = "FieldValueNotSupported"
        case duplicate = "FieldValueDuplicate"
        case tooLong = "FieldValueTooLong"
        case tooMany = "FieldValueTooMany"
        case typeInvalid = "FieldValueTypeInvalid"
        case forbidden = "FieldValueForbidden"
    }

    var reason: Reason
    var path: FieldPath
    var message: String

    static func required(_ path: FieldPath, _ detail: String = "") -> ValidationCause {
        ValidationCause(
            reason: .required,
            path: path,
            message: "Required value" + (detail.isEmpty ? "" : ": \(detail)")
        )
    }

    static func invalid(_ path: FieldPath, _ value: JSONValue, _ detail: String) -> ValidationCause {
        ValidationCause(reason: .invalid, path: path, message: "Invalid value: \(value.excerpt): \(detail)")
    }

    static func notSupported(_ path: FieldPath, _ value: JSONValue, _ supported: [JSONValue]) -> ValidationCause {
        let values = supported.map { $0.text() }.joined(separator: ", ")
        return ValidationCause(
            reason: .notSupported,
            path: path,
            message: "Unsupported value: \(value.excerpt): supported values: \(values)"
        )
    }
}

extension JSONValue {
    /// The value as far as it fits a message.
    fileprivate var excerpt: String {
        let text = text()
        return text.count <= 200 ? text : text.prefix(200) + "…"
    }
}

/// Conditions that stand in schemas, as programs; the key is the condition's text.
///
/// A condition gets the value and, on an update, the value before. Kubernetes evaluates the text itself; here whoever
/// brings a CustomResourceDefinition brings its conditions along.
public typealias ValidationRules = [String: @Sendable (_ value: JSONValue, _ old: JSONValue?) -> Bool]

extension StructuralSchema {
    /// Checks a value.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - old: The value before, of an update.
    ///   - path: Where it stands.
    ///   - rules: The conditions that can be checked.
    ///   - skipsUnchanged: Whether members that are as they were before are taken to be right, as Kubernetes does.
    /// - Returns: What is wrong.
    func validate(
        _ value: JSONValue,
        old: JSONValue?,
        path: FieldPath,
        rules: ValidationRules,
        skipsUnchanged: Bool = false
    ) -> [ValidationCause] {
        if value.isNull, node.isNullable { return [] }
        var causes: [ValidationCause] = []
        if let cause = typeCause(value, path) { return [cause] }
        if !node.allowedValues.isEmpty, !node.allowedValues.contains(value) {
            causes.append(.notSupported(path, value, node.allowedValues))
        }
        switch value {
        case .object(let members):
            causes += countCauses(members.count, path)
            for name in node.required.sorted() where members[name] == nil {
                causes.append(.required(path.appending(name)))
            }
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                guard let schema = node.properties[name] ?? node.additionalProperties else { continue }
                if skipsUnchanged, let old, old[name] == member { continue }
                causes += schema.validate(member, old: old?[name], path: path.appending(name), rules: rules)
            }
        case .array(let elements): causes += validate(elements, old: old, path: path, rules: rules)
        case .string(let text): causes += validate(text, path: path)
        case .int, .double: causes += validateNumber(value, path: path)
        case .null, .bool: break
        }
        causes += combinationCauses(value, old: old, path: path, rules: rules)
        for rule in node.rules {
            guard let check = rules[rule.text] else { continue }
            if rule.comparesWithOld, old == nil { continue }
            if !check(value, old) { causes.append(.invalid(path, value, rule.message)) }
        }
        return causes
    }

    private func typeCause(_ value: JSONValue, _ path: FieldPath) -> ValidationCause? {
        if node.isIntOrString {
            if value.intValue != nil || value.stringValue != nil { return nil }
            return ValidationCause(
                reason: .typeInvalid,
                path: path,
                message: "Invalid value: \"\(value.typeName)\": must be an integer or a string"
            )
        }
        let matches =
            switch (node.type, value) {
            case (nil, _), (.object, .object), (.array, .array), (.string, .string), (.boolean, .bool),
                (.integer, .int),
                (.number, .int), (.number, .double):
                true
            case (.integer, .double(let number)): number == number.rounded()
            default: false
            }
        guard !matches, let type = node.type else { return nil }
        return ValidationCause(
            reason: .typeInvalid,
            path: path,
            message: "Invalid value: \"\(value.typeName)\": \(path) in body must be of type \(type.rawValue): "
                + "\"\(value.typeName)\""
        )
    }

    private func validate(
        _ elements: [JSONValue],
        old: JSONValue?,
        path: FieldPath,
        rules: ValidationRules
    ) -> [ValidationCause] {
        var causes: [ValidationCause] = []
        if let minimum = node.minItems, elements.count < minimum {
            causes.append(
                .invalid(path, .int(Int64(elements.count)), "\(path) in body should have at least \(minimum) items")
            )
        }
        if let maximum = node.maxItems, elements.count > maximum {
            causes.append(
                ValidationCause(
                    reason: .tooMany,
                    path: path,
                    message: "Too many: \(elements.count): must have at most \(maximum) items"
                )
            )
        }
        var seen: Set<JSONValue> = []
        for (index, element) in elements.enumerated() {
            let place = path.appending(index)
            if let items = node.items {
                // Elements have no identity of their own here; only lists that do not change compare with the past.
                causes += items.validate(element, old: oldElement(of: element, in: old), path: place, rules: rules)
            }
            let identity: JSONValue? =
                if node.isSet { element } else if !node.listMapKeys.isEmpty {
                    .array(node.listMapKeys.map { element[$0] ?? .null })
                } else { nil }
            if let identity, !seen.insert(identity).inserted {
                causes.append(
                    ValidationCause(reason: .duplicate, path: place, message: "Duplicate value: \(identity.text())")
                )
            }
        }
        return causes
    }

    private func oldElement(of element: JSONValue, in old: JSONValue?) -> JSONValue? {
        guard !node.listMapKeys.isEmpty else { return nil }
        return old?.arrayValue?.first { other in node.listMapKeys.allSatisfy { other[$0] == element[$0] } }
    }

    private func validate(_ text: String, path: FieldPath) -> [ValidationCause] {
        var causes: [ValidationCause] = []
        let length = text.unicodeScalars.count
        if let minimum = node.minLength, length < minimum {
            causes.append(
                .invalid(path, .string(text), "\(path) in body should be at least \(minimum) chars long")
            )
        }
        if let maximum = node.maxLength, length > maximum {
            causes.append(
                ValidationCause(
                    reason: .tooLong,
                    path: path,
                    message: "Too long: may not be more than \(maximum) bytes"
                )
            )
        }
        if let pattern = node.pattern, !pattern.matches(text) {
            causes.append(.invalid(path, .string(text), "\(path) in body should match '\(pattern.pattern)'"))
        }
        if node.format == "date-time", (try? KubernetesMicroTime(text)) == nil {
            causes.append(.invalid(path, .string(text), "\(path) in body must be of type date-time"))
        }
        return causes
    }

    private func validateNumber(_ value: JSONValue, path: FieldPath) -> [ValidationCause] {
        guard let number = value.number else { return [] }
        var causes: [ValidationCause] = []
        let lower = node.minimum
        let upper = node.maximum
        if let lower, node.excludesMinimum, number == lower {
            causes.append(.invalid(path, value, "\(path) in body should be greater than \(GoNumber.general(lower))"))
        } else if let lower, number < lower {
            causes.append(
                .invalid(path, value, "\(path) in body should be greater than or equal to \(GoNumber.general(lower))")
            )
        }
        if let upper, node.excludesMaximum, number == upper {
            causes.append(.invalid(path, value, "\(path) in body should be less than \(GoNumber.general(upper))"))
        } else if let upper, number > upper {
            causes.append(
                .invalid(path, value, "\(path) in body should be less than or equal to \(GoNumber.general(upper))")
            )
        }
        if let unit = node.multipleOf, unit != 0, number.truncatingRemainder(dividingBy: unit) != 0 {
            causes.append(
                .invalid(path, value, "\(path) in body should be a multiple of \(GoNumber.general(unit))")
            )
        }
        if node.format == "int32", number < Double(Int32.min) || number > Double(Int32.max) {
            causes.append(.invalid(path, value, "\(path) in body must be an int32"))
        }
        return causes
    }
}
