import KargoCore

/// A path into an object, as the printer columns of a CustomResourceDefinition have it: `.spec.shard`,
/// `.items[0].name`, `.status.conditions[?(@.type=="Ready")].status`.
struct JSONPath: Sendable, Hashable {
    private enum Step: Sendable, Hashable {
        case member(String)
        case index(Int)
        case all
        /// The elements whose member at a path has a value.
        case matching([String], String)
    }

    /// The text is no path.
    struct Malformed: Error {}

    private var steps: [Step] = []

    init(_ text: String) throws(Malformed) {
        var rest = Substring(text)
        if rest.hasPrefix("{"), rest.hasSuffix("}") { rest = rest.dropFirst().dropLast() }
        if rest.hasPrefix("$") { rest = rest.dropFirst() }
        while let first = rest.first {
            if first == "." {
                rest = rest.dropFirst()
                let name = try Self.takeName(&rest)
                if name == "*" { steps.append(.all) } else if !name.isEmpty { steps.append(.member(name)) }
            } else if first == "[" {
                guard let end = rest.firstIndex(of: "]") else { throw Malformed() }
                steps.append(try Self.bracket(rest[rest.index(after: rest.startIndex)..<end]))
                rest = rest[rest.index(after: end)...]
            } else {
                throw Malformed()
            }
        }
    }

    /// A name, in which a backslash takes the meaning of a dot away.
    private static func takeName(_ rest: inout Substring) throws(Malformed) -> String {
        var name = ""
        while let next = rest.first, next != ".", next != "[" {
            rest = rest.dropFirst()
            if next == "\\" {
                guard let escaped = rest.popFirst() else { throw Malformed() }
                name.append(escaped)
            } else {
                name.append(next)
            }
        }
        return name
    }

    private static func bracket(_ text: Substring) throws(Malformed) -> Step {
        if text == "*" { return .all }
        if let index = Int(text) { return .index(index) }
        let quotes: [Character] = ["'", "\""]
        if let quote = text.first, quotes.contains(quote), text.last == quote, text.count > 1 {
            return .member(String(text.dropFirst().dropLast()))
        }
        guard text.hasPrefix("?("), text.hasSuffix(")") else { throw Malformed() }
        let condition = text.dropFirst(2).dropLast()
        guard let operatorRange = condition.firstRange(of: "==") else { throw Malformed() }
        let left = condition[..<operatorRange.lowerBound].filter { $0 != " " }
        let right = condition[operatorRange.upperBound...].drop { $0 == " " }
        guard left.hasPrefix("@."), let quote = right.first, quotes.contains(quote),
            let end = right.dropFirst().firstIndex(of: quote)
        else { throw Malformed() }
        let path = left.dropFirst(2).split(separator: ".").map(String.init)
        return .matching(path, String(right[right.index(after: right.startIndex)..<end]))
    }

    /// The names of the members that it begins with.
    var members: [String] {
        var names: [String] = []
        for case .member(let name) in steps.prefix(while: { if case .member = $0 { true } else { false } }) {
            names.append(name)
        }
        return names
    }

    /// The values that the path leads to.
    func values(in object: JSONValue) -> [JSONValue] {
        steps.reduce([object]) { values, step in
            values.flatMap { value -> [JSONValue] in
                switch step {
                case .member(let name): return value[name].map { [$0] } ?? []
                case .index(let index):
                    guard let elements = value.arrayValue else { return [] }
                    let place = index < 0 ? elements.count + index : index
                    return elements.indices.contains(place) ? [elements[place]] : []
                case .all:
                    return value.arrayValue ?? value.objectValue?.sorted { $0.key < $1.key }.map(\.value) ?? []
                case .matching(let path, let text):
                    return (value.arrayValue ?? [])
                        .filter { element in
                            path.reduce(Optional(element)) { $0?[$1] }?.stringValue == text
                        }
                }
            }
        }
    }
}
