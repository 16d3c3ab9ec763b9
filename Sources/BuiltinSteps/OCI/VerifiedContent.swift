import AsyncHTTPClient
import KargoCore
import NIOCore
import Synchronization

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
        Iterator(body: body.makeAsyncIterator(), blob: blob, outcome: outcome, explain: explain)
    }

    /// Remembers why content ended badly, for a client that only says that it could not send it.
    final class Outcome: Sendable {
        private let stored = Mutex<OCIFailure?>(nil)

        var failure: OCIFailure? { stored.withLock { $0 } }

        fileprivate func fail(_ code: OCIFailure.Code, _ reason: String) -> OCIFailure {
            let failure = OCIFailure(code, reason)
            stored.withLock { $0 = failure }
            return failure
        }
    }

    let outcome = Outcome()

    struct Iterator: AsyncIteratorProtocol {
        private var body: HTTPClientResponse.Body.AsyncIterator
        private let blob: OCIDescriptor
        private let outcome: Outcome
        private let explain: @Sendable (any Error) throws -> any Error
        private let hash = SHA256Stream()
        private var count: Int64 = 0

        fileprivate init(
            body: HTTPClientResponse.Body.AsyncIterator,
            blob: OCIDescriptor,
            outcome: Outcome,
            explain: @escaping @Sendable (any Error) throws -> any Error
        ) {
            self.body = body
            self.blob = blob
            self.outcome = outcome
            self.explain = explain
        }

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> ByteBuffer? {
            let part: ByteBuffer?
            do {
                part = try await body.next(isolation: actor)
            } catch {
                let reason = try explain(error)
                if let failure = reason as? OCIFailure { throw outcome.fail(failure.code, failure.description) }
                throw reason
            }
            guard let part else {
                guard count == blob.size else {
                    throw outcome.fail(.corrupt, "the blob \(blob.digest) ends after \(count) of \(blob.size) bytes")
                }
                let actual = OCIDigest(of: hash)
                guard actual == blob.digest else {
                    throw outcome.fail(.corrupt, "the blob \(blob.digest) has the digest \(actual)")
                }
                return nil
            }
            count += Int64(part.readableBytes)
            guard count <= blob.size else {
                throw outcome.fail(.corrupt, "the blob \(blob.digest) goes on after its \(blob.size) bytes")
            }
            part.withUnsafeReadableBytes { hash.update($0) }
            return part
        }
    }
}
