extension SemanticVersion: Comparable, Hashable {
    /// Whether both have the same precedence.
    public static func == (left: SemanticVersion, right: SemanticVersion) -> Bool {
        left.major == right.major && left.minor == right.minor && left.patch == right.patch
            && left.prerelease == right.prerelease
    }

    /// Whether the left version precedes the right one; a pre-release precedes its release.
    public static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        if left.major != right.major { return left.major < right.major }
        if left.minor != right.minor { return left.minor < right.minor }
        if left.patch != right.patch { return left.patch < right.patch }
        if left.prerelease.isEmpty { return false }
        if right.prerelease.isEmpty { return true }
        return precedes(left.prerelease, right.prerelease)
    }

    /// Hashes what counts for precedence.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(major)
        hasher.combine(minor)
        hasher.combine(patch)
        hasher.combine(prerelease)
    }

    /// Whether a part between dots precedes its counterpart: a missing one any other, then numbers, then words.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        var left = left.utf8[...]
        var right = right.utf8[...]
        while !left.isEmpty, !right.isEmpty {
            let first = left.prefix { $0 != UInt8(ascii: ".") }
            let second = right.prefix { $0 != UInt8(ascii: ".") }
            guard first.elementsEqual(second) else {
                return switch (number(first), number(second)) {
                case (let first?, let second?): first < second
                case (.some, nil): true
                case (nil, .some): false
                case (nil, nil): first.lexicographicallyPrecedes(second)
                }
            }
            left = left.dropFirst(first.count + 1)
            right = right.dropFirst(second.count + 1)
        }
        return left.isEmpty && !right.isEmpty
    }

    /// As in the original, a number that does not fit 64 bits counts as a word.
    private static func number(_ identifier: Substring.UTF8View) -> UInt64? { VersionReader.number(identifier) }
}
