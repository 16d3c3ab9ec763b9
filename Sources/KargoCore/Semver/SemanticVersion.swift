/// A semantic version, `1.2.3-rc.1+build`, as Masterminds/semver has it.
///
/// Versions are ordered and equal by precedence, to which the build metadata and the way in which the text was written
/// do not count: `v1.2` equals `1.2.0+5`.
public struct SemanticVersion: Sendable {
    /// The first number.
    public let major: UInt64
    /// The second number.
    public let minor: UInt64
    /// The third number.
    public let patch: UInt64
    /// What follows the hyphen, such as `rc.1`; empty for a release.
    public let prerelease: String
    /// What follows the plus sign; empty if nothing does.
    public let metadata: String
    /// The text as it was written.
    public let original: String

    init(_ numbers: Numbers, prerelease: String, metadata: String, original: String) {
        major = numbers.major
        minor = numbers.minor
        patch = numbers.patch
        self.prerelease = prerelease
        self.metadata = metadata
        self.original = original
    }

    /// The three numbers of a version.
    struct Numbers {
        var major: UInt64 = 0
        var minor: UInt64 = 0
        var patch: UInt64 = 0
    }

    private var numbers: Numbers { Numbers(major: major, minor: minor, patch: patch) }

    /// Makes another version, which is written with a `v` if this one is.
    private func changed(
        _ numbers: Numbers,
        prerelease: String = "",
        metadata: String = ""
    ) -> SemanticVersion {
        let text = Self.text(numbers, prerelease: prerelease, metadata: metadata)
        let original = self.original.utf8.first == UInt8(ascii: "v") ? "v" + text : text
        return SemanticVersion(numbers, prerelease: prerelease, metadata: metadata, original: original)
    }

    fileprivate static func text(_ numbers: Numbers, prerelease: String, metadata: String) -> String {
        var text = "\(numbers.major).\(numbers.minor).\(numbers.patch)"
        if !prerelease.isEmpty { text += "-\(prerelease)" }
        if !metadata.isEmpty { text += "+\(metadata)" }
        return text
    }
}

extension SemanticVersion {
    /// The next major version, `2.0.0` after `1.2.3`.
    ///
    /// - Throws: ``ValueError`` if the number is the largest of 64 bits.
    public func nextMajor() throws(ValueError) -> SemanticVersion {
        changed(Numbers(major: try Self.increment(major), minor: 0, patch: 0))
    }

    /// The next minor version, `1.3.0` after `1.2.3`.
    ///
    /// - Throws: ``ValueError`` if the number is the largest of 64 bits.
    public func nextMinor() throws(ValueError) -> SemanticVersion {
        changed(Numbers(major: major, minor: try Self.increment(minor), patch: 0))
    }

    /// The next patch version, `1.2.4` after `1.2.3`; after a pre-release it is the release itself.
    ///
    /// - Throws: ``ValueError`` if the number is the largest of 64 bits.
    public func nextPatch() throws(ValueError) -> SemanticVersion {
        var next = numbers
        if prerelease.isEmpty { next.patch = try Self.increment(patch) }
        return changed(next)
    }

    /// The version with another pre-release part.
    ///
    /// - Parameter prerelease: What follows the hyphen; empty for a release.
    /// - Returns: The other version.
    /// - Throws: ``ValueError`` if that is no list of identifiers.
    public func with(prerelease: String) throws(ValueError) -> SemanticVersion {
        try VersionReader.checkLength(prerelease)
        if !prerelease.isEmpty { try VersionReader.checkPrerelease(prerelease.utf8[...]) }
        return changed(numbers, prerelease: prerelease, metadata: metadata)
    }

    /// The version with other build metadata.
    ///
    /// - Parameter metadata: What follows the plus sign; empty for none.
    /// - Returns: The other version.
    /// - Throws: ``ValueError`` if that is no list of identifiers.
    public func with(metadata: String) throws(ValueError) -> SemanticVersion {
        try VersionReader.checkLength(metadata)
        if !metadata.isEmpty { try VersionReader.checkMetadata(metadata.utf8[...]) }
        return changed(numbers, prerelease: prerelease, metadata: metadata)
    }

    private static func increment(_ number: UInt64) throws(ValueError) -> UInt64 {
        guard number < .max else { throw ValueError(message: "the next version does not fit 64 bits") }
        return number + 1
    }
}

extension SemanticVersion: CustomStringConvertible {
    /// The version in full and without `v`.
    public var description: String { Self.text(numbers, prerelease: prerelease, metadata: metadata) }
}
