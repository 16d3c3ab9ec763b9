import ControlPlane
import KargoCore
import KargoTestSupport
import KubernetesClient
import LocalCluster
import Logging
import Subprocess
import Testing

@testable import ClusterDoctor

/// `kargo doctor` as a program, and on a cluster that runs.
@Suite(.tags(.integration), .timeLimit(.minutes(1)))
struct DoctorIntegrationTests {
    private struct Outcome {
        var status: TerminationStatus
        var output: String
        var problem: String
    }

    private func run(_ arguments: [String]) async throws -> Outcome {
        let outcome = try await Subprocess.run(
            .name("env"),
            arguments: Arguments([try #require(BuiltProgram.path("kargo")), "doctor"] + arguments),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        return Outcome(
            status: outcome.terminationStatus,
            output: outcome.standardOutput,
            problem: outcome.standardError
        )
    }

    /// Starts a cluster with a Project for the time of the body, which gets its kubeconfig and a connection.
    private func withCluster(
        _ definitions: [JSONValue],
        _ body: @escaping @Sendable (_ kubeconfig: String, _ api: ClusterConnection) async throws -> Void
    ) async throws {
        try await ScopedDirectory.with { directory in
            var configuration = LocalCluster.Configuration(dataDirectory: directory.file("data"), node: .none)
            configuration.namespaces = ["default", "demo", "kargo-system-resources"]
            configuration.customResourceDefinitions = definitions
            configuration.validationRules = KargoDefinitions.validationRules
            let logger = Logger(label: "cluster") { _ in SwiftLogNoOpLogHandler() }
            let cluster = LocalCluster(configuration, logger: logger)
            try await cluster.run { access in
                let configuration = try ClusterConfiguration.discover(environment: ["KUBECONFIG": access.kubeconfig])
                try await ClusterConnection.with(configuration) { try await body(access.kubeconfig, $0) }
            }
        }
    }

    private static let project: JSONValue = [
        "apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Project", "metadata": ["name": "demo"],
    ]

    private static func plugin(security: String) -> JSONValue {
        let container = """
            {name: a, image: 'a:1', ports: [{containerPort: 9765}], securityContext: {\(security)},
            resources: {requests: {cpu: 50m}, limits: {memory: 64Mi}}}
            """
        return [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
                "name": "a-step-plugin", "labels": ["kargo-extended.code.org/configmap-type": "StepPlugin"],
            ],
            "data": [
                "sidecar.container": .string(container),
                "sidecar.automountServiceAccountToken": "false", "steps.yaml": "- {kind: a}",
            ],
        ]
    }

    @Test(.enabled(if: BuiltProgram.path("kargo") != nil))
    func `ends with 0 on a local cluster, where the controller is outside`() async throws {
        try await withCluster(try KargoDefinitions.customResourceDefinitions) { kubeconfig, api in
            _ = try await api.create(.projects, Self.project)
            _ = try await api.create(.configMaps, namespace: "demo", Self.plugin(security: "runAsNonRoot: true"))
            let outcome = try await run(["--kubeconfig", kubeconfig, "-o", "json"])
            #expect(outcome.status == .exited(0), "\(outcome)")
            #expect(outcome.problem.isEmpty)
            let report = try JSONValue(parsing: Array(outcome.output.utf8))
            let problems = (report["findings"]?.arrayValue ?? []).filter { $0["state"] != "ok" }
            #expect(problems.map { $0["object"] } == ["Deployment kargo/kargo-controller"], "\(problems)")
            let objects = (report["findings"]?.arrayValue ?? []).compactMap { $0["object"]?.stringValue }
            #expect(objects.contains("Project demo"))
            #expect(objects.contains("ConfigMap demo/a-step-plugin"))
            let account = "system:serviceaccount:ours:kargo-controller"
            let text = try await run(["--kubeconfig", kubeconfig, "--as", account]).output
            #expect(text.contains("\(account) may do all that the controller does there"))
            #expect(text.contains("namespace ours"))
            #expect(text.hasSuffix("\n\n0 errors, 1 warning\n"))
        }
    }

    @Test(.enabled(if: BuiltProgram.path("kargo") != nil))
    func `ends with 1 where something is missing`() async throws {
        let definitions = try KargoDefinitions.customResourceDefinitions
            .filter { $0[path: "metadata", "name"] != "stages.kargo.akuity.io" }
        try await withCluster(definitions) { kubeconfig, api in
            _ = try await api.create(
                .configMaps,
                namespace: "kargo-system-resources",
                Self.plugin(security: "privileged: true")
            )
            let outcome = try await run(["--kubeconfig", kubeconfig])
            #expect(outcome.status == .exited(1), "\(outcome)")
            let errors = outcome.output.split(separator: "\n").filter { $0.hasPrefix("error ") }
            #expect(errors.count == 2, "\(outcome.output)")
            #expect(errors.first?.contains("CustomResourceDefinition stages.kargo.akuity.io") == true)
            #expect(errors.last?.contains("ConfigMap kargo-system-resources/a-step-plugin") == true)
            #expect(outcome.output.hasSuffix("\n2 errors, 1 warning\n"))
        }
    }

    @Test(.enabled(if: BuiltProgram.path("kargo") != nil))
    func `ends with 2 where no server answers`() async throws {
        try await ScopedDirectory.with { directory in
            let config = """
                current-context: c
                contexts: [{name: c, context: {cluster: c}}]
                clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
                """
            try directory.write(config, to: "config")
            let outcome = try await run(["--kubeconfig", directory.file("config"), "-o", "yaml"])
            #expect(outcome.status == .exited(2), "\(outcome)")
            let report = try JSONValue(yaml: outcome.output)
            #expect(report["reachable"] == false)
            #expect(report["findings"]?.arrayValue?.count == 1)
        }
    }
}
