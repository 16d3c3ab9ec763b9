import KargoCore
import KubernetesClient
import Synchronization
import Testing

@testable import AgentPod

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Agent keys")
struct AgentKeysTests {
    /// One Secret of an API server.
    private final class SecretStore: KubernetesAPI {
        private struct State {
            var secret: JSONValue?
            var calls: [String] = []
        }

        private let state: Mutex<State>
        private let rival: JSONValue?
        private let refusal: Int?

        init(_ secret: JSONValue? = nil, rival: JSONValue? = nil, refusal: Int? = nil) {
            state = Mutex(State(secret: secret))
            self.rival = rival
            self.refusal = refusal
        }

        var calls: [String] { state.withLock(\.calls) }

        func send(_ request: APIRequest) async throws -> APIResponse {
            let body = try request.body.map { try JSONValue(parsing: $0) }
            return state.withLock { state in
                state.calls.append("\(request.method.rawValue) \(request.path)")
                if let refusal { return answer(refusal, ["message": "not allowed"]) }
                if request.method == .get {
                    return state.secret.map { answer(200, $0) } ?? answer(404, ["reason": "NotFound"])
                }
                if let rival {
                    state.secret = rival
                    return answer(409, ["reason": "AlreadyExists"])
                }
                state.secret = body
                return answer(201, body ?? .null)
            }
        }

        func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {}

        private func answer(_ status: Int, _ value: JSONValue) -> APIResponse {
            APIResponse(status: status, body: value.serialized())
        }
    }

    private static func secret(_ data: [String: String]) -> JSONValue {
        [
            "metadata": ["name": "kargo-agent-key"],
            "data": .object(data.mapValues { .string(Data($0.utf8).base64EncodedString()) }),
        ]
    }

    private static let long = String(repeating: "k", count: 32)
    private static let path = "/api/v1/namespaces/kargo/secrets"

    @Test func `are made once`() async throws {
        let store = SecretStore()
        let keys = try await AgentKeys.load(api: store, namespace: "kargo")
        #expect(keys.current.count >= 32)
        #expect(keys.previous == nil)
        #expect(try await AgentKeys.load(api: store, namespace: "kargo") == keys)
        let get = "GET \(Self.path)/kargo-agent-key"
        #expect(store.calls == [get, "POST \(Self.path)", get, get])
    }

    @Test func `are those of the controller that was first`() async throws {
        let store = SecretStore(rival: Self.secret(["key": Self.long]))
        #expect(try await AgentKeys.load(api: store, namespace: "kargo").current == Array(Self.long.utf8))
    }

    @Test func `are two while Pods run that know the one before`() async throws {
        let store = SecretStore(Self.secret(["key": Self.long, "previous-key": Self.long + "old"]))
        let keys = try await AgentKeys.load(api: store, namespace: "kargo")
        #expect(keys == AgentKeys(current: Array(Self.long.utf8), previous: Array((Self.long + "old").utf8)))
    }

    @Test(
        arguments: [
            (["other": long], "has no entry \"key\"; delete it to have it made"),
            (["key": "short"], ": entry \"key\" has 5 bytes; 32 are the fewest"),
            (["key": long, "previous-key": ""], ": entry \"previous-key\" has 0 bytes; 32 are the fewest"),
        ]
    )
    func `are not taken from a Secret that holds none`(data: [String: String], reason: String) async throws {
        let store = SecretStore(Self.secret(data))
        let failure = await #expect(throws: AgentKey.Failure.self) {
            try await AgentKeys.load(api: store, namespace: "kargo")
        }
        let title = "Secret \"kargo-agent-key\" in namespace kargo"
        #expect(failure?.description.replacing(title, with: "").drop { $0 == " " } == reason[...])
        #expect(store.calls.count == 1)
    }

    @Test func `tell what the controller has to be granted`() async throws {
        let failure = await #expect(throws: AgentKey.Failure.self) {
            try await AgentKeys.load(api: SecretStore(refusal: 403), namespace: "kargo")
        }
        #expect(
            failure?.description
                == "Secret \"kargo-agent-key\" in namespace kargo can't be read or made: not allowed; grant the "
                + "controller get on it and create on Secrets in its namespace, or set KARGO_AGENT_KEY_FILE"
        )
    }

    // MARK: Pods

    @Test(arguments: [("old", "old"), ("new", "new"), ("lost", "new")])
    func `prove the controller to a Pod by the one that it knows`(made: String, used: String) throws {
        func secret(_ key: String) -> AgentSecret {
            AgentSecret(key: Array(key.utf8), namespace: "demo", pod: "promotion-agent-uid-1", nonce: "00ff")
        }
        var pod = try AgentPodTemplate(image: "agent:1")
            .pod(for: PluginFixtures.promotion(), plugins: [], secret: secret(made))
        pod.metadata.annotations["kargo-extended.code.org/agent-nonce"] = "00ff"
        let keys = AgentKeys(current: Array("new".utf8), previous: Array("old".utf8))
        #expect(keys.secret(of: pod) == secret(used))
    }
}
