import KargoCore

/// Deletes files and directories.
struct DeleteStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var path: String?
        var paths: [String]?
        var pathsAreGlobs: Bool?
        var strict: Bool?
    }

    static let kind = "delete"
    static var schema: [UInt8] { PackageResources.delete_json }

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let paths = config.path.map { [$0] } ?? config.paths ?? []
        let isStrict = config.strict ?? false
        do {
            let patterns = config.pathsAreGlobs == true ? try paths.map(NamedPattern.init) : nil
            try await Cancellation.blocking { cancellation in
                let workDirectory = try WorkDirectory(step.workDir)
                let targets =
                    if let patterns {
                        try Self.targets(matching: patterns, isStrict: isStrict, in: workDirectory, cancellation)
                    } else {
                        try Self.targets(paths, isStrict: isStrict, in: workDirectory)
                    }
                try Self.remove(targets, in: workDirectory, cancellation)
            }
        } catch let error as NamedPattern.Malformed {
            return .erroredForGood(error.description)
        } catch let error as FileError {
            return .errored("failed to delete: \(error)")
        }
        return .succeeded()
    }

    private static func targets(
        _ paths: [String],
        isStrict: Bool,
        in workDirectory: WorkDirectory
    ) throws(FileError) -> [FilePath] {
        var targets: [FilePath] = []
        for path in paths {
            if let target = try target(path, in: workDirectory) {
                targets.append(target)
            } else if isStrict {
                throw FileError(.missing, "path \"\(path)\" does not exist")
            }
        }
        return targets
    }

    private static func targets(
        matching patterns: [NamedPattern],
        isStrict: Bool,
        in workDirectory: WorkDirectory,
        _ cancellation: Cancellation
    ) throws -> [FilePath] {
        var targets: [FilePath] = []
        for pattern in patterns {
            let found = try self.targets(matching: pattern.pattern, in: workDirectory, cancellation)
            if found.isEmpty, isStrict { throw FileError(.missing, "no paths matched pattern \"\(pattern.text)\"") }
            targets += found
        }
        return targets
    }

    private static func targets(
        matching pattern: GlobPattern,
        in workDirectory: WorkDirectory,
        _ cancellation: Cancellation
    ) throws -> [FilePath] {
        var walk = GlobWalk(in: workDirectory, cancellation)
        var targets: [FilePath] = []
        for path in try walk.paths(matching: pattern) {
            try cancellation.check()
            if let target = try target(path.names, in: workDirectory, named: path.description) {
                targets.append(target)
            }
        }
        return targets
    }

    private static func target(_ path: String, in workDirectory: WorkDirectory) throws(FileError) -> FilePath? {
        guard let names = WrittenPath(path.utf8)?.cleaned, !names.isEmpty else { throw escape(path) }
        return try target(names, in: workDirectory, named: path)
    }

    /// What is to be deleted, with links on the way taken out; nil if it is not there.
    private static func target(
        _ names: [FileName],
        in workDirectory: WorkDirectory,
        named path: String
    ) throws(FileError) -> FilePath? {
        guard let name = names.last else { throw escape(path) }
        let parent: Location
        do throws(FileError) {
            parent = try workDirectory.locate(FilePath(names.dropLast()), links: .contained)
        } catch  where error.code == .escape {
            throw escape(path)
        }
        guard parent.rest.isEmpty else {
            let error = try parent.missing("delete")
            if error.code == .missing { return nil }
            throw error
        }
        guard try parent.directory.status(ifPresent: name) != nil else { return nil }
        return parent.directory.path.appending(name)
    }

    private static func escape(_ path: String) -> FileError {
        FileError(
            .escape,
            "could not resolve path \"\(path)\": it attempts to traverse outside the working directory"
        )
    }

    /// Removes each target once; what went together with a directory is not there any more.
    private static func remove(
        _ targets: [FilePath],
        in workDirectory: WorkDirectory,
        _ cancellation: Cancellation
    ) throws {
        var done: Set<FilePath> = []
        for target in targets where done.insert(target).inserted {
            guard let name = target.names.last else { continue }
            let parent = try workDirectory.locate(FilePath(target.names.dropLast()), links: .refused)
            guard parent.rest.isEmpty else { continue }
            try parent.directory.removeTree(name, cancellation)
        }
    }
}

/// A pattern and how it was written.
private struct NamedPattern: Sendable {
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    let text: String
    let pattern: GlobPattern

    init(_ text: String) throws(Malformed) {
        self.text = text
        do throws(GlobPattern.Malformed) {
            pattern = try GlobPattern(text.hasPrefix("./") ? String(text.dropFirst(2)) : text)
        } catch {
            throw Malformed(description: "invalid glob pattern \"\(text)\": \(error)")
        }
    }
}
