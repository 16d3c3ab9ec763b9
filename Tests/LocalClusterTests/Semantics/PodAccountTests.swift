import KargoCore
import Testing

@testable import LocalCluster

@Suite("Pods and their ServiceAccounts", .timeLimit(.minutes(1)))
struct PodAccountTests {
    private static let accounts = "/api/v1/namespaces/default/serviceaccounts"
    private static let pods = "/api/v1/namespaces/default/pods"
    private static let directory: JSONValue = "/var/run/secrets/kubernetes.io/serviceaccount"

    private func create(
        _ cluster: HandlerFixture,
        _ spec: [String: JSONValue] = [:],
        mounts: JSONValue = .null
    ) async throws -> HandlerFixture.Answer {
        let container: JSONValue = ["name": "c", "image": "busybox", "volumeMounts": mounts]
        let content = spec.merging(["containers": [container]]) { $1 }
        return try await cluster.send("POST", Self.pods, ["metadata": ["name": "p"], "spec": .object(content)])
    }

    private func mounts(_ pod: JSONValue, _ list: String = "containers") -> [JSONValue?] {
        (pod[path: "spec", list]?.arrayValue?.first?["volumeMounts"]?.arrayValue ?? []).map { $0["mountPath"] }
    }

    @Test func `get a token, the authority and their namespace in a volume`() async throws {
        try await HandlerFixture.with { cluster in
            let helper: JSONValue = [["name": "i", "image": "busybox"]]
            let pod = try await create(cluster, ["initContainers": helper]).object
            #expect(mounts(pod) == [Self.directory] && mounts(pod, "initContainers") == [Self.directory])
            let volume = try #require(pod[path: "spec", "volumes"]?.arrayValue?.first)
            #expect(volume["name"]?.stringValue?.hasPrefix("kube-api-access-") == true)
            let sources = volume[path: "projected", "sources"]?.arrayValue ?? []
            #expect(sources.map { $0.objectValue?.keys.first } == ["serviceAccountToken", "configMap", "downwardAPI"])
            // Nobody but the server has set it.
            let fields = pod[path: "metadata", "managedFields"]?.text() ?? ""
            #expect(fields.contains("f:containers") && !fields.contains("f:volumes"))
        }
    }

    @Test(
        arguments: [
            (nil, nil, true), (nil, false, false), (false, nil, false), (false, true, false), (true, false, true),
        ] as [(Bool?, Bool?, Bool)]
    )
    func `get none where the Pod or else the account wants none`(
        pod: Bool?,
        account: Bool?,
        isMounted: Bool
    ) async throws {
        try await HandlerFixture.with { cluster in
            var object: JSONValue = ["metadata": ["name": "robot"], "imagePullSecrets": [["name": "registry"]]]
            object["automountServiceAccountToken"] = account.map(JSONValue.bool)
            try await cluster.create(Self.accounts, object)
            var spec: [String: JSONValue] = ["serviceAccountName": "robot"]
            spec["automountServiceAccountToken"] = pod.map(JSONValue.bool)
            let created = try await create(cluster, spec).object
            #expect(mounts(created) == (isMounted ? [Self.directory] : []))
            #expect(created[path: "spec", "imagePullSecrets"] == [["name": "registry"]])
        }
    }

    @Test func `keep what they have in its place`() async throws {
        try await HandlerFixture.with { cluster in
            let mount: JSONValue = ["name": "own", "mountPath": Self.directory]
            let volume: JSONValue = ["name": "own", "emptyDir": [:]]
            let pod = try await create(cluster, ["volumes": [volume]], mounts: [mount]).object
            #expect(pod[path: "spec", "volumes"] == [volume] && mounts(pod) == [Self.directory])
        }
    }

    @Test func `are refused without their account`() async throws {
        try await HandlerFixture.with { cluster in
            let answer = try await create(cluster, ["serviceAccountName": "nobody"])
            #expect(answer.status == 403 && answer.message.contains("serviceaccount \"nobody\" not found"))
        }
    }
}
