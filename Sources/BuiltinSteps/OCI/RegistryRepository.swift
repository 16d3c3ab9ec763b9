import AsyncHTTPClient
import KargoCore
import NIOCore
import NIOHTTP1

/// A repository of a registry.
struct RegistryRepository: Sendable {
    /// The largest manifest, as for most registries.
    static let largestManifest = 4 << 20

    let session: RegistrySession
    let name: String

    var pullScope: String { "repository:\(name):pull" }
    var pushScope: String { "repository:\(name):pull,push" }

    /// Reads a manifest.
    ///
    /// - Throws: ``OCIFailure``, also if it is not what its digest says; `CancellationError`.
    func manifest(_ version: OCIReference.Version) async throws -> OCIManifest {
        let answer = try await session.send(
            RegistrySession.Request(
                method: .GET,
                target: .path("\(name)/manifests/\(version)"),
                headers: HTTPHeaders(OCIManifest.MediaType.all.map { ("Accept", $0) }),
                scopes: [pullScope]
            )
        )
        guard answer.status == 200 else { throw await session.failure(answer, "has no manifest \(name) \(version)") }
        let bytes: [UInt8]
        do {
            bytes = Array(buffer: try await answer.response.body.collect(upTo: Self.largestManifest))
        } catch is NIOTooManyBytesError {
            throw OCIFailure(.tooLarge, "the manifest \(name) \(version) exceeds \(Self.largestManifest) bytes")
        } catch {
            throw try session.unreachable(error, answer.url)
        }
        var expected = answer.response.headers.first(name: "Docker-Content-Digest").flatMap { OCIDigest($0) }
        if case .digest(let digest) = version { expected = digest }
        let actual = OCIDigest(of: bytes)
        guard expected == nil || expected == actual else {
            throw OCIFailure(.corrupt, "the manifest \(name) \(version) has the digest \(actual)")
        }
        return try OCIManifest(bytes, contentType: answer.response.headers.first(name: "Content-Type"))
    }

    /// The manifest of the image for linux/amd64, which is the only one if there is no index.
    ///
    /// - Throws: ``OCIFailure``, `CancellationError`.
    func image(_ version: OCIReference.Version) async throws -> OCIManifest {
        var manifest = try await manifest(version)
        for _ in 0..<ImageTree.maximumDepth {
            guard case .index(let children) = manifest.content else { return manifest }
            let child = children.first { child in
                guard let platform = child.platform else { return true }
                return platform.os == "linux" && platform.architecture == "amd64"
            }
            guard let child else { throw OCIFailure(.missing, "the index has no image for linux/amd64") }
            manifest = try await self.manifest(.digest(child.digest))
        }
        throw OCIFailure(.unsupported, "indexes are nested deeper than \(ImageTree.maximumDepth) levels")
    }

    /// Writes a manifest.
    ///
    /// - Throws: ``OCIFailure``, `CancellationError`.
    func put(_ manifest: OCIManifest, as version: OCIReference.Version) async throws {
        let answer = try await session.send(
            RegistrySession.Request(
                method: .PUT,
                target: .path("\(name)/manifests/\(version)"),
                headers: ["Content-Type": manifest.mediaType],
                body: .bytes(manifest.bytes),
                scopes: [pushScope]
            )
        )
        guard answer.status == 201 || answer.status == 200 else {
            throw await session.failure(answer, "doesn't take the manifest \(name) \(version)")
        }
        try await session.drain(answer)
    }

    // MARK: Blobs

    /// Whether the repository has some content.
    func contains(_ blob: OCIDescriptor) async throws -> Bool {
        let path = "\(name)/blobs/\(blob.digest)"
        let answer = try await session.send(
            RegistrySession.Request(method: .HEAD, target: .path(path), scopes: [pushScope])
        )
        try await session.drain(answer)
        switch answer.status {
        case 200: return true
        case 404: return false
        default: throw await session.failure(answer, "doesn't tell whether it has the blob \(blob.digest)")
        }
    }

    /// The content of a blob as it comes.
    ///
    /// - Throws: ``OCIFailure``, `CancellationError`; so does the sequence, also before its end if the content is not what
    ///   the descriptor says.
    func content(of blob: OCIDescriptor) async throws -> VerifiedContent {
        let path = "\(name)/blobs/\(blob.digest)"
        let answer = try await session.send(
            RegistrySession.Request(method: .GET, target: .path(path), scopes: [pullScope])
        )
        guard answer.status == 200 else { throw await session.failure(answer, "has no blob \(name) \(blob.digest)") }
        return VerifiedContent(answer.response.body, as: blob) { [session] error in
            try session.unreachable(error, answer.url)
        }
    }
}
