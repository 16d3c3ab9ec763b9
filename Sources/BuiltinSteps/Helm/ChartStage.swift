import KargoCore

/// Copies of a chart and of what it needs of the work directory, for helm to work on.
///
/// helm follows every link. So it never sees the work directory, and links are followed here if they stay in it.
struct ChartStage: Sendable {
    private let source: StageSource
    private let workDirectory: WorkDirectory
    private let stage: WorkDirectory
    /// Where the chart is in the work directory.
    let path: FilePath
    /// Where its copy is in the stage.
    let copy: String

    /// Copies a chart.
    ///
    /// - Throws: ``FileError``, ``HelmProblem``, `CancellationError`.
    init(
        of path: String,
        in workDirectory: WorkDirectory,
        at stage: WorkDirectory,
        _ cancellation: Cancellation
    ) throws {
        self.workDirectory = workDirectory
        self.stage = stage
        source = StageSource(directory: workDirectory, prefix: ["tree"])
        let location = try workDirectory.locate(path)
        self.path = location.path
        let names = source.staged(location.path)
        copy = names.joined(separator: "/")
        let copier = StageCopier(stage: stage, cancellation: cancellation)
        if location.rest.isEmpty {
            try copier.copyTree(location.directory, of: source, to: names)
        } else {
            try copier.copy(location, to: names)
        }
    }

    /// The text of a file of the chart's copy.
    func text(_ name: String, _ cancellation: Cancellation) throws -> String {
        try stage.readText("\(copy)/\(name)", limit: DocumentLimits.largestFile, cancellation)
    }

    /// Whether the chart's copy has a file.
    func hasFile(_ name: String) throws -> Bool {
        let location = try stage.locate("\(copy)/\(name)")
        guard location.rest.count == 1, let name = location.rest.first else { return false }
        return try location.directory.status(ifPresent: name)?.kind == .file
    }

    /// Replaces a text of the chart's copy.
    func replaceText(_ name: String, with text: String) throws { try stage.replaceText("\(copy)/\(name)", with: text) }

    /// Copies charts of the work directory that the chart depends on.
    ///
    /// - Throws: ``HelmProblem`` for one that is elsewhere; ``FileError``, `CancellationError`.
    func copyDependencies(_ dependencies: [ChartDependency], _ cancellation: Cancellation) throws {
        let copier = StageCopier(stage: stage, cancellation: cancellation)
        for dependency in dependencies {
            guard let path = dependency.localPath else { continue }
            guard !path.hasPrefix("/") else {
                throw HelmProblem(
                    description: "invalid dependency \"\(dependency.repository)\": the path must be relative"
                )
            }
            let names = source.staged(try source.names(path, from: self.path))
            guard case .directory(let location) = try source.target(path, from: self.path) else {
                throw HelmProblem(
                    description: "invalid dependency \"\(dependency.repository)\": there is no such directory"
                )
            }
            try copier.copyTree(location.directory, of: source, to: names)
        }
    }

    // MARK: Back to the work directory

    /// Copies a file of the chart's copy to the chart.
    func bringBack(_ name: String, _ cancellation: Cancellation) throws {
        let content = try stage.readFile("\(copy)/\(name)", limit: DocumentLimits.largestFile, cancellation)
        let (directory, name) = try workDirectory.locate(FilePath(path.names), links: .refused).place(of: name)
        try directory.writeFile(name, content: content, permissions: .kept)
    }

    /// Makes the archives in the chart's `charts` those of its copy.
    func bringBackArchives(_ cancellation: Cancellation) throws {
        guard let charts = FileName("charts".utf8) else { return }
        let copies = try stage.locate("\(copy)/charts")
        let archives = try copies.rest.isEmpty ? copies.directory.archives() : []
        let location = try workDirectory.locate(path.appending(charts), links: .contained)
        let existing = try location.rest.isEmpty ? location.directory.archives() : []
        if archives.isEmpty && existing.isEmpty { return }
        let target = try location.makingDirectories()
        for name in archives {
            let content = try copies.directory.readFile(name, limit: DocumentLimits.largestFile, cancellation)
            try target.writeFile(name, content: content, permissions: .kept)
        }
        for name in existing where !archives.contains(name) {
            do throws(SystemError) {
                try target.remove(name)
            } catch {
                throw target.failure("remove", name, error)
            }
        }
    }
}

extension Location {
    /// The place of a file in the directory that this names.
    fileprivate func place(of name: String) throws -> (directory: Directory, name: FileName) {
        guard rest.isEmpty, let name = FileName(name.utf8) else { throw try missing("write") }
        return (directory, name)
    }
}

extension Directory {
    /// The files that end in `.tgz`.
    fileprivate func archives() throws -> [FileName] {
        try names()
            .filter { name in
                try name.bytes.suffix(4).elementsEqual(".tgz".utf8) && status(ifPresent: name)?.kind == .file
            }
    }
}
