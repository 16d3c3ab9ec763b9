import KargoCore
import KargoTestSupport
import Subprocess
import Testing

/// What people do with kubectl.
@Suite(
    .tags(.integration),
    .enabled(if: NodeFixture.controller != nil && ClusterProcess.hasKubectl),
    .timeLimit(.minutes(2))
)
struct KubectlIntegrationTests {
    private func with(_ body: (ClusterProcess) async throws -> Void) async throws {
        try await ScopedDirectory.with { try await ClusterProcess.with($0, body) }
    }

    private func configMap(_ value: String, name: String = "colors") -> String {
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: \(name), labels: {app: paint}}
        data: {sky: \(value)}
        """
    }

    @Test func `applies what is new, changed and unchanged`() async throws {
        try await with { cluster in
            for (value, outcome) in [("blue", "created"), ("blue", "unchanged"), ("grey", "configured")] {
                let applied = try await cluster.kubectl("apply", "-f", "-", input: configMap(value))
                #expect(applied.text == "configmap/colors \(outcome)\n", "\(applied.problem)")
            }
            let sky = try await cluster.kubectl("get", "configmap", "colors", "-o", "jsonpath={.data.sky}")
            #expect(sky.text == "grey")
        }
    }

    @Test func `shows objects in every form`() async throws {
        try await with { cluster in
            _ = try await cluster.kubectl("create", "-f", "-", input: configMap("blue"))
            let table = try await cluster.kubectl("get", "cm", "-l", "app=paint")
            #expect(
                table.text.split(separator: "\n").map { $0.split(separator: " ").prefix(2) } == [
                    ["NAME", "DATA"], ["colors", "1"],
                ]
            )
            #expect(try await cluster.kubectl("get", "cm", "colors", "-o", "yaml").text.contains("  sky: blue\n"))
            #expect(try await cluster.kubectl("get", "cm", "colors", "-o", "json").text.contains("\"sky\": \"blue\""))
            #expect(try await cluster.kubectl("get", "cm", "-l", "app", "-o", "name").text == "configmap/colors\n")
            let missing = try await cluster.kubectl("get", "cm", "shapes")
            #expect(missing.problem == "Error from server (NotFound): configmaps \"shapes\" not found\n")
        }
    }

    @Test func `patches, waits and deletes`() async throws {
        try await with { cluster in
            _ = try await cluster.kubectl("create", "-f", "-", input: configMap("blue"))
            let patched = try await cluster.kubectl(
                "patch",
                "cm",
                "colors",
                "--type=merge",
                "-p",
                #"{"data":{"sky":"red"}}"#
            )
            #expect(patched.text == "configmap/colors patched\n", "\(patched.problem)")
            let waited = try await cluster.kubectl(
                "wait",
                "cm/colors",
                "--for=jsonpath={.data.sky}=red",
                "--timeout=20s"
            )
            #expect(waited.text == "configmap/colors condition met\n", "\(waited.problem)")
            #expect(try await cluster.kubectl("delete", "cm", "colors").text == "configmap \"colors\" deleted\n")
            #expect(try await cluster.kubectl("get", "cm", "colors", "--ignore-not-found").text.isEmpty)
        }
    }

    @Test func `watches objects as they come`() async throws {
        try await with { cluster in
            _ = try await cluster.kubectl("create", "-f", "-", input: configMap("blue"))
            _ = try await Subprocess.run(
                .name("kubectl"),
                arguments: ["get", "cm", "-l", "app", "-w", "-o", "name"],
                environment: .inherit.updating(["KUBECONFIG": cluster.installation.kubeconfig]),
                input: .none,
                output: .sequence,
                error: .discarded
            ) { execution in
                var lines = execution.standardOutput.strings().makeAsyncIterator()
                #expect(try await lines.next() == "configmap/colors")
                _ = try await cluster.kubectl("create", "-f", "-", input: configMap("blue", name: "shapes"))
                #expect(try await lines.next() == "configmap/shapes")
                ProcessSignal.terminate(execution.processIdentifier.value)
            }
        }
    }

    @Test func `runs a Pod and shows what it writes`() async throws {
        try await with { cluster in
            let pod = """
                apiVersion: v1
                kind: Pod
                metadata: {name: hello}
                spec:
                  restartPolicy: Never
                  containers:
                  - {name: main, image: any, command: [sh, -c, "echo hello; echo world"]}
                """
            _ = try await cluster.kubectl("apply", "-f", "-", input: pod)
            let waited = try await cluster.kubectl(
                "wait",
                "pod/hello",
                "--for=jsonpath={.status.phase}=Succeeded",
                "--timeout=20s"
            )
            #expect(waited.succeeded, "\(waited.problem)")
            #expect(try await cluster.kubectl("logs", "hello").text == "hello\nworld\n")
            #expect(try await cluster.kubectl("logs", "hello", "--tail=1").text == "world\n")
            #expect(try await cluster.kubectl("delete", "pod", "hello").succeeded)
        }
    }

    @Test func `makes a Project and its contents from one file`() async throws {
        try await with { cluster in
            let manifest = """
                apiVersion: kargo.akuity.io/v1alpha1
                kind: Project
                metadata: {name: shop}
                ---
                apiVersion: kargo.akuity.io/v1alpha1
                kind: Warehouse
                metadata: {name: images, namespace: shop}
                spec: {subscriptions: [{image: {repoURL: nginx}}]}
                """
            let applied = try await cluster.kubectl("apply", "-f", "-", input: manifest)
            #expect(applied.text.hasSuffix("warehouse.kargo.akuity.io/images created\n"), "\(applied.problem)")
            let label = try await cluster.kubectl(
                "get",
                "namespace",
                "shop",
                "-o",
                #"jsonpath={.metadata.labels.kargo\.akuity\.io/project}"#
            )
            #expect(label.text == "true")
        }
    }
}
