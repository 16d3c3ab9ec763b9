/// How a registry wants a client to prove who it is: the header `WWW-Authenticate`.
struct RegistryChallenge: Sendable, Hashable {
    /// The scheme in lower case, such as `bearer`.
    let scheme: String
    /// The parameters by their names in lower case.
    let parameters: [String: String]

    /// Reads a header; nothing if it is malformed.
    init?(_ header: String) {
        var rest = header[...]
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        rest = rest.drop(while: isBlank)
        scheme = rest.prefix { !isBlank($0) }.lowercased()
        rest = rest.dropFirst(scheme.count)
        if scheme.isEmpty { return nil }
        var parameters: [String: String] = [:]
        while true {
            rest = rest.drop { isBlank($0) || $0 == "," }
            guard let equals = rest.firstIndex(of: "=") else { break }
            let name = rest[..<equals].lowercased().filter { !isBlank($0) }
            rest = rest[rest.index(after: equals)...].drop(while: isBlank)
            if rest.first == "\"" {
                guard let value = Self.takeQuoted(&rest) else { return nil }
                parameters[name] = value
            } else {
                let value = rest.prefix { $0 != "," && !isBlank($0) }
                rest = rest[value.endIndex...]
                parameters[name] = String(value)
            }
        }
        self.parameters = parameters
    }

    private static func takeQuoted(_ rest: inout Substring) -> String? {
        rest.removeFirst()
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return value
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped)
            default: value.append(character)
            }
        }
        return nil
    }
}
