/// A condition on versions in the language of Masterminds/semver, such as `^1.2`, `>=1.2 <3 || 4.x` or `1.2 - 2.3.4`.
///
/// Conditions between commas or blanks must all hold, of those between `||` one. The operators are `=` and none, `!=`,
/// `<`, `<=`, `=<`, `>`, `>=`, `=>`, `~`, `~>` and `^`; `x`, `X`, `*` and a missing number stand for any. A pre-release
/// is only ever admitted by conditions of which one names a pre-release itself.
public struct VersionConstraint: Sendable {
    /// The alternatives, each with conditions that must all hold.
    private let alternatives: [Alternative]

    /// Enough for any constraint; reading one takes time that grows with the square of its length.
    private static let maximumBytes = 4096

    private struct Alternative {
        var comparators: [VersionComparator]
        var admitsPrereleases: Bool
    }

    /// Reads a constraint.
    ///
    /// - Throws: ``ValueError`` if the text is none; empty text is none either.
    public init(_ text: String) throws(ValueError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw ValueError(message: "a constraint on versions may have \(Self.maximumBytes) bytes at most")
        }
        let bytes = VersionRange.rewrite(Array(text.utf8))
        var alternatives: [Alternative] = []
        for part in bytes.split(separator: Array("||".utf8)) {
            let comparators = try VersionComparatorReader.comparators(in: part)
            alternatives.append(
                Alternative(
                    comparators: comparators,
                    admitsPrereleases: comparators.contains { !$0.version.prerelease.isEmpty }
                )
            )
        }
        self.alternatives = alternatives
    }

    /// Whether a version satisfies the constraint.
    public func admits(_ version: SemanticVersion) -> Bool {
        alternatives.contains { alternative in
            (version.prerelease.isEmpty || alternative.admitsPrereleases)
                && alternative.comparators.allSatisfy { $0.admits(version) }
        }
    }
}

extension VersionConstraint: CustomStringConvertible {
    /// The constraint with hyphen ranges written out and with uniform separators.
    public var description: String {
        alternatives
            .map { $0.comparators.map(\.description).joined(separator: " ") }
            .joined(separator: " || ")
    }
}

extension [UInt8] {
    /// The parts between separators, empty ones included.
    fileprivate func split(separator: [UInt8]) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var start = 0
        var offset = 0
        while offset + separator.count <= count {
            if self[offset..<offset + separator.count].elementsEqual(separator) {
                parts.append(self[start..<offset])
                offset += separator.count
                start = offset
            } else {
                offset += 1
            }
        }
        return parts + [self[start...]]
    }
}
