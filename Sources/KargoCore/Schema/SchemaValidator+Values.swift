/// Keywords for values of one type.
extension SchemaValidator {
    mutating func validateNumber(_ number: Double, _ schema: JSONValue, at path: [String]) {
        if let limit = schema["minimum"]?.schemaNumber, number < limit {
            report("Must be greater than or equal to \(GoNumber.json(limit))", at: path)
        }
        if let limit = schema["exclusiveMinimum"]?.schemaNumber, number <= limit {
            report("Must be greater than \(GoNumber.json(limit))", at: path)
        }
        if let limit = schema["maximum"]?.schemaNumber, number > limit {
            report("Must be less than or equal to \(GoNumber.json(limit))", at: path)
        }
        if let limit = schema["exclusiveMaximum"]?.schemaNumber, number >= limit {
            report("Must be less than \(GoNumber.json(limit))", at: path)
        }
        if let unit = schema["multipleOf"]?.schemaNumber, (number / unit).rounded() != number / unit {
            report("Must be a multiple of \(GoNumber.json(unit))", at: path)
        }
    }

    mutating func validateText(_ text: String, _ schema: JSONValue, at path: [String]) {
        if let minimum = schema["minLength"]?.intValue, text.unicodeScalars.count < minimum {
            report("String length must be greater than or equal to \(minimum)", at: path)
        }
        if let maximum = schema["maxLength"]?.intValue, text.unicodeScalars.count > maximum {
            report("String length must be less than or equal to \(maximum)", at: path)
        }
        if let pattern = schema["pattern"]?.stringValue, !matches(pattern, text, at: path) {
            report("Does not match pattern '\(pattern)'", at: path)
        }
        if let name = schema["format"]?.stringValue, let format = SchemaFormat(rawValue: name), !format.allows(text) {
            report("Does not match format '\(name)'", at: path)
        }
    }

    mutating func validateElements(_ elements: [JSONValue], _ schema: JSONValue, at path: [String]) {
        if let minimum = schema["minItems"]?.intValue, elements.count < minimum {
            report("Array must have at least \(minimum) items", at: path)
        }
        if let maximum = schema["maxItems"]?.intValue, elements.count > maximum {
            report("Array must have at most \(maximum) items", at: path)
        }
        if schema["uniqueItems"] == true {
            var places: [JSONValue: Int] = [:]
            for (index, element) in elements.enumerated() {
                if let first = places.updateValue(index, forKey: element.withPlainNumbers) {
                    report("array items[\(first),\(index)] must be unique", at: path)
                }
            }
        }
        let heads = schema["prefixItems"]?.arrayValue ?? []
        for (index, element) in elements.enumerated() {
            let path = path + [String(index)]
            if index < heads.count {
                validate(element, heads[index], at: path)
            } else if schema["items"] == false {
                report("No additional items allowed on array", at: Array(path.dropLast()))
                break
            } else if let items = schema["items"] {
                validate(element, items, at: path)
            }
        }
        validateContents(elements, schema, at: path)
    }

    private mutating func validateContents(_ elements: [JSONValue], _ schema: JSONValue, at path: [String]) {
        guard let part = schema["contains"] else { return }
        var count: Int64 = 0
        for element in elements where fits(element, part, at: path) { count += 1 }
        let minimum = schema["minContains"]?.intValue ?? 1
        if count < minimum {
            report(
                minimum == 1 ? "At least one of the items must match" : "At least \(minimum) of the items must match",
                at: path
            )
        }
        if let maximum = schema["maxContains"]?.intValue, count > maximum {
            report("At most \(maximum) of the items may match", at: path)
        }
    }

    mutating func validateMembers(_ members: [String: JSONValue], _ schema: JSONValue, at path: [String]) {
        for name in schema["required"]?.names ?? [] where members[name] == nil {
            report("\(name) is required", at: path)
        }
        if let minimum = schema["minProperties"]?.intValue, members.count < minimum {
            report("Must have at least \(minimum) properties", at: path)
        }
        if let maximum = schema["maxProperties"]?.intValue, members.count > maximum {
            report("Must have at most \(maximum) properties", at: path)
        }
        let properties = schema["properties"]?.objectValue ?? [:]
        let patterns = (schema["patternProperties"]?.objectValue ?? [:]).sorted { $0.key < $1.key }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if let part = schema["propertyNames"], !fits(.string(name), part, at: path) {
                report("Property name of \"\(name)\" does not match", at: path)
            }
            var isKnown = false
            if let property = properties[name] {
                isKnown = true
                validate(value, property, at: path + [name])
            }
            for (pattern, part) in patterns where matches(pattern, name, at: path) {
                isKnown = true
                validate(value, part, at: path + [name])
            }
            guard !isKnown, let others = schema["additionalProperties"] else { continue }
            if others == false {
                report("Additional property \(name) is not allowed", at: path)
            } else {
                validate(value, others, at: path + [name])
            }
        }
        validateDependencies(members, schema, at: path)
    }

    private mutating func validateDependencies(
        _ members: [String: JSONValue],
        _ schema: JSONValue,
        at path: [String]
    ) {
        let required = (schema["dependentRequired"]?.objectValue ?? [:]).sorted { $0.key < $1.key }
        for (name, needed) in required where members[name] != nil {
            for other in needed.names where members[other] == nil {
                report("Has a dependency on \(other)", at: path)
            }
        }
        let schemas = (schema["dependentSchemas"]?.objectValue ?? [:]).sorted { $0.key < $1.key }
        for (name, part) in schemas where members[name] != nil { validate(.object(members), part, at: path) }
    }

    private mutating func matches(_ pattern: String, _ text: String, at path: [String]) -> Bool {
        do throws(RegularExpressionError) {
            return try RegularExpression(pattern).matches(text)
        } catch {
            report("The schema's pattern is malformed: \(error)", at: path)
            return true
        }
    }
}

extension JSONValue {
    var schemaNumber: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    /// The strings of an array.
    fileprivate var names: [String] { arrayValue?.compactMap(\.stringValue) ?? [] }
}
