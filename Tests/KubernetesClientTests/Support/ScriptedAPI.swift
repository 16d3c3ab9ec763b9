import KargoCore
import KubernetesClient
import Synchronization

/// An API server whose answers a test has written down: one list or watch after the other.
final class ScriptedAPI: KubernetesAPI {
    enum Answer: Sendable {
        case whole(Int, JSONValue)
        /// Lines of a watch, which then ends.
        case lines([String])
        /// Part of a watch, which then ends.
        case piece(String)
        /// Lines of a watch that goes on until it is cancelled.
        case openLines([String])
        case failure(KubernetesError)
    }

    private let state: Mutex<[Answer]>
    /// The targets of the requests.
    let requests: AsyncStream<String>
    private let request: AsyncStream<String>.Continuation

    init(_ answers: [Answer]) {
        state = Mutex(answers)
        (requests, request) = AsyncStream.makeStream()
    }

    /// Ends ``requests``.
    func finish() { request.finish() }

    private func next(_ target: String) -> Answer {
        request.yield(target)
        return state.withLock { answers in
            answers.isEmpty ? .failure(KubernetesError(.unreachable, "nothing left")) : answers.removeFirst()
        }
    }

    func send(_ request: APIRequest) async throws -> APIResponse {
        switch next(request.target) {
        case .whole(let status, let value): return APIResponse(status: status, body: value.serialized())
        case .failure(let error): throw error
        case .lines, .openLines, .piece: throw KubernetesError(.badResponse, "a watch was not expected")
        }
    }

    func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
        switch next(request.target) {
        case .whole: throw KubernetesError(.badResponse, "a watch was expected")
        case .failure(let error): throw error
        case .lines(let lines):
            for line in lines { _ = try await body(Array("\(line)\n".utf8)) }
        case .piece(let text): _ = try await body(Array(text.utf8))
        case .openLines(let lines):
            for line in lines { _ = try await body(Array("\(line)\n".utf8)) }
            let (never, _) = AsyncStream.makeStream(of: Void.self)
            for await _ in never {}
            throw CancellationError()
        }
    }
}
