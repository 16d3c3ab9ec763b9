import KargoCore

/// What annotations a push adds to manifests.
struct ManifestAnnotations: Sendable, Hashable {
    private static let indexPrefix = "index:"
    private static let manifestPrefix = "manifest:"

    /// Those of the index.
    private(set) var index: [String: String] = [:]
    /// Those of each image.
    private(set) var manifest: [String: String] = [:]

    /// Reads annotations: a key with `index:` goes to an index, one with `manifest:` or nothing to images.
    init(_ annotations: [String: String]) {
        // In order, so that of `a` and `manifest:a` always the same wins.
        for (key, value) in annotations.sorted(by: { $0.key < $1.key }) {
            if key.hasPrefix(Self.indexPrefix) {
                index[String(key.dropFirst(Self.indexPrefix.count))] = value
            } else if key.hasPrefix(Self.manifestPrefix) {
                manifest[String(key.dropFirst(Self.manifestPrefix.count))] = value
            } else {
                manifest[key] = value
            }
        }
    }

    /// The artifact with the annotations; those that it has under other keys stay.
    ///
    /// - Throws: ``OCIFailure``.
    func applied(to tree: ImageTree) throws(OCIFailure) -> ImageTree { try applied(to: tree, index: index) }

    private func applied(to tree: ImageTree, index: [String: String]) throws(OCIFailure) -> ImageTree {
        switch tree.manifest.content {
        case .image: return ImageTree(manifest: try Self.add(manifest, to: tree.manifest), children: [])
        case .index:
            var children: [ImageTree] = []
            for child in tree.children { children.append(try applied(to: child, index: [:])) }
            let isSame = zip(children, tree.children).allSatisfy { $0.manifest.digest == $1.manifest.digest }
            let replaced = isSame ? tree.manifest : try Self.replaceDescriptors(of: tree.manifest, by: children)
            return ImageTree(manifest: try Self.add(index, to: replaced), children: children)
        }
    }

    private static func add(_ annotations: [String: String], to manifest: OCIManifest) throws(OCIFailure) -> OCIManifest
    {
        guard !annotations.isEmpty else { return manifest }
        var members = manifest.document["annotations"]?.objectValue ?? [:]
        for (key, value) in annotations { members[key] = .string(value) }
        var document = manifest.document
        document["annotations"] = .object(members)
        return document == manifest.document ? manifest : try rewritten(manifest, document)
    }

    private static func replaceDescriptors(
        of manifest: OCIManifest,
        by children: [ImageTree]
    ) throws(OCIFailure) -> OCIManifest {
        var descriptors = manifest.document["manifests"]?.arrayValue ?? []
        for (place, child) in children.enumerated() where place < descriptors.count {
            descriptors[place]["digest"] = .string(child.manifest.digest.description)
            descriptors[place]["size"] = .int(Int64(child.manifest.bytes.count))
        }
        var document = manifest.document
        document["manifests"] = .array(descriptors)
        return try rewritten(manifest, document)
    }

    private static func rewritten(_ manifest: OCIManifest, _ document: JSONValue) throws(OCIFailure) -> OCIManifest {
        try OCIManifest(document.serialized(.sortedKeys), contentType: manifest.mediaType)
    }
}
