/// Label values of Kubernetes objects.
public enum LabelValue {
    /// The most bytes that a label value may have.
    public static let maximumLength = 63

    /// The name, or where it is too long for a label its beginning, a hyphen and 8 digits of its SHA-256.
    ///
    /// Kargo shortens the names in its labels by this rule; the full name stands in an annotation of the same key.
    public static func shortened(_ name: String) -> String {
        guard name.utf8.count > maximumLength else { return name }
        let hash = Digest.sha256(name.utf8).hexadecimal.prefix(8)
        let end = name.utf8.index(name.startIndex, offsetBy: maximumLength - hash.count - 1)
        // The slice leaves out a scalar that the limit would cut.
        var prefix = name.unicodeScalars[..<end]
        while prefix.last == "-" { prefix.removeLast() }
        return "\(String(prefix))-\(hash)"
    }
}
