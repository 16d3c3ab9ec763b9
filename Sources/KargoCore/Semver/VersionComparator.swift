/// One condition of a constraint: an operator and a version.
struct VersionComparator: Sendable {
    /// How a version is compared with that of the condition.
    enum Relation: String {
        case matches = ""
        case equal = "="
        case notEqual = "!="
        case greater = ">"
        case less = "<"
        case greaterOrEqual = ">="
        case equalOrGreater = "=>"
        case lessOrEqual = "<="
        case equalOrLess = "=<"
        case tilde = "~"
        case pessimistic = "~>"
        case caret = "^"
    }

    /// Which is the first number that is missing or stands for any.
    enum Wildcard {
        case none
        case major
        case minor
        case patch
    }

    let relation: Relation
    let version: SemanticVersion
    let wildcard: Wildcard
    /// The version as it was written.
    let text: String

    /// Whether the version satisfies the condition, pre-releases aside.
    func admits(_ candidate: SemanticVersion) -> Bool {
        switch relation {
        case .matches, .equal: wildcard == .none ? candidate == version : isNear(candidate)
        case .notEqual: isOther(candidate)
        case .greater: isGreater(candidate)
        case .less: candidate < version
        case .greaterOrEqual, .equalOrGreater: candidate >= version
        case .lessOrEqual, .equalOrLess: isAtMost(candidate)
        case .tilde, .pessimistic: isNear(candidate)
        case .caret: isCompatible(candidate)
        }
    }

    private func isOther(_ candidate: SemanticVersion) -> Bool {
        switch wildcard {
        case .none: candidate != version
        case _ where candidate.major != version.major: true
        case .minor: false
        case _ where candidate.minor != version.minor: true
        case .patch: candidate.prerelease != version.prerelease
        // `!=*` leaves the original with 0.0.0 to compare.
        case .major: candidate != version
        }
    }

    private func isGreater(_ candidate: SemanticVersion) -> Bool {
        guard wildcard != .none, candidate.major == version.major else {
            return wildcard == .none ? candidate > version : candidate.major > version.major
        }
        return switch wildcard {
        case .minor: false
        case .patch: candidate.minor > version.minor
        case .none, .major: candidate > version
        }
    }

    private func isAtMost(_ candidate: SemanticVersion) -> Bool {
        if wildcard == .none { return candidate <= version }
        if candidate.major != version.major { return candidate.major < version.major }
        return candidate.minor <= version.minor || wildcard == .minor
    }

    /// `~`: changes of the patch number, or of the minor number where none is given.
    private func isNear(_ candidate: SemanticVersion) -> Bool {
        guard candidate >= version else { return false }
        // `~0.0.0` is any version in the original, like `~*`.
        let isZero = version.major == 0 && version.minor == 0 && version.patch == 0
        if isZero, wildcard == .none || wildcard == .major { return true }
        return candidate.major == version.major && (candidate.minor == version.minor || wildcard == .minor)
    }

    /// `^`: changes that leave the first number that is not zero alone.
    private func isCompatible(_ candidate: SemanticVersion) -> Bool {
        guard candidate >= version else { return false }
        if version.major > 0 || wildcard == .minor { return candidate.major == version.major }
        guard candidate.major == 0 else { return false }
        if version.minor > 0 || wildcard == .patch { return candidate.minor == version.minor }
        return candidate.minor == 0 && candidate.patch == version.patch
    }
}

extension VersionComparator: CustomStringConvertible {
    var description: String { relation.rawValue + text }
}
