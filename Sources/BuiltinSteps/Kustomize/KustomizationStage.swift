import KargoCore

/// Copies of exactly the files that a kustomization refers to, for kustomize to work on.
///
/// kustomize itself follows every path and link, fetches what looks like an address, and hands parts of addresses to
/// git as options. So it never sees the work directory: files are copied here, their places looked up as all paths of
/// steps are; kustomizations are written anew from what was checked, with each reference pointing to the copy. What is
/// not known to be a reference is not copied, and what would be one elsewhere is not known here and refused.
struct KustomizationStage {
    /// A kustomization that is to be copied.
    struct Place: Hashable {
        var source: Int
        var path: FilePath
    }

    private static let maximumKustomizations = 10_000

    private var sources: [StageSource]
    private let stage: WorkDirectory
    private let remotes: RemoteContents
    private let cancellation: Cancellation
    private var known: Set<Place> = []
    private var waiting: [Place] = []
    /// Addresses whose content is not known yet.
    private(set) var missing: Set<String> = []
    /// Whether a chart is rendered.
    private(set) var usesHelm = false

    init(
        of workDirectory: WorkDirectory,
        at stage: WorkDirectory,
        _ remotes: RemoteContents,
        _ cancellation: Cancellation
    ) throws {
        self.stage = stage
        self.remotes = remotes
        self.cancellation = cancellation
        sources = [StageSource(directory: workDirectory, prefix: ["tree"])]
        for (index, clone) in remotes.clones.enumerated() {
            sources.append(StageSource(directory: try WorkDirectory(clone), prefix: ["remote", "\(index)"]))
        }
    }

    /// Copies a kustomization and all that it leads to.
    ///
    /// - Parameter path: The directory of the kustomization, as somebody has written it.
    /// - Returns: The copy's path in the stage.
    /// - Throws: ``KustomizationProblem``, ``FileError``, `CancellationError`.
    mutating func fill(_ path: String) throws -> [String] {
        let location = try sources[0].directory.locate(path)
        guard location.rest.isEmpty else { throw try location.missing("open") }
        let root = enqueue(Place(source: 0, path: location.path))
        var isRoot = true
        while let place = waiting.popLast() {
            try cancellation.check()
            try copyKustomization(place, isRoot: isRoot)
            isRoot = false
        }
        return root
    }

    private mutating func enqueue(_ place: Place) -> [String] {
        if known.insert(place).inserted { waiting.append(place) }
        return sources[place.source].staged(place.path)
    }

    private mutating func copyKustomization(_ place: Place, isRoot: Bool) throws {
        guard known.count <= Self.maximumKustomizations else {
            throw KustomizationProblem(description: "there are more than \(Self.maximumKustomizations) kustomizations")
        }
        let source = sources[place.source]
        let found = try KustomizationFile.names.compactMap { name -> Location? in
            guard case .file(let location) = try source.target(name, from: place.path) else { return nil }
            return location
        }
        guard let location = found.first, found.count == 1 else {
            let reason = found.isEmpty ? "no kustomization file" : "more than one kustomization file"
            throw KustomizationProblem(description: "\(reason) in \"\(place.path)\"")
        }
        do {
            let value = try YAMLNode.firstDocument(in: try text(of: location))?.jsonValue() ?? [:]
            let copy = try rewritten(value, at: place, isRoot: isRoot)
            try write(Array(copy.yaml().utf8), to: source.staged(place.path) + ["kustomization.yaml"])
        } catch let error as SyntaxError {
            throw KustomizationProblem(description: "\"\(location.path)\" is not YAML: \(error)")
        } catch let error as KustomizationProblem {
            throw KustomizationProblem(description: "\"\(location.path)\": \(error)")
        }
    }

    // MARK: References

