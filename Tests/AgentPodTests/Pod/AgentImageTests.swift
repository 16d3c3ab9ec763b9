import AgentPod
import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

@Suite("Image of agents")
struct AgentImageTests {
    private let api = ScriptedAPI([
        "/api/v1/namespaces/kargo/pods/controller-1": [
            "spec": [
                "containers": [
                    ["name": "proxy", "image": "proxy:1"],
                    ["name": "kargo-controller", "image": "kargo:2", "imagePullPolicy": "Always"],
                ]
            ]
        ],
        "/api/v1/namespaces/kargo/pods/single": ["spec": ["containers": [["name": "main", "image": "kargo:3"]]]],
    ])

    private func find(
        _ environment: [String: String] = [:],
        named name: String? = nil,
        pullPolicy: String? = nil,
        namespaceFile: String = "/nowhere"
    ) async throws -> AgentImage {
        try await AgentImage.find(
            named: name,
            pullPolicy: pullPolicy,
            environment: environment,
            namespaceFile: namespaceFile,
            api: api
        )
    }

    @Test func `is the one that is named, and then nothing is read`() async throws {
        let image = try await find(["POD_NAME": "controller-1", "POD_NAMESPACE": "kargo"], named: "mine:1")
        #expect(image == AgentImage(name: "mine:1", pullPolicy: "IfNotPresent"))
        #expect(try await find(named: "mine:1", pullPolicy: "Never").pullPolicy == "Never")
        #expect(api.paths == [])
    }

    @Test func `is the controller's own`() async throws {
        let environment = ["POD_NAME": "controller-1", "POD_NAMESPACE": "kargo"]
        #expect(try await find(environment) == AgentImage(name: "kargo:2", pullPolicy: "Always"))
        #expect(try await find(environment, pullPolicy: "Never").pullPolicy == "Never")
        let single = try await find(["POD_NAME": "single", "POD_NAMESPACE": "kargo"])
        #expect(single == AgentImage(name: "kargo:3", pullPolicy: "IfNotPresent"))
    }

    @Test func `is found by what Kubernetes says where the operator says nothing`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("kargo", to: "namespace")
            let environment = ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": "single"]
            let image = try await find(environment, namespaceFile: directory.file("namespace"))
            #expect(image.name == "kargo:3")
        }
    }

    @Test(arguments: [[:], ["HOSTNAME": "single"], ["POD_NAME": "single", "POD_NAMESPACE": ""]])
    func `is only a name outside of a Pod`(environment: [String: String]) async throws {
        #expect(try await find(environment).name == "kargo-agent")
    }

    @Test func `says what to set where the Pod can't be read`() async throws {
        let failure = try await #require(throws: AgentImage.Failure.self) {
            try await find(["POD_NAME": "gone", "POD_NAMESPACE": "kargo"])
        }
        #expect(failure.description.hasPrefix("KARGO_AGENT_IMAGE is not set, and Pod kargo/gone"))
        #expect(failure.description.hasSuffix("set it, or POD_NAME and POD_NAMESPACE to the controller's own Pod"))
    }

    // MARK: Versions

    @Test(
        arguments: [
            (["major": "1", "minor": "29", "gitVersion": "v1.29.0"], nil),
            (["major": "1", "minor": "29+", "gitVersion": "v1.29.3-gke.1"], nil),
            (["major": "2", "minor": "0"], nil), (["gitVersion": "v1.36.0"], nil), (["gitVersion": "unknown"], nil),
            (["major": "1", "minor": "28+", "gitVersion": "v1.28.15-eks-7f9249a"], "v1.28.15-eks-7f9249a"),
            (["gitVersion": "v1.9.1"], "v1.9.1"), (["major": "0", "minor": "99"], "v0.99"),
        ] as [(JSONValue, String?)]
    )
    func `needs a cluster that knows sidecars`(version: JSONValue, tooOld: String?) async throws {
        let api = ScriptedAPI(["/version": version])
        guard let tooOld else { return try await SidecarSupport.check(api) }
        let failure = try await #require(throws: SidecarSupport.Failure.self) { try await SidecarSupport.check(api) }
        #expect(
            failure.description
                == "the cluster runs Kubernetes \(tooOld), but plugins need v1.29 or newer; upgrade it, or set "
                + "STEP_PLUGINS_ENABLED=false"
        )
    }

    @Test func `waits for a cluster that is too busy to say its version`() async throws {
        let api = ScriptedAPI(["/version": ["gitVersion": "v1.30.0"]], failures: [503, 429])
        try await SidecarSupport.check(api, backoff: Backoff(first: .nanoseconds(1), longest: .nanoseconds(1)))
        #expect(api.paths.count == 3)
    }
}
