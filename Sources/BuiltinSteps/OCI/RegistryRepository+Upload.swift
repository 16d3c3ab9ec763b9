import AsyncHTTPClient
import KargoCore
import NIOCore
import NIOHTTP1

extension RegistryRepository {
    /// What is sent in one request together with its digest; more goes as a stream of its own.
    private static let largestSingleUpload = 1 << 20

    /// Makes a blob of another repository one of this, unless it is already.
    ///
    /// A registry is asked to take it from the other repository if that is one of its own.
    ///
    /// - Throws: ``OCIFailure``, `CancellationError`.
    func copy(_ blob: OCIDescriptor, from source: RegistryRepository) async throws {
        if try await contains(blob) { return }
        let isNear = source.session.registry == session.registry
        guard let upload = try await beginUpload(of: blob, mountingFrom: isNear ? source : nil) else { return }
        let content = try await source.content(of: blob)
        do {
            try await send(content, of: blob, to: upload)
        } catch {
            try Task.checkCancellation()
            throw content.outcome.failure ?? error
        }
    }

    private func send(_ content: VerifiedContent, of blob: OCIDescriptor, to upload: RequestURL) async throws {
        let body = HTTPClientRequest.Body.stream(content, length: .known(blob.size))
        guard blob.size > Self.largestSingleUpload else {
            try await finishUpload(of: blob, at: upload, body: body)
            return
        }
        let answer = try await session.send(
            RegistrySession.Request(
                method: .PATCH,
                target: .url(upload),
                headers: ["Content-Type": "application/octet-stream"],
                body: body,
                scopes: [pushScope],
                isRepeatable: false
            )
        )
        guard (200...299).contains(answer.status), let next = answer.response.headers.first(name: "Location") else {
            throw await session.failure(answer, "doesn't take the blob \(blob.digest)")
        }
        try await session.drain(answer)
        try await finishUpload(of: blob, at: try session.resolve(next, from: answer.url), body: nil)
    }

    /// Where to send a blob; nil if the registry has taken it from another repository.
    private func beginUpload(
        of blob: OCIDescriptor,
        mountingFrom source: RegistryRepository?
    ) async throws -> RequestURL? {
        if let source {
            let query = "?mount=\(blob.digest)&from=\(source.name.percentEncoded)"
            do {
                return try await beginUpload(query: query, scopes: [pushScope, source.pullScope])
            } catch let failure as OCIFailure where failure.code == .unauthorized {
                // Whoever may write here need not be allowed to read there.
            }
        }
        return try await beginUpload(query: "", scopes: [pushScope])
    }

    private func beginUpload(query: String, scopes: [String]) async throws -> RequestURL? {
        let answer = try await session.send(
            RegistrySession.Request(method: .POST, target: .path("\(name)/blobs/uploads/\(query)"), scopes: scopes)
        )
        switch answer.status {
        case 201:
            try await session.drain(answer)
            return nil
        case 202:
            guard let location = answer.response.headers.first(name: "Location") else { fallthrough }
            try await session.drain(answer)
            return try session.resolve(location, from: answer.url)
        default: throw await session.failure(answer, "doesn't begin an upload to \(name)")
        }
    }

    private func finishUpload(
        of blob: OCIDescriptor,
        at location: RequestURL,
        body: HTTPClientRequest.Body?
    ) async throws {
        let text = location.text
        let url = try RegistrySession.url(text + (text.contains("?") ? "&" : "?") + "digest=\(blob.digest)")
        let answer = try await session.send(
            RegistrySession.Request(
                method: .PUT,
                target: .url(url),
                headers: body == nil ? [:] : ["Content-Type": "application/octet-stream"],
                body: body,
                scopes: [pushScope],
                isRepeatable: body == nil
            )
        )
        guard answer.status == 201 || answer.status == 204 else {
            throw await session.failure(answer, "doesn't take the blob \(blob.digest)")
        }
        try await session.drain(answer)
    }
}
