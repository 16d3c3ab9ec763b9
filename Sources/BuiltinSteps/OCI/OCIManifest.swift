import KargoCore

/// Says what an artifact consists of.
struct OCIManifest: Sendable {
    /// The kinds of manifest, by their media types.
    enum MediaType {
        static let ociIndex = "application/vnd.oci.image.index.v1+json"
        static let ociManifest = "application/vnd.oci.image.manifest.v1+json"
        static let dockerList = "application/vnd.docker.distribution.manifest.list.v2+json"
        static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"

        static let all = [ociIndex, ociManifest, dockerList, dockerManifest]
        static func isIndex(_ type: String) -> Bool { type == ociIndex || type == dockerList }
        static func isImage(_ type: String) -> Bool { type == ociManifest || type == dockerManifest }
    }

    enum Content: Sendable {
        /// One artifact: its configuration and its layers.
        case image(config: OCIDescriptor?, layers: [OCIDescriptor])
        /// Several artifacts, such as one for each platform.
        case index([OCIDescriptor])
    }

    private struct Body: Decodable {
        var config: OCIDescriptor?
        var layers: [OCIDescriptor]?
        var manifests: [OCIDescriptor]?
    }

    /// The manifest as the registry has it, byte by byte.
    let bytes: [UInt8]
    let mediaType: String
    let digest: OCIDigest
    let document: JSONValue
    let content: Content

    /// Reads a manifest.
    ///
    /// - Parameters:
    ///   - bytes: The manifest.
    ///   - contentType: What the registry says that it is, for one that does not say itself.
    /// - Throws: ``OCIFailure`` if it is none, or of a kind that is not known.
    init(_ bytes: [UInt8], contentType: String?) throws(OCIFailure) {
        do throws(SyntaxError) {
            document = try JSONValue(parsing: bytes)
        } catch {
            throw OCIFailure(.corrupt, "the manifest is not JSON: \(error)")
        }
        let announced = contentType.map { String($0.prefix { $0 != ";" }.filter { $0 != " " }).lowercased() }
        let type = document["mediaType"]?.stringValue ?? announced ?? ""
        let body: Body
        do throws(FieldError) {
            body = try JSONValueDecoder().decode(Body.self, from: document)
        } catch {
            throw OCIFailure(.corrupt, "the manifest is malformed: \(error)")
        }
        if MediaType.isIndex(type) {
            content = .index(body.manifests ?? [])
        } else if MediaType.isImage(type) {
            content = .image(config: body.config, layers: body.layers ?? [])
        } else {
            throw OCIFailure(.unsupported, "the manifest has the media type \"\(type)\", which is not supported")
        }
        self.bytes = bytes
        mediaType = type
        digest = OCIDigest(of: bytes)
    }

    /// The bytes that an image consists of besides its manifest; nothing for an index.
    var blobs: [OCIDescriptor] {
        switch content {
        case .image(let config, let layers): (config.map { [$0] } ?? []) + layers
        case .index: []
        }
    }
}
