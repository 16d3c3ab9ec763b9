import KargoCore

/// A tree that programs get copies of: the work directory, or a repository that was fetched.
struct StageSource: Sendable {
    /// What a path names.
    enum Target: Sendable {
        case directory(Location)
        case file(Location)
    }

    let directory: WorkDirectory
    /// Where copies of its files go in the stage.
    let prefix: [String]

    /// Follows a path, as the system would from a directory of the tree.
    ///
    /// - Parameters:
    ///   - path: The path; one that is absolute must be in the tree.
    ///   - base: The directory, links taken out.
    /// - Returns: What is there; nil if there is nothing.
    /// - Throws: ``FileError`` if it leads out of the tree.
    func target(_ path: String, from base: FilePath) throws -> Target? {
        let location = try directory.locate(try names(path, from: base), links: .contained)
        guard let name = location.rest.first else { return .directory(location) }
        guard location.rest.count == 1, let status = try location.directory.status(ifPresent: name) else { return nil }
        if status.kind == .file { return .file(location) }
        throw FileError(.link, "can't read \"\(location.path)\": not a regular file")
    }

    /// The names on the way, `..` taken out before links are followed, as kustomize does.
    func names(_ path: String, from base: FilePath) throws -> FilePath {
        let escape = FileError(.escape, "the path \"\(path)\" leads out of the work directory")
        guard let written = WrittenPath(path.utf8) else { throw escape }
        if written.isAbsolute {
            for prefix in directory.prefixes {
                if let names = written.cleaned, names.starts(with: prefix) {
                    return FilePath(Array(names.dropFirst(prefix.count)))
                }
            }
            throw escape
        }
        var names = base.names
        for part in written.parts {
            switch part {
            case .name(let name): names.append(name)
            case .parent: if names.popLast() == nil { throw escape }
            }
        }
        return FilePath(names)
    }

    /// Where the copy of a file goes in the stage.
    func staged(_ path: FilePath) -> [String] { prefix + path.names.map(\.description) }
}