    /// Copies what a reference to resources leads to: a file, a kustomization, or either of them at an address.
    ///
    /// - Returns: The reference to the copy.
    mutating func entry(_ reference: String, from place: Place) throws -> String {
        try RemoteReference.refuseOptions(in: reference)
        switch try sources[place.source].target(reference, from: place.path) {
        case .file(let location): return try copy(location, from: place)
        case .directory(let location):
            return self.reference(to: enqueue(Place(source: place.source, path: location.path)), from: place)
        case nil: break
        }
        switch try remote(reference) {
        case nil: return reference
        case .file(let name, let content):
            let path = ["remote-files"] + name
            try write(content, to: path)
            return self.reference(to: path, from: place)
        case .directory(let clone, let path):
            let source = clone + 1
            guard case .directory(let location) = try sources[source].target(path, from: FilePath()) else {
                throw KustomizationProblem(description: "there is no directory \"\(path)\" at \"\(reference)\"")
            }
            return self.reference(to: enqueue(Place(source: source, path: location.path)), from: place)
        }
    }

    /// Copies the file that a reference leads to.
    ///
    /// - Returns: The reference to the copy.
    mutating func file(_ reference: String, from place: Place) throws -> String {
        switch try sources[place.source].target(reference, from: place.path) {
        case .file(let location): return try copy(location, from: place)
        case .directory: throw KustomizationProblem(description: "\"\(reference)\" is a directory and not a file")
        case nil: break
        }
        guard case .file(let name, let content) = try remote(reference) else {
            if missing.contains(reference) { return reference }
            throw KustomizationProblem(description: "there is no file at \"\(reference)\"")
        }
        let path = ["remote-files"] + name
        try write(content, to: path)
        return self.reference(to: path, from: place)
    }

    /// Copies a directory with everything in it; it need not be there.
    ///
    /// - Returns: The reference to the copy.
    mutating func tree(_ reference: String, from place: Place) throws -> String {
        let source = sources[place.source]
        switch try source.target(reference, from: place.path) {
        case .directory(let location):
            try copier.copyTree(location.directory, of: source, to: source.staged(location.path))
            return self.reference(to: source.staged(location.path), from: place)
        case .file: throw KustomizationProblem(description: "\"\(reference)\" is not a directory")
        case nil: return self.reference(to: source.staged(try source.names(reference, from: place.path)), from: place)
        }
    }

    /// The text of a file that a reference leads to; nil if it leads to nothing, or nowhere near.
    func localText(_ reference: String, from place: Place) throws -> String? {
        switch try sources[place.source].target(reference, from: place.path) {
        case .file(let location): return try text(of: location)
        case .directory, nil: return nil
        }
    }

    mutating func noteHelm() { usesHelm = true }

    private mutating func remote(_ reference: String) throws -> RemoteContents.Content? {
        if let content = remotes.contents[reference] { return content }
        guard try RemoteReference(reference) != nil else {
            throw KustomizationProblem(description: "there is nothing at \"\(reference)\"")
        }
        missing.insert(reference)
        return nil
    }

    /// The way to a path of the stage; it begins with a dot, so that nobody takes it for an address.
    private func reference(to path: [String], from place: Place) -> String {
        let base = sources[place.source].staged(place.path)
        let common = zip(base, path).prefix { $0 == $1 }.count
        let steps = Array(repeating: "..", count: base.count - common) + path[common...]
        return steps.first == ".." ? steps.joined(separator: "/") : "./" + steps.joined(separator: "/")
    }

    // MARK: Files

    private func copy(_ location: Location, from place: Place) throws -> String {
        let path = sources[place.source].staged(location.path)
        try copier.copy(location, to: path)
        return reference(to: path, from: place)
    }

    private func text(of location: Location) throws -> String {
        guard let text = String(validating: try copier.content(of: location), as: UTF8.self) else {
            throw KustomizationProblem(description: "\"\(location.path)\" is not text in UTF-8")
        }
        return text
    }

    private func write(_ content: [UInt8], to path: [String]) throws { try copier.write(content, to: path) }

    private var copier: StageCopier { StageCopier(stage: stage, cancellation: cancellation) }
}
