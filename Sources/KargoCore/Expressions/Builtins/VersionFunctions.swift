extension ExpressionFunction {
    /// `semverParse(text)`: the version, of which methods such as `IncMinor()` can be called.
    public static let semverParse = ExpressionFunction("semverParse", arity: 1...1) { arguments in
        let text = try arguments.string(at: 0)
        do {
            return .version(try SemanticVersion(text))
        } catch {
            throw ExpressionError("\(error)")
        }
    }

    /// `semverDiff(a, b)`: the most significant part in which two versions differ, `Major`, `Minor`, `Patch`,
    /// `Metadata` or `None`; `Incomparable` if one is no version.
    ///
    /// As in Kargo, versions that differ only in their pre-release do not differ.
    public static let semverDiff = ExpressionFunction("semverDiff", arity: 2...2) { arguments in
        let texts = (try arguments.string(at: 0), try arguments.string(at: 1))
        guard let left = try? SemanticVersion(texts.0), let right = try? SemanticVersion(texts.1) else {
            return "Incomparable"
        }
        if left.major != right.major { return "Major" }
        if left.minor != right.minor { return "Minor" }
        if left.patch != right.patch { return "Patch" }
        return left.metadata == right.metadata ? "None" : "Metadata"
    }
}
