import AsyncHTTPClient
import KargoCore
import NIOCore

/// The content of a blob as it comes, which ends well only if it is what its descriptor says.
struct VerifiedContent: AsyncSequence, Sendable {
    private let body: HTTPClientResponse.Body
    private let blob: OCIDescriptor
    private let explain: @Sendable (any Error) throws -> any Error

    /// - Parameters:
    ///   - body: The content.
    ///   - blob: What it must be.
    ///   - explain: Says what a broken connection means.
    init(
        _ body: HTTPClientResponse.Body,
        as blob: OCIDescriptor,
        explain: @escaping @Sendable (any Error) throws -> any Error
    ) {
        self.body = body
        self.blob = blob
        self.explain = explain
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(body: body.makeAsyncIterator(), blob: blob, explain: explain)
    }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var body: HTTPClientResponse.Body.AsyncIterator
        fileprivate let blob: OCIDescriptor
        fileprivate let explain: @Sendable (any Error) throws -> any Error
        private let hash = SHA256Stream()
        private var count: Int64 = 0

        fileprivate init(
            body: HTTPClientResponse.Body.AsyncIterator,
            blob: OCIDescriptor,
            explain: @escaping @Sendable (any Error) throws -> any Error
        ) {
            self.body = body
            self.blob = blob
            self.explain = explain
        }

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> ByteBuffer? {
            let part: ByteBuffer?
            do {
                part = try await body.next(isolation: actor)
            } catch {
                throw try explain(error)
            }
            guard let part else {
                guard count == blob.size else {
                    throw OCIFailure(.corrupt, "the blob \(blob.digest) ends after \(count) of \(blob.size) bytes")
                }
                let actual = OCIDigest(of: hash)
                guard actual == blob.digest else {
                    throw OCIFailure(.corrupt, "the blob \(blob.digest) has the digest \(actual)")
                }
                return nil
            }
            count += Int64(part.readableBytes)
            guard count <= blob.size else {
                throw OCIFailure(.corrupt, "the blob \(blob.digest) goes on after its \(blob.size) bytes")
            }
            part.withUnsafeReadableBytes { hash.update($0) }
            return part
        }
    }
}
