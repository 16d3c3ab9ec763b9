/// A method of a semantic version, as Masterminds/semver has it.
enum VersionMethod: String {
    case compare = "Compare"
    case equal = "Equal"
    case greaterThan = "GreaterThan"
    case greaterThanEqual = "GreaterThanEqual"
    case incMajor = "IncMajor"
    case incMinor = "IncMinor"
    case incPatch = "IncPatch"
    case lessThan = "LessThan"
    case lessThanEqual = "LessThanEqual"
    case major = "Major"
    case metadata = "Metadata"
    case minor = "Minor"
    case original = "Original"
    case patch = "Patch"
    case prerelease = "Prerelease"
    case setMetadata = "SetMetadata"
    case setPrerelease = "SetPrerelease"
    case string = "String"

    var arity: Int {
        switch self {
        case .compare, .equal, .greaterThan, .greaterThanEqual, .lessThan, .lessThanEqual, .setMetadata, .setPrerelease:
            1
        default: 0
        }
    }

    func apply(
        to version: SemanticVersion,
        _ arguments: ExpressionArguments
    ) throws(ExpressionError) -> ExpressionValue {
        switch self {
        case .compare:
            let other = try arguments.version(at: 0)
            return .int(version < other ? -1 : version == other ? 0 : 1)
        case .equal: return .bool(version == (try arguments.version(at: 0)))
        case .greaterThan: return .bool(version > (try arguments.version(at: 0)))
        case .greaterThanEqual: return .bool(version >= (try arguments.version(at: 0)))
        case .lessThan: return .bool(version < (try arguments.version(at: 0)))
        case .lessThanEqual: return .bool(version <= (try arguments.version(at: 0)))
        case .major: return .unsigned(version.major)
        case .minor: return .unsigned(version.minor)
        case .patch: return .unsigned(version.patch)
        case .metadata: return .string(version.metadata)
        case .original: return .string(version.original)
        case .prerelease: return .string(version.prerelease)
        case .string: return .string(version.description)
        case .incMajor, .incMinor, .incPatch, .setMetadata, .setPrerelease:
            return .version(try change(version, arguments))
        }
    }

    private func change(
        _ version: SemanticVersion,
        _ arguments: ExpressionArguments
    ) throws(ExpressionError) -> SemanticVersion {
        let text = arity == 1 ? try arguments.string(at: 0) : ""
        do throws(ValueError) {
            return switch self {
            case .incMajor: try version.nextMajor()
            case .incMinor: try version.nextMinor()
            case .setMetadata: try version.with(metadata: text)
            case .setPrerelease: try version.with(prerelease: text)
            default: try version.nextPatch()
            }
        } catch {
            throw ExpressionError(error.message)
        }
    }
}

extension ExpressionArguments {
    fileprivate func version(at index: Int) throws(ExpressionError) -> SemanticVersion {
        guard case .version(let version) = self[index] else {
            throw mismatch(at: index, expected: "a version, which semverParse() gives")
        }
        return version
    }
}
