import ControlPlane
import KargoCore
import KargoTestSupport
import KubernetesClient
import Synchronization
import Testing

@Suite("What expressions read of a cluster", .timeLimit(.minutes(1)))
struct ClusterExpressionDataTests {
    private static func project() throws -> ProjectFixture {
        try ProjectFixture(
            (.configMaps, "{metadata: {name: settings, namespace: demo}, data: {region: eu}}"),
            (.configMaps, "{metadata: {name: settings, namespace: shared}, data: {region: everywhere}}"),
            (.secrets, "{metadata: {name: token, namespace: demo}, data: {value: YQ==}}"),
            (.freights, "{metadata: {name: f1, namespace: demo}, origin: {kind: Warehouse, name: w}}"),
            (.stages, "{metadata: {name: test, namespace: demo}, spec: {}, status: {metadata: {note: x}}}"),
            (
                .warehouses,
                "{metadata: {name: w, namespace: demo}, spec: {subscriptions: [{image: {repoURL: nginx}}, {git: {}, name: g}]}}"
            )
        )
    }

    private func data(_ api: any KubernetesAPI, patience: Backoff? = nil) -> ClusterExpressionData {
        ClusterExpressionData(api: api, sharedNamespace: "shared", patience: patience)
    }

    @Test func `is found in the Project or in the namespace for all`() async throws {
        let data = data(try Self.project())
        #expect(try await data.configMap("settings", in: .project("demo"))?.data == ["region": "eu"])
        #expect(try await data.configMap("settings", in: .shared)?.data == ["region": "everywhere"])
        #expect(try await data.secret("token", in: .project("demo"))?.bytes(forKey: "value") == [0x61])
        #expect(try await data.secret("token", in: .shared) == nil)
        #expect(try await data.freight("f1", project: "demo")?.origin.name == "w")
        #expect(try await data.stage("test", project: "demo")?.status.metadata == ["note": "x"])
        let subscriptions = try await data.warehouse("w", project: "demo")?.spec.subscriptions
        #expect(subscriptions?.map(\.kind) == ["image", "git"])
        #expect(subscriptions?.map(\.repoURL) == ["nginx", ""])
        #expect(subscriptions?.map(\.name) == ["", "g"])
    }

    @Test func `is nothing where there is no object`() async throws {
        let data = data(try Self.project())
        #expect(try await data.configMap("none", in: .project("demo")) == nil)
        #expect(try await data.freight("none", project: "demo") == nil)
        #expect(try await data.stage("none", project: "demo") == nil)
        #expect(try await data.warehouse("none", project: "demo") == nil)
    }

    @Test(arguments: ["", "..", ".", "a/b", "../secrets/token", "A", "a b", "-a", "a-", "ä", "a\u{0}"])
    func `is nothing under a name that no object can have, and the server isn't asked`(_ name: String) async throws {
        let api = BusyAPI(failures: .max, code: 503)
        #expect(try await data(api).configMap(name, in: .project("demo")) == nil)
        #expect(api.requests == 0)
    }

    @Test(arguments: [429, 500, 503])
    func `is asked for again while the server is busy`(_ code: Int) async throws {
        let api = BusyAPI(failures: 3, code: code)
        let patience = Backoff(first: .zero, longest: .zero)
        let map = try await data(api, patience: patience).configMap("settings", in: .project("demo"))
        #expect(map?.data == ["region": "eu"])
        #expect(api.requests == 4)
    }

    @Test(arguments: [(403, true), (401, true), (500, false), (429, false)])
    func `is an error where waiting doesn't help or isn't wanted`(_ code: Int, _ isPatient: Bool) async throws {
        let api = BusyAPI(failures: .max, code: code)
        let patience = isPatient ? Backoff(first: .zero, longest: .zero) : nil
        await #expect(throws: KubernetesError.self) {
            try await data(api, patience: patience).secret("token", in: .project("demo"))
        }
        #expect(api.requests == 1)
    }
}

/// Refuses some requests before it answers with a ConfigMap.
private final class BusyAPI: KubernetesAPI {
    private let count = Mutex(0)
    private let failures: Int
    private let code: Int

    init(failures: Int, code: Int) {
        self.failures = failures
        self.code = code
    }

    var requests: Int { count.withLock { $0 } }

    func send(_ request: APIRequest) async throws -> APIResponse {
        let number = count.withLock { count in
            count += 1
            return count
        }
        guard number > failures else { return APIResponse(status: code, body: []) }
        let object: JSONValue = ["metadata": ["name": "settings", "namespace": "demo"], "data": ["region": "eu"]]
        return APIResponse(status: 200, body: object.serialized())
    }

    func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
        throw KubernetesError(.badRequest, "nothing is followed here")
    }
}
