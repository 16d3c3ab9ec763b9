/// An artifact with all its manifests: an image, or an index and what it lists.
struct ImageTree: Sendable {
    /// The deepest that indexes are nested.
    static let maximumDepth = 4
    /// The most that the manifests of one artifact may hold together.
    static let largestManifests = 32 << 20
    /// How many blobs are on their way at a time.
    static let maximumCopies = 4

    let manifest: OCIManifest
    /// What an index lists, in its order.
    let children: [ImageTree]

    /// Reads an artifact.
    ///
    /// - Throws: ``OCIFailure``, `CancellationError`.
    static func load(_ version: OCIReference.Version, from repository: RegistryRepository) async throws -> ImageTree {
        var room = largestManifests
        return try await load(version, from: repository, depth: 0, room: &room)
    }

    private static func load(
        _ version: OCIReference.Version,
        from repository: RegistryRepository,
        depth: Int,
        room: inout Int
    ) async throws -> ImageTree {
        guard depth <= maximumDepth else {
            throw OCIFailure(.unsupported, "indexes are nested deeper than \(maximumDepth) levels")
        }
        let manifest = try await repository.manifest(version)
        room -= manifest.bytes.count
        guard room >= 0 else {
            throw OCIFailure(.tooLarge, "the manifests hold more than \(largestManifests) bytes together")
        }
        var children: [ImageTree] = []
        if case .index(let descriptors) = manifest.content {
            for child in descriptors {
                guard OCIManifest.MediaType.all.contains(child.mediaType) else {
                    throw OCIFailure(
                        .unsupported,
                        "the index lists \(child.digest) of the media type \"\(child.mediaType)\", which is not supported"
                    )
                }
                let tree = try await load(.digest(child.digest), from: repository, depth: depth + 1, room: &room)
                children.append(tree)
            }
        }
        return ImageTree(manifest: manifest, children: children)
    }

    /// The size of configurations and layers together; what several images share counts for each.
    var size: Int64 {
        (manifest.blobs.map(\.size) + children.map(\.size))
            .reduce(0) { sum, size in
                let (result, isTooLarge) = sum.addingReportingOverflow(size)
                return isTooLarge ? .max : result
            }
    }

    /// All blobs, each once.
    var blobs: [OCIDescriptor] {
        var known: Set<OCIDigest> = []
        return allBlobs.filter { known.insert($0.digest).inserted }
    }

    private var allBlobs: [OCIDescriptor] { manifest.blobs + children.flatMap(\.allBlobs) }

    // MARK: Copies

    /// Writes the artifact under a tag, after all that it consists of.
    ///
    /// - Parameters:
    ///   - repository: Where to.
    ///   - tag: The tag.
    ///   - source: Where its blobs are, if that is another repository.
    /// - Throws: ``OCIFailure``, `CancellationError`; then the tag is as it was.
    func push(to repository: RegistryRepository, tag: String, blobsFrom source: RegistryRepository?) async throws {
        if let source { try await copyBlobs(from: source, to: repository) }
        try await pushChildren(to: repository)
        try await repository.put(manifest, as: .tag(tag))
    }

    private func copyBlobs(from source: RegistryRepository, to repository: RegistryRepository) async throws {
        var rest = blobs.filter(\.isDistributable)[...]
        // The first one alone: what it has to prove to the registries the others need not prove again.
        if let first = rest.popFirst() { try await repository.copy(first, from: source) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, blob) in rest.enumerated() {
                if place >= Self.maximumCopies { _ = try await group.next() }
                group.addTask { try await repository.copy(blob, from: source) }
            }
            try await group.waitForAll()
        }
    }

    private func pushChildren(to repository: RegistryRepository) async throws {
        for child in children {
            try await child.pushChildren(to: repository)
            try await repository.put(child.manifest, as: .digest(child.manifest.digest))
        }
    }
}
