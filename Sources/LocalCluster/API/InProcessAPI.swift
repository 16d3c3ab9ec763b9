import KargoCore
import KubernetesClient
import Synchronization

/// The API for callers in the same process, without a connection.
struct InProcessAPI: KubernetesAPI {
    let handler: APIHandler
    /// Who is calling.
    let username: String

    func send(_ request: APIRequest) async throws -> APIResponse {
        let answer = await handler.answer(call(request))
        switch answer.body {
        case .whole(let bytes): return APIResponse(status: answer.status, body: bytes)
        case .stream(let produce):
            var body: [UInt8] = []
            try await produce { body += $0 }
            return APIResponse(status: answer.status, body: body)
        }
    }

    func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
        let answer = await handler.answer(call(request))
        switch answer.body {
        case .whole(let bytes):
            guard answer.status < 300 else {
                throw KubernetesError(
                    httpStatus: answer.status,
                    status: try? JSONValue(parsing: bytes),
                    request: request
                )
            }
            _ = try await body(bytes)
        case .stream(let produce):
            do {
                try await produce { bytes in
                    guard try await body(bytes) else { throw ReaderIsDone() }
                }
            } catch is ReaderIsDone {
                return
            }
        }
        // A watch ends without an error when its task is cancelled, which its reader must not take for the server's
        // doing.
        try Task.checkCancellation()
    }

    private struct ReaderIsDone: Error {}

    private func call(_ request: APIRequest) -> APICall {
        let (path, query) = RequestTarget.split(request.target)
        return APICall(
            method: request.method.rawValue,
            path: path,
            query: query,
            accept: "application/json",
            contentType: request.body == nil ? "" : request.contentType,
            ifNoneMatch: nil,
            body: request.body ?? [],
            caller: Caller(username: username),
            userAgent: username
        )
    }
}
