/// Takes out of messages what nobody is to read.
struct GitSecrets: Sendable {
    /// Texts with what is put in their places, the longest first.
    private var replacements: [(text: String, replacement: String)] = []

    /// - Parameters:
    ///   - secrets: Passwords and keys.
    ///   - directories: Directories, of which only what is inside is told.
    init(secrets: [String] = [], directories: [String] = []) {
        let secrets = secrets.filter { !$0.isEmpty }.map { ($0, "***") }
        let directories = directories.filter { $0.utf8.count > 1 }.flatMap { [("\($0)/", ""), ($0, ".")] }
        replacements = (secrets + directories).sorted { $0.0.utf8.count > $1.0.utf8.count }
    }

    func hiding(_ others: [String]) -> GitSecrets {
        var result = self
        result.replacements = others.filter { !$0.isEmpty }.map { ($0, "***") } + replacements
        return result
    }

    /// A text without secrets, and without passwords in URLs.
    func clean(_ text: String) -> String {
        let text = replacements.reduce(text) { $0.replacing($1.text, with: $1.replacement) }
        return Self.withoutPasswords(text)
    }

    /// Without what stands between `://` and `@` in URLs.
    static func withoutPasswords(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let scheme = rest.firstRange(of: "://") {
            result += rest[..<scheme.upperBound]
            rest = rest[scheme.upperBound...]
            let authority = rest.prefix { !$0.isWhitespace && !"/'\"?#".contains($0) }
            guard let at = authority.lastIndex(of: "@") else { continue }
            let user = authority[..<at]
            if let colon = user.firstIndex(of: ":") { result += user[..<colon] + ":***" } else { result += user }
            rest = rest[at...]
        }
        return result + rest
    }
}
