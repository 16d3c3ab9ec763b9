import KargoCore
import KubernetesClient
import Synchronization

/// An API server that gives the same answers by path, and before that some errors.
final class ScriptedAPI: KubernetesAPI {
    private let answers: [String: JSONValue]
    private let failures: Mutex<[Int]>
    private let asked = Mutex<[String]>([])

    init(_ answers: [String: JSONValue], failures: [Int] = []) {
        self.answers = answers
        self.failures = Mutex(failures)
    }

    /// The paths that were asked for.
    var paths: [String] { asked.withLock { $0 } }

    func send(_ request: APIRequest) async throws -> APIResponse {
        asked.withLock { $0.append(request.path) }
        if let status = failures.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
            return APIResponse(status: status, body: Array("{}".utf8))
        }
        guard let answer = answers[request.path] else { return APIResponse(status: 404, body: Array("{}".utf8)) }
        return APIResponse(status: 200, body: answer.serialized())
    }

    func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
        throw KubernetesError(.badRequest, "nothing is watched here")
    }
}
